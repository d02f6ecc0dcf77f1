/* test_dead.c -- dead letters: whole, valid, and durable before anything counts as settled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "box.h"
#include "crc32c.h"
#include "json_judge.h"
#include "record_id.h"
#include "run_ship.h"

static const char record[] = "{\"@timestamp\":\"x\",\"layers\":{\"ip.ttl\":1}}";

static struct dead_letter letter(void)
{
	return (struct dead_letter){ .run = 0x1234,
		.seq = 77,
		.index = "espcap-packets-2026.01.02",
		.status = 400,
		.type = "mapper_parsing_exception",
		.reason = "no \"such\" thing",
		.time_ns = INT64_C(1767323045123456789),
		.attempts = 3,
		.record = record,
		.len = sizeof(record) - 1 };
}

static cJSON *written(const struct dead_letter *l, struct buf *out)
{
	size_t before = out->len;

	assert_int_equal(dead_letter_write(l, out), 0);
	size_t n = out->len - before - 1;
	assert_int_equal(out->data[out->len - 1], '\n');
	assert_null(memchr(out->data + before, '\n', n));
	assert_true(judge_json(out->data + before, n));
	return cJSON_ParseWithLength(out->data + before, n);
}

static const char *text_of(const cJSON *root, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, name));
}

static double number_of(const cJSON *root, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(root, name)->valuedouble;
}

static void a_letter_keeps_the_record_its_id_and_why(void **state)
{
	struct dead_letter l = letter();
	struct buf out;
	char id[RECORD_ID_LEN + 1] = "";

	(void)state;
	buf_init(&out, 1 << 20);
	record_id_write(l.run, l.seq, id);
	assert_int_equal(buf_adds(&out, "{}\n"), 0);
	for (int i = 0; i < 3; i++) {
		cJSON *root = written(&l, &out);
		assert_string_equal(text_of(root, "_id"), id);
		assert_string_equal(text_of(root, "_index"), l.index);
		assert_string_equal(text_of(root, "type"), l.type);
		assert_string_equal(text_of(root, "reason"), l.reason);
		assert_string_equal(text_of(root, "time"), "2026-01-02T03:04:05.123456789Z");
		assert_memory_equal(text_of(root, "run"), id, RECORD_ID_PART);
		assert_true(number_of(root, "status") == 400 && number_of(root, "attempts") == 3);
		assert_true(number_of(root, "sequence") == 77);
		char *kept = cJSON_PrintUnformatted(
			cJSON_GetObjectItemCaseSensitive(root, "record"));
		assert_string_equal(kept, record);
		free(kept);
		cJSON_Delete(root);
	}
	assert_memory_equal(out.data, "{}\n", 3);
	buf_done(&out);
}

static void a_line_is_read_as_it_was_written(void **state)
{
	struct dead_letter l = letter();
	struct dead_line d;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	l.chain = ACK_LOSS;
	l.kind = FRAME_ECS;
	l.flags = FRAME_UNSYNCED;
	l.parked = 9;
	l.reason = "a \"quoted\" \\ reason,\"record\":{";
	assert_int_equal(dead_letter_write(&l, &out), 0);
	assert_int_equal(dead_line_read(out.data, out.len - 1, &d), 0);
	assert_true(d.run == l.run && d.seq == l.seq && d.chain == ACK_LOSS);
	assert_true(
		d.kind == FRAME_ECS && d.flags == FRAME_UNSYNCED && d.parked == 9 && d.letter == 0);
	assert_true(d.status == 400 && d.attempts == 3 && d.time_ns == l.time_ns);
	assert_int_equal(d.index.len, strlen(l.index));
	assert_memory_equal(d.index.p, l.index, d.index.len);
	assert_memory_equal(d.type.p, l.type, d.type.len);
	assert_int_equal(d.record.len, l.len);
	assert_memory_equal(d.record.p, l.record, l.len);
	size_t record_at = (size_t)(d.record.p - out.data);
	for (size_t n = 0; n < record_at; n++)
		assert_int_equal(dead_line_read(out.data, n, &d), ERR_INPUT);
	buf_done(&out);
}

static void a_line_goes_to_parked_and_back(void **state)
{
	struct dead_letter l = letter();
	struct dead_line d, e;
	struct buf out, moved;

	(void)state;
	buf_init(&out, 1 << 20);
	buf_init(&moved, 1 << 20);
	l.parked = 9;
	assert_int_equal(dead_letter_write(&l, &out), 0);
	assert_int_equal(dead_line_read(out.data, out.len - 1, &d), 0);
	assert_int_equal(dead_line_move(out.data, &d, 12345, &moved), 0);
	assert_true(judge_json(moved.data, moved.len - 1));
	assert_int_equal(dead_line_read(moved.data, moved.len - 1, &e), 0);
	assert_true(e.letter == 12345 && e.parked == 0 && e.seq == d.seq && e.run == d.run);
	assert_int_equal(e.record.len, l.len);
	assert_memory_equal(e.record.p, l.record, l.len);
	buf_reset(&out);
	l.parked = 0;
	assert_int_equal(dead_letter_write(&l, &out), 0);
	struct buf back;
	buf_init(&back, 1 << 20);
	assert_int_equal(dead_line_move(moved.data, &e, 0, &back), 0);
	assert_int_equal(back.len, out.len);
	assert_memory_equal(back.data, out.data, out.len);
	buf_done(&back);
	buf_done(&out);
	buf_done(&moved);
}

static void what_is_no_line_is_not_read(void **state)
{
	static const char *const changes[][2] = { { "\"_id\"", "\"_ID\"" },
		{ "\"sequence\":77", "\"sequence\":78" }, /* not that of the _id */
		{ "\"sequence\":77", "\"sequence\":99999999999999999999" },
		{ "\"chain\":\"rec\"", "\"chain\":\"dead\"" },
		{ "\"kind\":\"full\"", "\"kind\":\"dead\"" },
		{ "\"time\":\"2026", "\"time\":\"20xx" }, { "\"attempts\":3", "\"attempts\":" } };
	struct dead_letter l = letter();
	struct dead_line d;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char text[2048];
		buf_init(&out, 1 << 20);
		assert_int_equal(dead_letter_write(&l, &out), 0);
		assert_int_equal(dead_line_read(out.data, out.len - 1, &d), 0);
		const char *at = strstr(buf_str(&out), changes[i][0]);
		assert_non_null(at);
		int n = snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - out.data), out.data,
			changes[i][1], at + strlen(changes[i][0]));
		assert_int_equal(dead_line_read(text, (size_t)n - 1, &d), ERR_INPUT);
		buf_done(&out);
	}
	assert_int_equal(dead_line_read("", 0, &d), ERR_INPUT);
}

