/* test_frame_dict.c -- small frames: the dictionary they are compressed with, and its keeping. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_dict.h"

#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "box.h"
#include "crc32c.h"
#include "rnd.h"
#include "run_ship.h"

enum { ID = 32769, TEXT_MAX = 3 * FRAME_DICT_MAX };
static const uint32_t ids_and_crcs[FRAME_DICTS][2] = { { ID, 0xe214bdf1 } };

static struct frame_coder *coder;

static int make_coder(void **state)
{
	(void)state;
	return frame_coder_new(&coder);
}

static int free_coder(void **state)
{
	(void)state;
	frame_coder_free(coder);
	return 0;
}

static const char line[] = "{\"srcip\":\"192.0.2.7\",\"srcport\":\"53\",\"dstip\":\"198.51.100.9\","
			   "\"dstport\":\"40000\"}\n";
enum { LINE = sizeof(line) - 1 };

/* `line`, compressed by the first version that had dictionaries. */
static const uint8_t old[] = "\x28\xb5\x2f\xfd\x22\x01\x80\x4e\xf5\x00\x00\x48\x37\x39\x30\x30\x30"
			     "\x30\x22\x7d\x0a\x06\xfc\xe7\xbf\x50\x05\xbe\x34\xab\x67\xba\x1c\x7c"
			     "\x44\xb9\x79\x20\x93\xdf\x02";
enum { OLD = sizeof(old) - 1, ID_AT = 5 };

static struct frame_header header_of(const void *payload, size_t n)
{
	return (struct frame_header){ .codec = FRAME_ZSTD_DICT,
		.kind = FRAME_LITE,
		.first_seq = 1,
		.count = 1,
		.raw_len = LINE,
		.stored_len = (uint32_t)n,
		.payload_crc = crc32c(payload, n) };
}

/* A value with that payload, read back. */
static int believe(const void *payload, size_t n)
{
	uint8_t value[FRAME_HEADER + 1024];
	struct frame_header h = header_of(payload, n);
	const uint8_t *found;
	struct buf out;

	frame_pack(&h, value);
	memcpy(value + FRAME_HEADER, payload, n);
	int unpacked = frame_unpack(value, FRAME_HEADER + n, &h, &found);
	buf_init(&out, FRAME_RAW_MAX);
	int err = frame_expand(coder, &h, payload, &out);
	if (!err)
		assert_memory_equal(out.data, line, LINE);
	buf_done(&out);
	/* a caller of the one without the other is told the same, but for bad text */
	assert_true(unpacked == err || (!unpacked && err == ERR_FRAME_DAMAGED));
	return err;
}

/* The text as a dictionary of a later version would have it: the present one under the next id. */
static size_t of_a_later_version(const char *text, size_t n, void *to, size_t room)
{
	static uint8_t bytes[65536];
	const struct frame_dict *d = &frame_dicts[FRAME_DICTS - 1];
	ZSTD_CCtx *ctx = ZSTD_createCCtx();

	assert_true(d->len <= sizeof(bytes));
	memcpy(bytes, d->bytes, d->len);
	bytes[4]++; /* the id stands behind the magic number */
	size_t packed = ZSTD_compress_usingDict(ctx, to, room, text, n, bytes, d->len, 6);
	(void)ZSTD_freeCCtx(ctx);
	assert_false(ZSTD_isError(packed));
	return packed;
}

static void i8_released_dictionaries_are_here_and_unchanged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FRAME_DICTS; i++) {
		const struct frame_dict *d = &frame_dicts[i];
		assert_int_equal(d->id, ids_and_crcs[i][0]);
		assert_int_equal(ZSTD_getDictID_fromDict(d->bytes, d->len), d->id);
		assert_int_equal(crc32c(d->bytes, d->len), ids_and_crcs[i][1]);
	}
}

static void i8_a_frame_of_the_first_dictionary_is_read(void **state)
{
	(void)state;
	assert_int_equal(believe(old, OLD), 0);
}

static void i8_a_frame_of_a_later_dictionary_is_refused_as_newer(void **state)
{
	uint8_t packed[1024];

	(void)state;
	size_t n = of_a_later_version(line, LINE, packed, sizeof(packed));
	assert_int_equal(packed[ID_AT], (ID + 1) & 0xff);
	assert_int_equal(believe(packed, n), ERR_SPOOL_FORMAT);
}

static void a_payload_that_names_no_dictionary_is_damaged(void **state)
{
	uint8_t packed[1024];
	size_t n = ZSTD_compress(packed, sizeof(packed), line, LINE, 1);

	(void)state;
	assert_int_equal(believe(packed, n), ERR_FRAME_DAMAGED);
	assert_int_equal(believe("no zstd at all", 14), ERR_FRAME_DAMAGED);
	assert_int_equal(believe("x", 1), ERR_FRAME_DAMAGED);
	memcpy(packed, old, OLD);
	packed[OLD - 4] ^= 0xff; /* right CRCs, wrong text */
	assert_int_equal(believe(packed, OLD), ERR_FRAME_DAMAGED);
}

