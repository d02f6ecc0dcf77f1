/* ship_batch.c -- tests of batches: records chosen from a real spool, and made into a body. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "batch.h"
#include "box.h"
#include "clock.h"
#include "dead.h"
#include "record_id.h"

enum { RECORD_MAX = 512, RECORDS = 400, BODY_MAX = 1 << 20 };

static const int64_t DAY = INT64_C(86400) * 1000000000, START = INT64_C(1767225600) * 1000000000;
static const uint64_t letters_settled = 7;
static const struct index_patterns patterns = { .count = 1,
	.items = { { 1, "p-%Y.%m.%d", false } } };

/* What the spool holds, as the test knows it. */
static struct {
	char text[RECORDS + 1][RECORD_MAX];
	enum frame_kind kind[RECORDS + 1];
	size_t count;
	uint64_t run;
	struct reader_gap gap;
	unsigned gaps;
} known;

static struct queue queue;
static struct chain *chain;
static struct batch_maker *maker;
static struct batch batch;
static char body[BODY_MAX], expected[BODY_MAX];

static void on_gap(void *arg, struct queue *q, const struct reader_gap *gap)
{
	assert_ptr_equal(arg, &known);
	known.gap = *gap;
	known.gaps++;
	window_pass_over(&q->window, gap->first, gap->last, gap->lost);
}

static void begin_maker(unsigned form, size_t records_max, size_t text_max)
{
	const struct batch_maker_conf conf = { .form = form,
		.records_max = records_max,
		.text_max = text_max,
		.gap = on_gap,
		.gap_arg = &known,
		.patterns = &patterns,
		.letters_settled = &letters_settled };

	batch_maker_free(maker);
	assert_int_equal(batch_maker_new(&conf, &maker), 0);
}

static int begin(void **state)
{
	static const struct ack_chain nothing;
	struct box *box;

	memset(&known, 0, sizeof(known));
	if (box_make(state))
		return -1;
	box = *state;
	chain = box_chain(box, 0);
	known.run = chain_run(chain);
	queue = (struct queue){ .name = "rec", .id = ACK_REC };
	assert_int_equal(reader_new(&box->spool, "rec", &queue.reader), 0);
	assert_int_equal(window_init(&queue.window, &nothing), 0);
	batch = (struct batch){ .seqs = calloc(BATCH_RECORDS_MAX, sizeof(uint64_t)) };
	begin_maker(BATCH_BULK, BATCH_RECORDS_MAX, BATCH_TEXT_MAX / 2);
	return batch.seqs ? 0 : -1;
}

static int end(void **state)
{
	reader_free(queue.reader);
	window_done(&queue.window);
	chain_close(chain);
	batch_maker_free(maker);
	maker = NULL;
	buf_done(&batch.body);
	free(batch.seqs);
	return box_drop(state);
}

/* Appends one frame of records whose times are given in days since START. */
static void append(enum frame_kind kind, unsigned count, const double *days)
{
	static char raw[RECORD_MAX * 64];
	char iso[CLOCK_ISO_LEN + 1];
	struct chain_frame frame = { .header = { .kind = kind,
					     .count = count,
					     .min_time_ns = INT64_MAX,
					     .max_time_ns = INT64_MIN } };
	struct frame_coder *coder;
	struct err_detail why;
	struct buf packed;
	size_t n = 0;

	for (unsigned i = 0; i < count; i++) {
		int64_t ns = START + (int64_t)(days[i] * (double)DAY);
		uint64_t seq = ++known.count;
		clock_iso(ns, iso);
		if (kind == FRAME_LITE)
			(void)snprintf(known.text[seq], RECORD_MAX, "{\"srcport\":\"%llu\"}",
				(unsigned long long)seq);
		else
			(void)snprintf(known.text[seq], RECORD_MAX,
				"{\"@timestamp\":\"%s\",\"n\":%llu}", iso, (unsigned long long)seq);
		known.kind[seq] = kind;
		n += (size_t)snprintf(raw + n, sizeof(raw) - n, "%s\n", known.text[seq]);
		if (ns < frame.header.min_time_ns)
			frame.header.min_time_ns = ns;
		if (ns > frame.header.max_time_ns)
			frame.header.max_time_ns = ns;
	}
	buf_init(&packed, 1 << 20);
	assert_int_equal(frame_coder_new(&coder), 0);
	assert_int_equal(frame_compress(coder, raw, n, &packed, &frame.header), 0);
	frame.payload = packed.data;
	assert_int_equal(chain_append(chain, &frame, 1, &why), 0);
	frame_coder_free(coder);
	buf_done(&packed);
}

