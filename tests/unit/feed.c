/* feed.c -- numbered records into a writer, and what of them comes out of the spool again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "clock.h"
#include "disk.h"

enum { WAIT_MS = 60000 };
static const int64_t TIME_NS = INT64_C(1700000000000000000);

int feed_box(void **state)
{
	disk_reset();
	return box_make(state);
}

static void pause_1ms(void)
{
	const struct timespec t = { .tv_nsec = 1000000 };

	(void)nanosleep(&t, NULL);
}

struct feed feed_open_conf(struct box *b, const struct writer_conf *conf)
{
	struct feed f = { .box = b };
	struct err_detail why = { "" };

	if (writer_open(&b->spool, conf, &f.writer, &why))
		fail_msg("%s", why.text);
	return f;
}

struct feed feed_open(struct box *b, enum writer_policy when_full, uint64_t cap)
{
	const struct writer_conf conf = {
		.sensor = "edge \"7\"", .when_full = when_full, .flush_ms = 20, .cap = cap
	};

	return feed_open_conf(b, &conf);
}

static size_t write_record(char *p, uint64_t number, size_t pad)
{
	uint64_t x = number * UINT64_C(0x9e3779b97f4a7c15) + 1;
	int n = snprintf(p, 40, "{\"n\":%llu,\"pad\":\"", (unsigned long long)number);
	char *to = p + n;

	for (size_t i = 0; i < pad; i++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		*to++ = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[x >> 58];
	}
	memcpy(to, "\"}", 2);
	return (size_t)(to - p) + 2;
}

void feed_push(struct feed *f, enum frame_kind kind, uint64_t n, size_t pad)
{
	for (; n; n--) {
		char *p = writer_begin(f->writer, kind, pad + 64, f->file);
		f->offered++;
		f->number++;
		if (!p)
			continue;
		writer_end(f->writer, write_record(p, f->number, pad), TIME_NS + (int64_t)f->number,
			f->file, f->file ? f->number : 0);
		f->taken++;
	}
}

void feed_wait_state(struct feed *f, enum writer_state state)
{
	struct writer_status s;

	for (int i = 0; i < WAIT_MS; i++) {
		writer_status(f->writer, &s);
		if (s.state == state)
			return;
		pause_1ms();
	}
	fail_msg("the writer never came to state %d", (int)state);
}

void feed_wait_committed(struct feed *f, uint64_t committed)
{
	struct writer_status s;

	for (int i = 0; i < WAIT_MS; i++) {
		writer_status(f->writer, &s);
		if (s.committed >= committed)
			return;
		pause_1ms();
	}
	fail_msg("the writer never committed %llu records", (unsigned long long)committed);
}

int feed_close(struct feed *f, struct err_detail *why)
{
	int err = writer_close(f->writer, &f->last, why);

	f->writer = NULL;
	return err;
}

/* --- reading back --- */

static enum loss_reason reason_of(const char *name)
{
	for (unsigned r = 0; r < LOSS_REASONS; r++)
		if (strcmp(loss_name((enum loss_reason)r), name) == 0)
			return (enum loss_reason)r;
	fail_msg("there is no reason \"%s\"", name);
	return LOSS_REASONS;
}

static uint64_t number_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return item ? (uint64_t)item->valuedouble : 0;
}

static void read_loss(struct feed_found *found, const char *line, size_t n)
{
	cJSON *root = cJSON_ParseWithLength(line, n);
	const cJSON *espcap = cJSON_GetObjectItemCaseSensitive(root, "espcap");
	const cJSON *part = cJSON_GetObjectItemCaseSensitive(espcap, "loss");

	assert_non_null(part);
	struct loss loss = { .count = number_of(part, "count"),
		.bytes = number_of(part, "bytes"),
		.first_seq = number_of(part, "first_sequence"),
		.last_seq = number_of(part, "last_sequence") };
	loss.reason = reason_of(
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "reason")));
	found->documents++;
	found->lost[loss.reason] += loss.count;
	loss_add(&found->loss[loss.reason], &loss);
	cJSON_Delete(root);
}

static void read_record(struct feed_found *found, const char *line, uint64_t *before)
{
	assert_memory_equal(line, "{\"n\":", 5);
	uint64_t n = strtoull(line + 5, NULL, 10);

	assert_true(n > *before); /* in order, and none twice */
	*before = found->last_number = n;
	if (!found->records++)
		found->first_number = n;
}

static void read_frame(struct feed_found *found, const struct reader_frame *f, uint64_t *before)
{
	const char *line = f->text, *end = f->text + f->header.raw_len;

	found->frames++;
	found->kinds[f->header.kind] += f->header.count;
	found->totals = f->header.totals;
	assert_true(f->header.count <= FRAME_COUNT_MAX);
	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		if (f->header.kind == FRAME_EVENT)
			read_loss(found, line, (size_t)(newline - line));
		else
			read_record(found, line, before);
		line = newline + 1;
	}
}

struct feed_found feed_find(struct box *b)
{
	struct feed_found found = { 0 };
	struct reader_frame f;
	struct reader *r;
	uint64_t from = 1, before = 0;

	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	while (reader_next(r, from, &f) == 0) {
		read_frame(&found, &f, &before);
		found.seen.gaps += f.gap.first != 0;
		found.seen.lost += f.gap.lost;
		from = f.header.first_seq + f.header.count;
	}
	found.seen.last = from - 1;
	reader_free(r);
	return found;
}

/* --- the other side --- */

static void settle_for_ever(const struct box *b)
{
	uint64_t first, last = 0;
	struct frame_totals totals;
	struct reader *r;
	struct slots slots;
	struct ack ack;

	if (reader_new(&b->spool, "rec", &r) ||
		ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL))
		_exit(1);
	ack_read(&slots, &ack, NULL);
	for (;; pause_1ms()) {
		if (reader_extent(r, &first, &last, &totals) || last == ack.chain[ACK_REC].frontier)
			continue;
		ack.chain[ACK_REC].frontier = last;
		reader_forget(r, last);
		if (ack_write(&slots, &ack))
			_exit(1);
	}
}

pid_t feed_ship(struct box *b)
{
	pid_t child = fork();

	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		settle_for_ever(b);
	}
	assert_true(child > 0);
	return child;
}

void feed_end(pid_t ship)
{
	int status;

	assert_int_equal(kill(ship, SIGKILL), 0);
	assert_int_equal(waitpid(ship, &status, 0), ship);
	assert_true(WIFSIGNALED(status));
}