/* n bytes of lines; returns the codec that was chosen for them, and the size. */
static enum frame_codec round_trip(size_t n, size_t *stored)
{
	static char text[TEXT_MAX];
	struct frame_header h = { .first_seq = 1 };
	struct buf packed, out;

	assert_true(n < TEXT_MAX);
	for (size_t i = 0; i < n; i++)
		text[i] = line[i % LINE];
	text[n - 1] = '\n';
	for (size_t i = 0; i < n; i++)
		h.count += text[i] == '\n';
	buf_init(&packed, 2 * TEXT_MAX);
	buf_init(&out, TEXT_MAX);
	assert_int_equal(frame_compress(coder, text, n, &packed, &h), 0);
	assert_int_equal(frame_expand(coder, &h, (uint8_t *)packed.data, &out), 0);
	assert_int_equal(out.len, n);
	assert_memory_equal(out.data, text, n);
	buf_done(&packed);
	buf_done(&out);
	*stored = h.stored_len;
	return h.codec;
}

static void small_text_takes_the_dictionary_and_large_text_does_not(void **state)
{
	size_t stored;

	(void)state;
	assert_int_equal(round_trip(LINE, &stored), FRAME_ZSTD_DICT);
	assert_int_equal(stored, OLD);
	assert_int_equal(round_trip(FRAME_DICT_MAX - 1, &stored), FRAME_ZSTD_DICT);
	assert_int_equal(round_trip(FRAME_DICT_MAX, &stored), FRAME_ZSTD);
	assert_int_equal(round_trip(1, &stored), FRAME_PLAIN);
	frame_coder_calm(coder, true);
	assert_int_equal(round_trip(FRAME_DICT_MAX, &stored), FRAME_ZSTD_DICT);
	assert_int_equal(round_trip(TEXT_MAX - 1, &stored), FRAME_ZSTD_DICT);
	frame_coder_calm(coder, false);
	assert_int_equal(round_trip(TEXT_MAX - 1, &stored), FRAME_ZSTD);
}

static void frames_of_all_sizes_leave_memory_as_it_was(void **state)
{
	struct rnd r = rnd_start();
	size_t stored;

	(void)state;
	for (unsigned i = 0; i < 600; i++) /* zstd grows to the largest size it has met */
		(void)round_trip(1 + rnd_below(&r, TEXT_MAX - 1), &stored);
	for (int calm = 1; calm >= 0; calm--) {
		frame_coder_calm(coder, calm);
		(void)round_trip(TEXT_MAX - 1, &stored);
	}
	struct mallinfo2 before = mallinfo2();
	for (unsigned i = 0; i < 600; i++) {
		frame_coder_calm(coder, rnd_below(&r, 2));
		(void)round_trip(1 + rnd_below(&r, TEXT_MAX - 1), &stored);
	}
	frame_coder_calm(coder, false);
	struct mallinfo2 after = mallinfo2();
	assert_true(after.uordblks + after.hblkhd <= before.uordblks + before.hblkhd + 4096);
}

/* Two frames of ours and behind them one of a later version. */
static void append_later(struct box *b)
{
	struct chain *c = box_chain(b, 0);
	uint8_t packed[1024];
	size_t n = of_a_later_version(line, LINE, packed, sizeof(packed));
	struct chain_frame f = { .header = header_of(packed, n), .payload = packed };

	box_append_ok(c, 3, 20);
	box_append_ok(c, 3, 20);
	assert_int_equal(chain_append(c, &f, 1, NULL), 0);
	chain_close(c);
}

static void i8_a_later_frame_in_a_spool_stops_the_reader_and_is_no_loss(void **state)
{
	struct box *b = *state;

	append_later(b);
	struct box_seen seen = box_read(b, "rec", 1);
	assert_int_equal(seen.end, ERR_SPOOL_FORMAT);
	assert_int_equal(seen.records, 6);
	assert_int_equal(seen.lost, 0);
}

static void i8_a_later_frame_in_a_spool_is_kept_and_not_settled(void **state)
{
	struct box *b = *state;
	char out[PATHS_MAX];

	append_later(b);
	assert_int_equal(paths_join(out, b->dir, "out"), 0);
	assert_int_equal(run_ship(b, "--out-file", out), 1);
	assert_int_equal(run_ship_acked(b).frontier, 6);
	assert_int_equal(run_ship_acked(b).counts.lost, 0);
	assert_false(box_has(b, "loss/00000000000000000001"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i8_released_dictionaries_are_here_and_unchanged),
		cmocka_unit_test(i8_a_frame_of_the_first_dictionary_is_read),
		cmocka_unit_test(i8_a_frame_of_a_later_dictionary_is_refused_as_newer),
		cmocka_unit_test(a_payload_that_names_no_dictionary_is_damaged),
		cmocka_unit_test(small_text_takes_the_dictionary_and_large_text_does_not),
		cmocka_unit_test(frames_of_all_sizes_leave_memory_as_it_was),
		BOX_TEST(i8_a_later_frame_in_a_spool_stops_the_reader_and_is_no_loss),
		BOX_TEST(i8_a_later_frame_in_a_spool_is_kept_and_not_settled),
	};

	return cmocka_run_group_tests(tests, make_coder, free_coder) ? 1 : 0;
}