/* Thirteen digits of base32hex (RFC 4648, section 7), most significant first. */
static void digits_of(uint64_t number, char out[14])
{
	for (int i = 12; i >= 0; i--, number >>= 5)
		out[i] = "0123456789abcdefghijklmnopqrstuv"[number & 31];
	out[13] = '\0';
}

/* The body that the records of the batch have to give. */
static size_t expect_body(enum batch_form form)
{
	char run[14], seq[14];
	size_t n = 0;

	digits_of(known.run, run);
	for (size_t i = 0; i < batch.count; i++) {
		const char *text = known.text[batch.seqs[i]];
		digits_of(batch.seqs[i], seq);
		if (form == BATCH_BULK)
			n += (size_t)snprintf(expected + n, BODY_MAX - n,
				"{\"create\":{\"_id\":\"%s%s\"}}\n", run, seq);
		if (known.kind[batch.seqs[i]] != FRAME_LITE)
			n += (size_t)snprintf(expected + n, BODY_MAX - n,
				"{\"event.sequence\":%llu,\"espcap.run\":\"%s\",",
				(unsigned long long)batch.seqs[i], run);
		n += (size_t)snprintf(expected + n, BODY_MAX - n, "%s\n",
			text + (known.kind[batch.seqs[i]] != FRAME_LITE));
	}
	return n;
}

static size_t unpack_body(void)
{
	z_stream z = { 0 };

	assert_int_equal(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
	z.next_in = (Bytef *)batch.body.data;
	z.avail_in = (uInt)batch.body.len;
	z.next_out = (Bytef *)body;
	z.avail_out = BODY_MAX;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END); /* with its CRC */
	assert_int_equal(z.avail_in, 0);
	assert_int_equal(inflateEnd(&z), Z_OK);
	return z.total_out;
}

static void assert_body(enum batch_form form)
{
	size_t n = expect_body(form), got = batch.body.len;

	if (form == BATCH_BULK)
		got = unpack_body();
	else
		memcpy(body, batch.body.data, got);
	assert_int_equal(got, n);
	assert_memory_equal(body, expected, n);
	assert_int_equal(batch.raw, n);
	assert_int_equal(batch.body.len, batch.body.cap); /* exactly as large as it is */
}

static bool fill(void)
{
	bool full = false;

	buf_done(&batch.body);
	assert_int_equal(batch_fill(maker, &queue, &batch, &full), 0);
	return full;
}

static void assert_batch(uint64_t first, size_t count, const char *index)
{
	assert_int_equal(batch.count, count);
	assert_string_equal(batch.index, index);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(batch.seqs[i], first + i);
		assert_int_equal(window_get(&queue.window, first + i), OUTCOME_TAKEN);
	}
}

static const double noon[] = { 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 };

static void a_body_holds_an_action_and_a_document_for_each_record(void **state)
{
	(void)state;
	append(FRAME_FULL, 3, noon);
	append(FRAME_FULL, 2, noon);
	assert_false(fill());
	assert_batch(1, 5, "p-2026.01.01");
	assert_body(BATCH_BULK);
}

static void without_a_bulk_server_documents_stand_alone(void **state)
{
	(void)state;
	begin_maker(BATCH_NDJSON, 100, 100000);
	append(FRAME_FULL, 3, noon);
	(void)fill();
	assert_batch(1, 3, "p-2026.01.01");
	assert_body(BATCH_NDJSON);
}

static void a_lite_document_is_sent_as_it_is(void **state)
{
	(void)state;
	append(FRAME_LITE, 4, noon);
	(void)fill();
	assert_batch(1, 4, "packets_lite");
	assert_body(BATCH_BULK);
}

static void an_empty_spool_gives_an_empty_batch(void **state)
{
	(void)state;
	assert_false(fill());
	assert_int_equal(batch.count, 0);
}

static void nothing_is_taken_twice(void **state)
{
	(void)state;
	append(FRAME_FULL, 5, noon);
	(void)fill();
	assert_int_equal(batch.count, 5);
	assert_false(fill());
	assert_int_equal(batch.count, 0);
	append(FRAME_FULL, 2, noon);
	(void)fill();
	assert_batch(6, 2, "p-2026.01.01");
}