static void what_a_server_says_is_cut_and_made_harmless(void **state)
{
	struct dead_letter l = letter();
	struct buf out;
	char noise[5000];

	(void)state;
	buf_init(&out, 1 << 20);
	for (int c = 1; c < 256; c++) {
		memset(noise, c, sizeof(noise) - 1);
		noise[sizeof(noise) - 1] = '\0';
		l.type = l.reason = l.index = noise;
		l.status = -2147483647;
		l.run = l.seq = UINT64_MAX;
		l.attempts = UINT32_MAX;
		buf_reset(&out);
		cJSON *root = written(&l, &out);
		assert_non_null(root);
		if (c >= ' ' && c < 0x7f)
			assert_int_equal(strlen(text_of(root, "reason")), DEAD_REASON_MAX);
		assert_non_null(cJSON_GetObjectItemCaseSensitive(root, "record"));
		cJSON_Delete(root);
	}
	buf_done(&out);
}

static void the_largest_record_is_kept_whole(void **state)
{
	struct dead_letter l = letter();
	const size_t n = 1 << 20;
	char *big = malloc(n);
	struct buf out;

	(void)state;
	memset(big, 'x', n);
	memcpy(big, "{\"a\":\"", 6);
	memcpy(big + n - 2, "\"}", 2);
	l.record = big;
	l.len = n;
	buf_init(&out, FRAME_RAW_MAX);
	cJSON *root = written(&l, &out);
	const cJSON *kept = cJSON_GetObjectItemCaseSensitive(root, "record");
	assert_int_equal(strlen(text_of(kept, "a")), n - 8);
	cJSON_Delete(root);
	buf_done(&out);
	free(big);
}

static void a_letter_that_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
	struct dead_letter l = letter();
	struct buf out;

	(void)state;
	buf_init(&out, 600);
	assert_int_equal(buf_adds(&out, "before"), 0);
	assert_int_equal(dead_letter_write(&l, &out), ERR_TOO_BIG);
	assert_int_equal(out.len, 6);
	assert_memory_equal(out.data, "before", 6);
	buf_done(&out);
}

/* chain_append() returns: the letter can be read by another process, also after a kill. */
static void i10_a_letter_is_durable_when_its_append_returns(void **state)
{
	struct box *b = *state;
	struct chain_conf conf = { .name = "dead", .map_size = CHAIN_MAP_SMALL };
	struct chain_frame frame = { .header = { .kind = FRAME_DEAD, .count = 1 } };
	struct dead_letter l = letter();
	struct frame_coder *coder;
	struct reader_frame f;
	struct reader *r;
	struct chain *c;
	struct buf out, packed;

	buf_init(&out, 1 << 20);
	buf_init(&packed, 1 << 20);
	cJSON_Delete(written(&l, &out));
	assert_int_equal(frame_coder_new(&coder), 0);
	assert_int_equal(frame_compress(coder, out.data, out.len, &packed, &frame.header), 0);
	frame.payload = packed.data;
	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	assert_int_equal(chain_append(c, &frame, 1, NULL), 0);
	assert_int_equal(reader_new(&b->spool, "dead", &r), 0);
	assert_int_equal(reader_next(r, 1, &f), 0);
	assert_int_equal(f.header.kind, FRAME_DEAD);
	assert_int_equal(f.header.raw_len, out.len);
	assert_memory_equal(f.text, out.data, out.len);
	reader_free(r);
	chain_close(c);
	frame_coder_free(coder);
	buf_done(&out);
	buf_done(&packed);
}

