/* batch.c -- records on their way: chosen from the spool, made into a body. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "clock.h"
#include "json.h"
#include "record_id.h"

enum {
	FRAMES_AHEAD = 64, /* looked at for more records of one index */
	GZIP_LEVEL = 1,
	ACTION_MAX = 64,
	MEMBERS_MAX = 96,
};

struct batch_maker {
	struct batch_maker_conf conf;
	struct buf text, packed;
	struct libdeflate_compressor *deflate;
};

int batch_maker_new(const struct batch_maker_conf *conf, struct batch_maker **out)
{
	struct batch_maker *m = calloc(1, sizeof(*m));

	if (!m)
		return ERR_NOMEM;
	m->conf = *conf;
	buf_init(&m->text, BATCH_TEXT_MAX);
	buf_init(&m->packed, BATCH_TEXT_MAX + BATCH_TEXT_MAX / 16);
	m->deflate = libdeflate_alloc_compressor(GZIP_LEVEL);
	if (!m->deflate) {
		batch_maker_free(m);
		return ERR_NOMEM;
	}
	*out = m;
	return 0;
}

void batch_maker_free(struct batch_maker *m)
{
	if (!m)
		return;
	buf_done(&m->text);
	buf_done(&m->packed);
	libdeflate_free_compressor(m->deflate);
	free(m);
}

/* --- the body --- */

static char *copy(char *out, const void *p, size_t n)
{
	memcpy(out, p, n);
	return out + n;
}

#define COPY_TEXT(out, text) copy(out, text, sizeof(text) - 1)

/* {"create":{"_id":"..."}} */
static char *put_action(char *out, const struct frame_header *h, uint64_t seq)
{
	out = COPY_TEXT(out, "{\"create\":{\"_id\":\"");
	record_id_write(h->run, seq, out);
	return COPY_TEXT(out + RECORD_ID_LEN, "\"}}\n");
}

/* What anyone needs to check completeness, right behind the opening brace of all but lite. */
static char *put_members(char *out, const struct frame_header *h, uint64_t seq)
{
	out = COPY_TEXT(out, "{\"event.sequence\":");
	out = json_emit_u64(out, seq);
	out = COPY_TEXT(out, ",\"espcap.run\":\"");
	record_id_part(h->run, out);
	return COPY_TEXT(out + RECORD_ID_PART, "\",");
}

static int add_record(struct batch_maker *m, const struct frame_header *h, uint64_t seq,
	const char *line, size_t len)
{
	int err = buf_reserve(&m->text, len + ACTION_MAX + MEMBERS_MAX + JSON_SLACK);

	if (err)
		return err;
	char *out = m->text.data + m->text.len;
	if (m->conf.form == BATCH_BULK)
		out = put_action(out, h, seq);
	if (h->kind != FRAME_LITE && line[0] == '{') {
		out = put_members(out, h, seq);
		line++;
		len--;
	}
	out = copy(out, line, len); /* with its newline */
	m->text.len = (size_t)(out - m->text.data);
	return 0;
}

static int finish_body(struct batch_maker *m, struct batch *b)
{
	const void *from = m->text.data;
	size_t n = m->text.len;

	b->raw = n;
	if (m->conf.form == BATCH_BULK && n) {
		buf_reset(&m->packed);
		int err = buf_reserve(&m->packed, libdeflate_gzip_compress_bound(m->deflate, n));
		if (err)
			return err;
		n = libdeflate_gzip_compress(m->deflate, from, n, m->packed.data, m->packed.cap);
		from = m->packed.data;
	}
	buf_done(&b->body);
	buf_init(&b->body, BATCH_TEXT_MAX);
	b->body.data = malloc(n ? n : 1);
	if (!b->body.data)
		return ERR_NOMEM;
	memcpy(b->body.data, from, n);
	b->body.len = b->body.cap = n;
	return 0;
}

/* --- choosing records --- */

static const char *line_end(const char *p, const char *end)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	return newline ? newline + 1 : end;
}

/* The record's own time, which stands first in every document but lite. */
static int64_t time_of(const struct frame_header *h, const char *line, size_t len)
{
	static const char key[] = "{\"@timestamp\":\"";
	size_t n = sizeof(key) - 1;
	int64_t ns;

	if (len < n + CLOCK_ISO_LEN || memcmp(line, key, n) != 0 ||
		clock_parse_iso(line + n, &ns) != 0)
		return h->min_time_ns;
	return ns;
}

static bool is_full(const struct batch_maker *m, const struct batch *b)
{
	return b->count >= m->conf.records_max || m->text.len >= m->conf.text_max;
}

/* Does the record belong into this batch? The first one decides. */
static bool belongs(struct batch_maker *m, struct batch *b, const struct frame_header *h,
	uint64_t seq, int64_t time_ns)
{
	char index[INDEX_NAME_MAX];

	index_name(m->conf.patterns, h, seq, time_ns, index);
	if (b->count == 0) {
		b->kind = h->kind;
		(void)memcpy(b->index, index, sizeof(index));
		return true;
	}
	return b->kind == h->kind && strcmp(b->index, index) == 0;
}