static void released_records_are_taken_again(void **state)
{
	(void)state;
	append(FRAME_FULL, 5, noon);
	(void)fill();
	window_set(&queue.window, 2, OUTCOME_INDEXED);
	batch_release(&queue, &batch);
	assert_int_equal(batch.state, BATCH_FREE);
	(void)fill();
	assert_int_equal(batch.count, 4); /* what is settled stays settled */
	assert_int_equal(batch.seqs[0], 1);
	assert_int_equal(batch.seqs[1], 3);
	assert_body(BATCH_BULK);
}

static void a_batch_has_no_more_records_than_it_may(void **state)
{
	(void)state;
	begin_maker(BATCH_BULK, 3, 100000);
	append(FRAME_FULL, 8, noon);
	assert_true(fill());
	assert_batch(1, 3, "p-2026.01.01");
	assert_body(BATCH_BULK);
	assert_true(fill());
	assert_batch(4, 3, "p-2026.01.01");
	assert_false(fill());
	assert_batch(7, 2, "p-2026.01.01");
	assert_body(BATCH_BULK);
}

static void a_batch_ends_with_the_record_that_reaches_its_size(void **state)
{
	(void)state;
	begin_maker(BATCH_BULK, 100, 300);
	append(FRAME_FULL, 10, noon);
	assert_true(fill());
	assert_body(BATCH_BULK);
	assert_true(batch.raw >= 300);
	size_t count = batch.count;
	batch.count--;
	assert_true(expect_body(BATCH_BULK) < 300); /* one less would not have reached it */
	batch.count = count;
	assert_true(fill());
	assert_int_equal(batch.seqs[0], count + 1);
}

static void a_batch_goes_to_one_index(void **state)
{
	static const double days[] = { 0.9, 1.1, 0.95, 1.2, 2.5, 0.1 };

	(void)state;
	append(FRAME_FULL, 6, days);
	assert_true(fill());
	assert_string_equal(batch.index, "p-2026.01.01");
	assert_int_equal(batch.count, 3);
	assert_int_equal(batch.seqs[0], 1);
	assert_int_equal(batch.seqs[1], 3);
	assert_int_equal(batch.seqs[2], 6);
	assert_body(BATCH_BULK);
	assert_true(fill());
	assert_string_equal(batch.index, "p-2026.01.02");
	assert_int_equal(batch.count, 2);
	assert_false(fill());
	assert_string_equal(batch.index, "p-2026.01.03");
	assert_int_equal(batch.count, 1);
	assert_body(BATCH_BULK);
}

static void kinds_do_not_mix(void **state)
{
	(void)state;
	append(FRAME_FULL, 2, noon);
	append(FRAME_EVENT, 1, noon);
	append(FRAME_FULL, 1, noon);
	append(FRAME_LITE, 1, noon);
	(void)fill();
	assert_int_equal(batch.count, 3);
	assert_int_equal(batch.kind, FRAME_FULL);
	assert_int_equal(batch.seqs[2], 4);
	(void)fill();
	assert_batch(3, 1, "espcap-events-2026.01");
	assert_int_equal(batch.kind, FRAME_EVENT);
	assert_body(BATCH_BULK);
	(void)fill();
	assert_batch(5, 1, "packets_lite");
}

static void a_batch_can_be_made_again(void **state)
{
	(void)state;
	append(FRAME_FULL, 5, noon);
	append(FRAME_FULL, 5, noon);
	(void)fill();
	assert_int_equal(batch.count, 10);
	batch.seqs[0] = 2; /* the rest was settled */
	batch.seqs[1] = 5;
	batch.seqs[2] = 6;
	batch.seqs[3] = 10;
	batch.count = 4;
	assert_int_equal(batch_rebuild(maker, &queue, &batch), 0);
	assert_int_equal(batch.count, 4);
	assert_int_equal(batch.seqs[3], 10);
	assert_body(BATCH_BULK);
}

