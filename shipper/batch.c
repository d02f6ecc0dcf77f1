/* batch.c -- records on their way: chosen from the spool, made into a body. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "dead.h"
#include "gzip_member.h"
#include "json.h"
#include "record_id.h"

enum {
	FRAMES_AHEAD = 64, /* looked at for more records of one index */
	GZIP_LEVEL = 1,
	ACTION_MAX = 80 + INDEX_NAME_MAX,
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

void batch_maker_limit(struct batch_maker *m, size_t text_max)
{
	m->conf.text_max = text_max;
}

/* --- the body --- */

static char *copy(char *out, const void *p, size_t n)
{
	memcpy(out, p, n);
	return out + n;
}

#define COPY_TEXT(out, text) copy(out, text, sizeof(text) - 1)

/* One record of a frame, in the frame or in a line of its own. */
struct item {
	uint64_t run, seq; /* of its _id */
	enum frame_kind kind;
	const char *text;
	size_t len;
	struct dead_text index; /* p NULL: by kind and time */
	bool apart;
};

/* {"create":{"_id":"..."}}, or {"create":{"_index":"...","_id":"..."}} */
static char *put_action(char *out, const struct item *r, const char *index)
{
	out = COPY_TEXT(out, "{\"create\":{");
	if (index) {
		out = COPY_TEXT(out, "\"_index\":\"");
		out = copy(out, index, strlen(index));
		out = COPY_TEXT(out, "\",");
	}
	out = COPY_TEXT(out, "\"_id\":\"");
	record_id_write(r->run, r->seq, out);
	return COPY_TEXT(out + RECORD_ID_LEN, "\"}}\n");
}

/* What anyone needs to check completeness, right behind the opening brace of all but lite. */
static char *put_members(char *out, const struct item *r)
{
	out = COPY_TEXT(out, "{\"event.sequence\":");
	out = json_emit_u64(out, r->seq);
	out = COPY_TEXT(out, ",\"espcap.run\":\"");
	record_id_part(r->run, out);
	return COPY_TEXT(out + RECORD_ID_PART, "\",");
}

static int add_record(struct batch_maker *m, const struct batch *b, const struct item *r)
{
	const char *line = r->text;
	size_t len = r->len;
	int err = buf_reserve(&m->text, len + ACTION_MAX + MEMBERS_MAX + JSON_SLACK);

	if (err)
		return err;
	char *out = m->text.data + m->text.len;
	if (m->conf.form & BATCH_ACTIONS)
		out = put_action(out, r, m->conf.form & BATCH_NAMED ? b->index : NULL);
	bool members = r->kind != FRAME_LITE || (m->conf.form & BATCH_LITE);
	if (members && len && line[0] == '{') {
		out = put_members(out, r);
		line++;
		len--;
	}
	out = copy(out, line, len);
	*out++ = '\n';
	m->text.len = (size_t)(out - m->text.data);
	return 0;
}