/* --- (I10), with the real espcap-ship and a server that refuses every record --- */

static const char script[] =
	"{\"rules\":[{\"match\":{\"path\":\"*_bulk\"},\"action\":{\"items\":"
	"{\"status\":400,\"type\":\"mapper_parsing_exception\",\"reason\":\"no\","
	"\"which\":\"all\"}}}]}";

/* Its address, when it listens. */
static pid_t start_server(const struct box *b, char url[64])
{
	char port_file[PATHS_MAX + 16], script_file[PATHS_MAX + 16];
	unsigned port = 0;

	(void)snprintf(port_file, sizeof(port_file), "%s/port", b->dir);
	(void)snprintf(script_file, sizeof(script_file), "%s/script", b->dir);
	assert_int_equal(paths_replace(script_file, script, sizeof(script) - 1), 0);
	const char *const words[] = { "--port", "0", "--port-file", port_file, "--script",
		script_file, NULL };
	pid_t server = run_start("fake-es", words);
	for (int i = 0; i < 20000 && port == 0; i++) {
		FILE *f = fopen(port_file, "re");
		if (f && fscanf(f, "%u", &port) != 1)
			port = 0;
		if (f)
			(void)fclose(f);
		(void)usleep(1000);
	}
	assert_true(port > 0);
	(void)snprintf(url, 64, "http://127.0.0.1:%u", port);
	return server;
}

static void append_lite(struct box *b, uint32_t count)
{
	static const char line[] = "{\"srcip\":\"1.2.3.4\"}\n";
	struct chain_frame f = {
		.header = { .codec = FRAME_PLAIN, .kind = FRAME_LITE, .count = count }
	};
	struct chain *c = box_chain(b, 0);
	char text[1000];
	size_t n = 0;

	for (uint32_t i = 0; i < count; i++, n += sizeof(line) - 1)
		memcpy(text + n, line, sizeof(line) - 1);
	f.header.raw_len = f.header.stored_len = (uint32_t)n;
	f.header.payload_crc = crc32c(text, n);
	f.payload = text;
	assert_int_equal(chain_append(c, &f, 1, NULL), 0);
	chain_close(c);
}

/* No file of ours, and of programs started from now on, grows beyond this. */
static void small_files(rlim_t bytes)
{
	const struct rlimit limit = { bytes, RLIM_INFINITY };

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void i10_no_frontier_passes_a_letter_that_could_not_be_written_down(void **state)
{
	struct box *b = *state;
	char url[64];
	pid_t server = start_server(b, url);
	struct reader_frame f;
	struct reader *r;

	append_lite(b, 4);
	/* a file where the folder of dead letters should be */
	assert_int_equal(paths_replace(box_path(b, "dead"), "x", 1), 0);
	assert_int_equal(run_ship(b, "--node", url), 1);
	assert_int_equal(run_ship_acked(b).frontier, 0);
	assert_int_equal(run_ship_acked(b).counts.dead, 0);
	assert_int_equal(unlink(box_path(b, "dead")), 0);
	small_files(2 * SLOTS_SIZE); /* the chain opens, but no segment can be written */
	(void)run_ship(b, "--node", url);
	small_files(RLIM_INFINITY);
	assert_int_equal(run_ship_acked(b).frontier, 0);
	assert_int_equal(run_ship_acked(b).counts.dead, 0);
	assert_int_equal(run_ship(b, "--node", url), 1);
	assert_int_equal(run_ship_acked(b).frontier, 4);
	assert_int_equal(run_ship_acked(b).counts.dead, 4);
	assert_int_equal(reader_new(&b->spool, "dead", &r), 0);
	assert_int_equal(reader_next(r, 1, &f), 0);
	assert_int_equal(f.header.count, 4);
	assert_non_null(memmem(f.text, f.header.raw_len, "mapper_parsing_exception", 24));
	reader_free(r);
	assert_int_equal(kill(server, SIGKILL), 0);
	assert_int_equal(waitpid(server, NULL, 0), server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_keeps_the_record_its_id_and_why),
		cmocka_unit_test(a_line_is_read_as_it_was_written),
		cmocka_unit_test(a_line_goes_to_parked_and_back),
		cmocka_unit_test(what_is_no_line_is_not_read),
		cmocka_unit_test(what_a_server_says_is_cut_and_made_harmless),
		cmocka_unit_test(the_largest_record_is_kept_whole),
		cmocka_unit_test(a_letter_that_does_not_fit_leaves_the_buffer_as_it_was),
		BOX_TEST(i10_no_frontier_passes_a_letter_that_could_not_be_written_down),
		BOX_TEST(i10_a_letter_is_durable_when_its_append_returns),
	};

	return TEST_RUN(tests);
}
