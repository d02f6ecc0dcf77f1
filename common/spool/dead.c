/* dead.c -- dead letters and parked records: a record, with what its line alone can tell. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead.h"

#include <string.h>

#include "clock.h"
#include "json.h"
#include "record_id.h"

enum { OTHER_MAX = 1024 };

/* --- writing --- */

int dead_letter_write(const struct dead_letter *letter, struct buf *out)
{
	size_t reason = strnlen(letter->reason, DEAD_REASON_MAX);
	size_t type = strnlen(letter->type, DEAD_TYPE_MAX),
	       index = strnlen(letter->index, DEAD_INDEX_MAX);
	size_t room = json_text_max(reason + type + index) + letter->len + OTHER_MAX + JSON_SLACK;
	char id[RECORD_ID_LEN], iso[CLOCK_ISO_LEN + 1];
	struct json j;

	int err = buf_reserve(out, room);
	if (err)
		return err;
	record_id_write(letter->run, letter->seq, id);
	clock_iso(letter->time_ns, iso);
	json_init(&j, out->data + out->len, room);
	json_open(&j, NULL);
	json_strn(&j, "_id", id, RECORD_ID_LEN);
	json_strn(&j, "_index", letter->index, index);
	json_u64(&j, "status", letter->status > 0 ? (uint64_t)letter->status : 0);
	json_strn(&j, "type", letter->type, type);
	json_strn(&j, "reason", letter->reason, reason);
	json_strn(&j, "time", iso, CLOCK_ISO_LEN);
	json_u64(&j, "attempts", letter->attempts);
	json_u64(&j, "sequence", letter->seq);
	json_strn(&j, "run", id, RECORD_ID_PART);
	json_str(&j, "chain", letter->chain == ACK_LOSS ? "loss" : "rec");
	json_str(&j, "kind", frame_kind_name(letter->kind));
	if (letter->flags)
		json_u64(&j, "flags", letter->flags);
	if (letter->carried)
		json_u64(&j, "carried", letter->carried);
	if (letter->parked)
		json_u64(&j, "parked", letter->parked);
	json_raw(&j, "record", letter->record, letter->len);
	json_close(&j);
	*j.p++ = '\n';
	out->len += json_len(&j);
	return 0;
}

/* --- reading --- */

/* A line being read from the front; `bad` is sticky. */
struct scan {
	const char *p, *end;
	bool bad;
};

static bool next_is(struct scan *s, const char *text)
{
	size_t n = strlen(text);

	if (s->bad || (size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	return true;
}

static void want(struct scan *s, const char *text)
{
	if (!next_is(s, text))
		s->bad = true;
}

static uint64_t number(struct scan *s)
{
	uint64_t value = 0;
	const char *start = s->p;

	for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
		if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
			__builtin_add_overflow(value, (uint64_t)(*s->p - '0'), &value))
			s->bad = true;
	s->bad = s->bad || s->p == start;
	return s->bad ? 0 : value;
}

/* Up to the closing quote, which is passed. */
static struct dead_text text(struct scan *s)
{
	struct dead_text t = { s->p, 0 };

	while (s->p < s->end && *s->p != '"')
		s->p += *s->p == '\\' ? 2 : 1;
	if (s->p >= s->end) {
		s->p = s->end;
		s->bad = true;
		return t;
	}
	t.len = (size_t)(s->p++ - t.p);
	return t;
}

static enum frame_kind kind(struct scan *s)
{
	struct dead_text t = text(s);

	for (unsigned i = 0; i < FRAME_DEAD; i++) {
		const char *name = frame_kind_name((enum frame_kind)i);
		if (strlen(name) == t.len && memcmp(name, t.p, t.len) == 0)
			return (enum frame_kind)i;
	}
	s->bad = true;
	return FRAME_FULL;
}

static void identity(struct scan *s, struct dead_line *d)
{
	uint64_t run = 0, seq = 0;

	want(s, ",\"sequence\":");
	d->seq = number(s);
	want(s, ",\"run\":\"");
	(void)text(s);
	want(s, ",\"chain\":\"");
	d->chain = next_is(s, "loss") ? ACK_LOSS : ACK_REC;
	if (d->chain == ACK_REC)
		want(s, "rec");
	want(s, "\",\"kind\":\"");
	d->kind = kind(s);
	s->bad = s->bad || d->id.len != RECORD_ID_LEN ||
		 record_id_parse(d->id.p, &run, &seq) != 0 || seq != d->seq || seq == 0;
	d->run = run;
}

int dead_line_read(const char *line, size_t len, struct dead_line *d)
{
	struct scan s = { line, line + len, false };

	*d = (struct dead_line){ 0 };
	want(&s, "{\"_id\":\"");
	d->id = text(&s);
	want(&s, ",\"_index\":\"");
	d->index = text(&s);
	want(&s, ",\"status\":");
	d->status = (unsigned)number(&s);
	want(&s, ",\"type\":\"");
	d->type = text(&s);
	want(&s, ",\"reason\":\"");
	d->reason = text(&s);
	want(&s, ",\"time\":\"");
	struct dead_text time = text(&s);
	s.bad = s.bad || time.len != CLOCK_ISO_LEN || clock_parse_iso(time.p, &d->time_ns) != 0;
	want(&s, ",\"attempts\":");
	d->attempts = number(&s);
	identity(&s, d);
	d->flags = next_is(&s, ",\"flags\":") ? (uint8_t)number(&s) : 0;
	d->head = (size_t)(s.p - line);
	d->carried = next_is(&s, ",\"carried\":") ? number(&s) : 0;
	d->parked = next_is(&s, ",\"parked\":") ? number(&s) : 0;
	d->letter = next_is(&s, ",\"letter\":") ? number(&s) : 0;
	want(&s, ",\"record\":");
	if (s.bad || s.end - s.p < 3 || s.end[-1] != '}' || d->index.len > DEAD_INDEX_MAX ||
		memchr(d->index.p, '\\', d->index.len))
		return ERR_INPUT;
	d->record = (struct dead_text){ s.p, (size_t)(s.end - s.p) - 1 };
	return 0;
}

int dead_line_move(const char *line, const struct dead_line *d, uint64_t letter, struct buf *out)
{
	size_t before = out->len;

	int err = buf_add(out, line, d->head);
	if (!err && letter)
		err = buf_printf(out, ",\"letter\":%llu", (unsigned long long)letter);
	if (!err)
		err = buf_adds(out, ",\"record\":");
	if (!err)
		err = buf_add(out, d->record.p, d->record.len);
	if (!err)
		err = buf_adds(out, "}\n");
	if (err)
		out->len = before;
	return err;
}