static int finish_body(struct batch_maker *m, struct batch *b)
{
	const void *from = m->text.data;
	size_t n = m->text.len;

	b->raw = n;
	if ((m->conf.form & BATCH_GZIP) && n) {
		buf_reset(&m->packed);
		int err = buf_reserve(&m->packed,
			libdeflate_gzip_compress_bound(m->deflate, n) + GZIP_MEMBER_EXTRA);
		if (err)
			return err;
		n = m->conf.form & BATCH_SIZED ? gzip_member_write(m->deflate, from, n, &m->packed)
					       : libdeflate_gzip_compress(m->deflate, from, n,
							 m->packed.data, m->packed.cap);
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

/* Line number seq of a frame, len bytes without its newline. ERR_INPUT: one that nobody can read. */
static int item_of(const struct batch_maker *m, const struct frame_header *h, uint64_t seq,
	const char *line, size_t len, struct item *r)
{
	struct dead_line d;

	*r = (struct item){ .run = h->run, .seq = seq, .kind = h->kind, .text = line, .len = len };
	if (h->kind != FRAME_PARKED)
		return 0;
	int err = dead_line_read(line, len, &d);
	if (err)
		return err;
	r->run = d.run;
	r->seq = d.seq;
	r->kind = d.kind;
	r->text = d.record.p;
	r->len = d.record.len;
	r->index = d.index;
	r->apart = d.chain != ACK_REC ||
		   (m->conf.letters_settled && d.letter > *m->conf.letters_settled);
	return 0;
}

static bool is_long(const struct batch_maker *m)
{
	return m->text.len >= m->conf.text_max;
}

static bool is_full(const struct batch_maker *m, const struct batch *b)
{
	if (b->parks) /* one frame */
		return b->count >= FRAME_COUNT_MAX || m->text.len >= FRAME_RAW_CLOSE;
	return b->count >= (b->most ? b->most : m->conf.records_max) || is_long(m);
}

static void index_of(const struct batch_maker *m, const struct frame_header *h, uint64_t seq,
	const struct item *r, char out[INDEX_NAME_MAX])
{
	if (r->index.p)
		(void)snprintf(out, INDEX_NAME_MAX, "%.*s", (int)r->index.len, r->index.p);
	else
		index_name(m->conf.patterns, h, seq, frame_record_time(h, r->text, r->len), out);
}

/* Does the record belong into this batch? The first one decides. */
static bool belongs(struct batch *b, enum frame_kind kind, const struct item *r,
	const char index[INDEX_NAME_MAX], bool parks)
{
	if (b->count == 0) {
		b->kind = kind;
		b->apart = r->apart;
		b->parks = parks;
		(void)memcpy(b->index, index, INDEX_NAME_MAX);
		return true;
	}
	return b->kind == kind && b->apart == r->apart && b->parks == parks &&
	       strcmp(b->index, index) == 0;
}

/* A frame whose lines are looked at one by one. */
struct taking {
	struct batch_maker *m;
	struct queue *q;
	struct batch *b;
	const struct frame_header *h;
	bool uniform, decided, fits, hold; /* one look is enough for all of its records */
	bool *left;                        /* records stay behind that nobody has taken */
};

static void decide(struct taking *t, uint64_t seq, const struct item *r)
{
	const struct batch_maker_conf *conf = &t->m->conf;
	char index[INDEX_NAME_MAX];

	index_of(t->m, t->h, seq, r, index);
	enum batch_fate fate = conf->fate ? conf->fate(conf->gap_arg, t->q, index, seq) : FATE_SEND;
	t->hold = fate == FATE_HOLD;
	t->fits = !t->hold && belongs(t->b, t->h->kind, r, index, fate == FATE_PARK);
	t->decided = true;
}

static void note_seq(struct batch *b, size_t at, uint64_t seq, const struct item *r)
{
	b->seqs[at] = seq;
	if (b->id_seqs)
		b->id_seqs[at] = r->seq;
}

static int take_line(struct taking *t, uint64_t seq, const char *line, size_t len)
{
	struct item r;

	if (!window_holds(&t->q->window, seq) || window_get(&t->q->window, seq) != OUTCOME_UNREAD)
		return 0;
	if (item_of(t->m, t->h, seq, line, len, &r)) {
		const struct reader_gap gap = { seq, seq, 1, seq };
		t->m->conf.gap(t->m->conf.gap_arg, t->q, &gap);
		return 0;
	}
	if (!t->uniform || !t->decided)
		decide(t, seq, &r);
	if (t->hold) {
		window_set(&t->q->window, seq, OUTCOME_HELD);
		t->b->held++;
		return 0;
	}
	if (!t->fits || is_full(t->m, t->b)) {
		*t->left = true;
		return 0;
	}
	int err = add_record(t->m, t->b, &r);
	if (err)
		return err;
	note_seq(t->b, t->b->count++, seq, &r);
	window_set(&t->q->window, seq, OUTCOME_TAKEN);
	return 0;
}

/* Takes what it can of one frame. */
static int take_from(struct batch_maker *m, struct queue *q, struct batch *b,
	const struct reader_frame *f, bool *left)
{
	const struct frame_header *h = &f->header;
	const char *line = f->text, *end = f->text + h->raw_len;
	uint64_t last = h->first_seq + h->count - 1;
	struct taking t = { .m = m, .q = q, .b = b, .h = h, .left = left };
	int err = 0;

	t.uniform = h->kind != FRAME_PARKED && index_name_same(m->conf.patterns, h);
	for (uint64_t seq = h->first_seq; seq <= last && line < end && !err; seq++) {
		const char *next = line_end(line, end);
		err = take_line(&t, seq, line, (size_t)(next - line) - 1);
		line = next;
	}
	return err;
}

static void begin(struct batch_maker *m, struct batch *b)
{
	b->count = b->held = 0;
	b->alone = b->apart = b->parks = false;
	b->tries = b->unclear = 0;
	b->ask = ASK_LITTLE;
	buf_reset(&m->text);
}

int batch_fill(struct batch_maker *m, struct queue *q, struct batch *b, bool *full)
{
	struct reader_frame f;
	struct window *w = &q->window;
	uint64_t from = b->head ? window_head_free(w) : window_free(w);
	int err = 0;

	*full = false;
	begin(m, b);
	for (unsigned i = 0; i < FRAMES_AHEAD && !is_full(m, b); i++) {
		if (!window_holds(w, from)) {
			*full = true;
			break;
		}
		if (!b->head && w->head && from >= w->head->first)
			break; /* the head has batches of its own */
		err = reader_next(q->reader, from, &f);
		if (f.gap.first)
			m->conf.gap(m->conf.gap_arg, q, &f.gap);
		if (err)
			break;
		err = take_from(m, q, b, &f, full);
		if (err)
			break;
		from = window_next_unread(w, f.header.first_seq + f.header.count);
	}
	*full = *full || is_full(m, b);
	if (err == ERR_END || (err && b->count))
		err = 0;
	return err || !b->count || b->parks ? err : finish_body(m, b);
}

/* --- making it again --- */

/* Adds the records seqs[i], seqs[i + 1], ... that lie in the frame; returns the first that does
 * not. */
static size_t add_from(struct batch_maker *m, struct batch *b, const struct reader_frame *f,
	size_t i, size_t *kept)
{
	const struct frame_header *h = &f->header;
	const char *line = f->text, *end = f->text + h->raw_len;

	for (uint64_t seq = h->first_seq; line < end && i < b->count && !is_long(m); seq++) {
		const char *next = line_end(line, end);
		if (b->seqs[i] == seq) {
			struct item r;
			if (item_of(m, h, seq, line, (size_t)(next - line) - 1, &r) ||
				add_record(m, b, &r))
				return i;
			if (!b->tries)
				b->apart = r.apart;
			note_seq(b, (*kept)++, seq, &r);
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
	while (i < b->count && !is_long(m)) {
		int err = reader_next(q->reader, b->seqs[i], &f);
		if (err && err != ERR_END)
			return err;
		uint64_t first = err ? UINT64_MAX : f.header.first_seq;
		/* given up meanwhile, or damaged: then it is met again, as a gap */
		for (; i < b->count && b->seqs[i] < first; i++)
			window_untake(&q->window, b->seqs[i]);
		if (i < b->count) {
			size_t before = i;
			i = add_from(m, b, &f, i, &kept);
			if (i == before)
				return ERR_NOMEM;
		}
	}
	for (; i < b->count; i++)
		window_untake(&q->window, b->seqs[i]);
	b->count = kept;
	return kept ? finish_body(m, b) : 0;
}