/* Takes what it can of one frame. *left: records stay behind that nobody has taken. */
static int take_from(struct batch_maker *m, struct queue *q, struct batch *b,
	const struct reader_frame *f, bool *left)
{
	const struct frame_header *h = &f->header;
	const char *line = f->text, *end = f->text + h->raw_len;
	uint64_t last = h->first_seq + h->count - 1;
	bool uniform = index_name_same(m->conf.patterns, h);
	bool fits = uniform && belongs(m, b, h, h->first_seq, h->min_time_ns);

	for (uint64_t seq = h->first_seq; seq <= last && line < end; seq++) {
		const char *next = line_end(line, end);
		size_t len = (size_t)(next - line);
		bool open = window_holds(&q->window, seq) &&
			    window_get(&q->window, seq) == OUTCOME_UNREAD;
		if (open && !uniform)
			fits = belongs(m, b, h, seq, time_of(h, line, len));
		if (open && fits && !is_full(m, b)) {
			int err = add_record(m, h, seq, line, len);
			if (err)
				return err;
			b->seqs[b->count++] = seq;
			window_set(&q->window, seq, OUTCOME_TAKEN);
		} else if (open) {
			*left = true;
		}
		line = next;
	}
	return 0;
}

int batch_fill(struct batch_maker *m, struct queue *q, struct batch *b, bool *full)
{
	struct reader_frame f;
	uint64_t from = window_free(&q->window);
	int err = 0;

	*full = false;
	b->count = 0;
	b->alone = false;
	b->tries = 0;
	buf_reset(&m->text);
	for (unsigned i = 0; i < FRAMES_AHEAD && !is_full(m, b); i++) {
		if (!window_holds(&q->window, from)) {
			*full = true;
			break;
		}
		err = reader_next(q->reader, from, &f);
		if (f.gap.first)
			m->conf.gap(m->conf.gap_arg, q, &f.gap);
		if (err)
			break;
		err = take_from(m, q, b, &f, full);
		if (err)
			break;
		from = f.header.first_seq + f.header.count;
	}
	*full = *full || is_full(m, b);
	if (err == ERR_END || (err && b->count))
		err = 0;
	return err || !b->count ? err : finish_body(m, b);
}

static void untake(struct queue *q, uint64_t seq)
{
	if (window_get(&q->window, seq) != OUTCOME_TAKEN)
		return;
	window_set(&q->window, seq, OUTCOME_UNREAD);
	if (seq < q->window.free)
		q->window.free = seq;
}

void batch_release(struct queue *q, struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		untake(q, b->seqs[i]);
	b->count = 0;
	buf_done(&b->body);
	b->state = BATCH_FREE;
}

/* --- making it again --- */

/* Adds the records seqs[i], seqs[i + 1], ... that lie in the frame; returns the first that does
 * not. */
static size_t add_from(struct batch_maker *m, struct batch *b, const struct reader_frame *f,
	size_t i, size_t *kept)
{
	const struct frame_header *h = &f->header;
	const char *line = f->text, *end = f->text + h->raw_len;

	for (uint64_t seq = h->first_seq; line < end && i < b->count; seq++) {
		const char *next = line_end(line, end);
		if (b->seqs[i] == seq) {
			if (add_record(m, h, seq, line, (size_t)(next - line)))
				return i;
			b->seqs[(*kept)++] = seq;
			i++;
		}
		line = next;
	}
	return i;
}

int batch_rebuild(struct batch_maker *m, struct queue *q, struct batch *b)
{
	struct reader_frame f;
	size_t i = 0, kept = 0;

	buf_reset(&m->text);
	while (i < b->count) {
		int err = reader_next(q->reader, b->seqs[i], &f);
		if (err && err != ERR_END)
			return err;
		uint64_t first = err ? UINT64_MAX : f.header.first_seq;
		/* given up meanwhile, or damaged: then it is met again, as a gap */
		for (; i < b->count && b->seqs[i] < first; i++)
			untake(q, b->seqs[i]);
		if (i < b->count) {
			size_t before = i;
			i = add_from(m, b, &f, i, &kept);
			if (i == before)
				return ERR_NOMEM;
		}
	}
	b->count = kept;
	return kept ? finish_body(m, b) : 0;
}

int batch_record(
	struct queue *q, uint64_t seq, struct frame_header *h, const char **text, size_t *len)
{
	struct reader_frame f;
	int err = reader_next(q->reader, seq, &f);

	if (err)
		return err;
	if (f.header.first_seq > seq)
		return ERR_END;
	const char *line = f.text, *end = f.text + f.header.raw_len;
	for (uint64_t s = f.header.first_seq; s < seq; s++)
		line = line_end(line, end);
	*h = f.header;
	*text = line;
	*len = (size_t)(line_end(line, end) - line) - 1;
	return 0;
}
