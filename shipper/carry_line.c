/* carry_line.c -- a line of a file that --out-file has written becomes a record again. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "carry_line.h"

#include <string.h>

#include "json_check.h"
#include "record_id.h"

static const char action_begin[] = "{\"create\":{\"_index\":\"", action_id[] = "\",\"_id\":\"",
		  action_end[] = "\"}}",
		  seq_begin[] = "{\"event.sequence\":", run_begin[] = ",\"espcap.run\":\"",
		  lite_begin[] = "{\"srcip\":\"", time_begin[] = "{\"@timestamp\":\"";

/* A line being read from the front. */
struct scan {
	char *p, *end;
};

static bool next_is(struct scan *s, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool begins(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static bool read_id(const char *text, uint64_t *run, uint64_t *seq)
{
	return record_id_parse(text, run, seq) == 0 && *seq != 0;
}

/* --- action lines --- */

static bool is_index_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-_.+", c));
}

static bool read_action(struct carry_lines *c, struct scan s)
{
	size_t n = 0;

	while (s.p < s.end && is_index_char(*s.p) && n < INDEX_NAME_MAX - 1)
		c->index[n++] = *s.p++;
	c->index[n] = '\0';
	if (!n || !next_is(&s, action_id) || s.end - s.p < RECORD_ID_LEN ||
		!read_id(s.p, &c->run, &c->seq))
		return false;
	s.p += RECORD_ID_LEN;
	return next_is(&s, action_end) && s.p == s.end;
}

/* --- documents --- */

static uint64_t read_number(struct scan *s)
{
	uint64_t value = 0;

	for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
		if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
			__builtin_add_overflow(value, (uint64_t)(*s->p - '0'), &value))
			return 0;
	return value;
}

/* The members in front of a document; what is behind them becomes an object again. */
static bool read_members(struct scan *s, uint64_t *run, uint64_t *seq)
{
	char id[RECORD_ID_LEN];
	uint64_t number;

	*seq = read_number(s);
	if (!*seq || !next_is(s, run_begin) || s->end - s->p < RECORD_ID_PART + 2)
		return false;
	memcpy(id, s->p, RECORD_ID_PART);
	memset(id + RECORD_ID_PART, '0', RECORD_ID_PART);
	if (record_id_parse(id, run, &number) != 0)
		return false;
	s->p += RECORD_ID_PART;
	if (!next_is(s, "\",") || s->p == s->end)
		return false;
	*--s->p = '{';
	return true;
}

/* Inside of a string a quote has a backslash before it: these can only be members. The first one of
 * either name is that of the document's own event and espcap. */
static bool has(const struct dead_letter *r, const char *member)
{
	return memmem(r->record, r->len, member, strlen(member)) != NULL;
}

static void tell_kind(struct dead_letter *r)
{
	static const char dataset[] = "\"dataset\":\"espcap.";
	const char *p = memmem(r->record, r->len, dataset, sizeof(dataset) - 1);
	size_t left = p ? (size_t)(r->record + r->len - p) - (sizeof(dataset) - 1) : 0;

	if (begins(r->record, r->len, lite_begin))
		r->kind = FRAME_LITE;
	else if (p && !begins(p + sizeof(dataset) - 1, left, "packet\""))
		r->kind = FRAME_EVENT;
	else
		r->kind = FRAME_FULL;
	if (r->kind == FRAME_FULL && has(r, "\"clock\":\"unsynced\""))
		r->flags = FRAME_UNSYNCED;
}

static enum carry_line bad(const char **why, const char *text)
{
	*why = text;
	return CARRY_BAD;
}

static enum carry_line read_document(
	struct carry_lines *c, struct scan s, struct dead_letter *r, const char **why)
{
	bool named = c->waits, members = next_is(&s, seq_begin);

	c->waits = false;
	if (members && !read_members(&s, &r->run, &r->seq))
		return bad(why, "event.sequence and espcap.run cannot be read");
	if (named && members && (r->run != c->run || r->seq != c->seq))
		return bad(why, "not the document of the action line before it");
	if (!named && !members)
		return bad(why, "no document of espcap-ship --out-file");
	size_t len = (size_t)(s.end - s.p);
	if (!begins(s.p, len, time_begin) && !begins(s.p, len, lite_begin))
		return bad(why, "no document of espcap-ship --out-file");
	if (!json_is_object(s.p, len))
		return bad(why, "a document that is not whole, or damaged");
	if (named) {
		r->run = c->run;
		r->seq = c->seq;
	}
	r->record = s.p;
	r->len = len;
	tell_kind(r);
	if (!named) {
		const struct frame_header h = { .kind = r->kind, .flags = r->flags };
		index_name(c->patterns, &h, UINT64_MAX, frame_record_time(&h, s.p, len), c->index);
	}
	r->index = c->index;
	return CARRY_RECORD;
}

enum carry_line carry_line_read(
	struct carry_lines *c, char *line, size_t len, struct dead_letter *record, const char **why)
{
	struct scan s = { line, line + len };

	if (len && line[len - 1] == '\r') /* it has been through Windows */
		s.end--;
	*record = (struct dead_letter){ .chain = ACK_REC, .type = "", .reason = "" };
	if (s.p == s.end && !c->waits)
		return CARRY_BLANK;
	if (!next_is(&s, action_begin))
		return read_document(c, s, record, why);
	bool waited = c->waits;
	c->waits = read_action(c, s);
	if (waited)
		return bad(why, "an action line where a document should be");
	return c->waits ? CARRY_ACTION
			: bad(why, "no action line of espcap-ship --out-format bulk");
}