/* The link has become thin since it was sent. */
static void a_batch_that_is_too_long_by_now_leaves_its_rest(void **state)
{
	(void)state;
	append(FRAME_FULL, 5, noon);
	append(FRAME_FULL, 5, noon);
	(void)fill();
	assert_int_equal(batch.count, 10);
	size_t all = batch.raw;
	for (size_t limit = 1; limit < all; limit += all / 9) {
		batch_maker_limit(maker, limit);
		assert_int_equal(batch_rebuild(maker, &queue, &batch), 0);
		assert_int_equal(batch.count, limit / (all / 10) + 1);
		assert_true(batch.raw >= limit && batch.raw < limit + all / 10 + 10);
		assert_body(BATCH_BULK);
		size_t kept = batch.count;
		assert_int_equal(window_free(&queue.window), kept + 1);
		batch_release(&queue, &batch);
		batch_maker_limit(maker, BATCH_TEXT_MAX / 2);
		(void)fill(); /* nothing was lost of it */
		assert_int_equal(batch.count, 10);
	}
}

/* Breaks every copy of the frame that begins with a sequence. */
static void damage(const struct box *box, uint64_t seq)
{
	char path[PATHS_MAX];
	uint8_t head[16] = "ESPF";
	long at;

	head[4] = FRAME_VERSION;
	head[5] = FRAME_ZSTD_DICT;
	for (unsigned i = 0; i < 8; i++)
		head[8 + i] = (uint8_t)(seq >> 8 * i);
	assert_int_equal(paths_join(path, box_segment(box, 1), "data.mdb"), 0);
	while ((at = box_find(path, head, sizeof(head))) >= 0)
		box_poke(path, at, "XXXX", 4);
}

/* What was on its way when its frame was damaged must not hold the frontier for ever. */
static void a_record_that_vanished_while_it_waited_becomes_a_gap(void **state)
{
	(void)state;
	append(FRAME_FULL, 2, noon);
	append(FRAME_FULL, 3, noon);
	append(FRAME_FULL, 2, noon);
	(void)fill();
	assert_int_equal(batch.count, 7);
	damage(*state, 3);
	reader_forget(queue.reader, UINT64_MAX); /* what it has in memory is still good */
	assert_int_equal(batch_rebuild(maker, &queue, &batch), 0);
	assert_int_equal(batch.count, 4);
	assert_int_equal(batch.seqs[1], 2);
	assert_int_equal(batch.seqs[2], 6);
	assert_body(BATCH_BULK);
	assert_int_equal(window_free(&queue.window), 3);
	(void)fill();
	assert_int_equal(batch.count, 0);
	assert_int_equal(known.gap.first, 3);
	assert_int_equal(known.gap.last, 5);
	assert_int_equal(known.gap.lost, 3);
	assert_int_equal(window_free(&queue.window), 8);
}

/* full and slim documents share an index, but nothing else. */
static void kinds_of_one_index_do_not_mix_either(void **state)
{
	(void)state;
	append(FRAME_FULL, 2, noon);
	append(FRAME_SLIM, 2, noon);
	assert_true(fill());
	assert_batch(1, 2, "p-2026.01.01");
	assert_int_equal(batch.kind, FRAME_FULL);
	assert_false(fill());
	assert_batch(3, 2, "p-2026.01.01");
	assert_int_equal(batch.kind, FRAME_SLIM);
}

static void one_record_can_be_read_again(void **state)
{
	struct frame_header h;
	const char *text;
	size_t len;

	(void)state;
	append(FRAME_FULL, 5, noon);
	append(FRAME_LITE, 3, noon);
	for (uint64_t seq = 1; seq <= 8; seq++) {
		assert_int_equal(batch_record(&queue, seq, &h, &text, &len), 0);
		assert_int_equal(len, strlen(known.text[seq]));
		assert_memory_equal(text, known.text[seq], len);
		assert_int_equal(h.kind, known.kind[seq]);
	}
	assert_int_equal(batch_record(&queue, 9, &h, &text, &len), ERR_END);
}

static void a_gap_is_told_and_what_lies_behind_it_is_taken(void **state)
{
	struct box *box = *state;

	append(FRAME_FULL, 2, noon);
	reader_free(queue.reader);
	chain_close(chain);
	chain = box_chain(box, 49); /* an ack knew of 49: sequences are never used again */
	known.run = chain_run(chain);
	known.count = 49;
	assert_int_equal(reader_new(&box->spool, "rec", &queue.reader), 0);
	append(FRAME_FULL, 2, noon);
	(void)fill();
	assert_int_equal(batch.count, 4);
	assert_int_equal(batch.seqs[2], 50);
	assert_int_equal(known.gap.first, 3);
	assert_int_equal(known.gap.last, 49);
	assert_int_equal(known.gap.lost, 0);
	assert_int_equal(window_free(&queue.window), 52);
}

static void nothing_is_taken_beyond_a_full_window(void **state)
{
	(void)state;
	append(FRAME_FULL, 3, noon);
	for (uint64_t seq = 1; seq <= WINDOW_SIZE; seq++)
		window_set(&queue.window, seq, OUTCOME_TAKEN);
	assert_true(fill());
	assert_int_equal(batch.count, 0);
}

/* A parked record by its own _id into its own index; what another chain counts is apart. */
static void append_parked(enum frame_kind kind, uint64_t seq, const char *index, uint64_t letter)
{
	static const char record[] = "{\"a\":1}";
	const struct dead_letter l = { .run = 0x99,
		.seq = seq,
		.chain = seq % 2 ? ACK_REC : ACK_LOSS,
		.kind = kind,
		.index = index,
		.type = "t",
		.reason = "r",
		.record = record,
		.len = sizeof(record) - 1 };
	struct dead_line d;
	struct buf text, parked;

	buf_init(&text, 4096);
	buf_init(&parked, 4096);
	assert_int_equal(dead_letter_write(&l, &text), 0);
	assert_int_equal(dead_line_read(text.data, text.len - 1, &d), 0);
	assert_int_equal(dead_line_move(text.data, &d, letter, &parked), 0);
	assert_int_equal(chain_append_text(chain, FRAME_PARKED, &parked, 1, NULL, NULL), 0);
	buf_done(&text);
	buf_done(&parked);
}

static void a_parked_record_goes_by_its_own_id_into_its_own_index(void **state)
{
	char want[RECORD_MAX], id[RECORD_ID_LEN + 1] = "", run[RECORD_ID_PART + 1] = "";

	(void)state;
	record_id_write(0x99, 41, id);
	memcpy(run, id, RECORD_ID_PART);
	append_parked(FRAME_SLIM, 41, "own", 5);
	assert_false(fill());
	assert_batch(1, 1, "own");
	assert_false(batch.apart);
	size_t n = unpack_body();
	int len = snprintf(want, sizeof(want),
		"{\"create\":{\"_id\":\"%s\"}}\n{\"event.sequence\":41,\"espcap.run\":\"%s\","
		"\"a\":1}\n",
		id, run);
	assert_int_equal(n, len);
	assert_memory_equal(body, want, n);
	batch.count = 1;
	assert_int_equal(batch_rebuild(maker, &queue, &batch), 0);
	assert_int_equal(unpack_body(), len);
	assert_memory_equal(body, want, n);
}

static void parked_records_of_other_indices_and_chains_do_not_mix(void **state)
{
	(void)state;
	append_parked(FRAME_LITE, 41, "one", 5);
	append_parked(FRAME_FULL, 43, "two", 6);
	append_parked(FRAME_EVENT, 44, "two", 7); /* a loss document */
	append_parked(FRAME_FULL, 45, "two", 8);  /* whose letter is not settled */
	assert_true(fill());
	assert_batch(1, 1, "one");
	size_t n = unpack_body();
	assert_memory_equal(body + n - 9, "\n{\"a\":1}\n", 9); /* lite: as it is */
	assert_true(fill());
	assert_batch(2, 1, "two");
	assert_false(batch.apart);
	assert_false(fill());
	assert_batch(3, 2, "two");
	assert_true(batch.apart);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_body_holds_an_action_and_a_document_for_each_record),
		TEST(without_a_bulk_server_documents_stand_alone),
		TEST(a_lite_document_is_sent_as_it_is),
		TEST(an_empty_spool_gives_an_empty_batch),
		TEST(nothing_is_taken_twice),
		TEST(released_records_are_taken_again),
		TEST(a_batch_has_no_more_records_than_it_may),
		TEST(a_batch_ends_with_the_record_that_reaches_its_size),
		TEST(a_batch_goes_to_one_index),
		TEST(kinds_do_not_mix),
		TEST(kinds_of_one_index_do_not_mix_either),
		TEST(a_batch_can_be_made_again),
		TEST(a_batch_that_is_too_long_by_now_leaves_its_rest),
		TEST(a_record_that_vanished_while_it_waited_becomes_a_gap),
		TEST(one_record_can_be_read_again),
		TEST(a_gap_is_told_and_what_lies_behind_it_is_taken),
		TEST(nothing_is_taken_beyond_a_full_window),
		TEST(a_parked_record_goes_by_its_own_id_into_its_own_index),
		TEST(parked_records_of_other_indices_and_chains_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
