/* json_check.c -- is a text one JSON object? */
/* SPDX-License-Identifier: Apache-2.0 */
#include "json_check.h"

#include <stdint.h>
#include <string.h>

#include "json.h"

/* Read from the front; `objects` has a bit for each level that is one, the innermost lowest. */
struct check {
	const char *p, *end;
	uint64_t objects;
	unsigned depth;
};

static void skip_blanks(struct check *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\r' || *c->p == '\n'))
		c->p++;
}

static bool next_is(struct check *c, char wanted)
{
	skip_blanks(c);
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static bool is_hex(char x)
{
	return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'f') || (x >= 'A' && x <= 'F');
}

/* Behind a backslash. */
static bool escape(struct check *c)
{
	if (c->p == c->end || !*c->p || !strchr("\"\\/bfnrtu", *c->p))
		return false;
	if (*c->p++ != 'u')
		return true;
	for (unsigned i = 0; i < 4; i++, c->p++)
		if (c->p == c->end || !is_hex(*c->p))
			return false;
	return true;
}

/* Behind the opening quote. */
static bool string(struct check *c)
{
	while (c->p < c->end) {
		unsigned char x = (unsigned char)*c->p;
		if (x == '"') {
			c->p++;
			return true;
		}
		if (x == '\\') {
			c->p++;
			if (!escape(c))
				return false;
		} else if (x >= 0x20 && x < 0x80) {
			c->p++;
		} else {
			unsigned n = x < 0x20 ? 0
					      : json_utf8_len((const uint8_t *)c->p,
							(size_t)(c->end - c->p));
			if (!n)
				return false;
			c->p += n;
		}
	}
	return false;
}

static bool digits(struct check *c)
{
	const char *start = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return c->p > start;
}

static bool number(struct check *c)
{
	if (*c->p == '-')
		c->p++;
	const char *first = c->p;
	if (!digits(c) || (*first == '0' && c->p > first + 1))
		return false;
	if (c->p < c->end && *c->p == '.') {
		c->p++;
		if (!digits(c))
			return false;
	}
	if (c->p < c->end && (*c->p == 'e' || *c->p == 'E')) {
		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			c->p++;
		return digits(c);
	}
	return true;
}

static bool word(struct check *c, const char *wanted)
{
	size_t n = strlen(wanted);

	if ((size_t)(c->end - c->p) < n || memcmp(c->p, wanted, n) != 0)
		return false;
	c->p += n;
	return true;
}

static bool scalar(struct check *c)
{
	switch (*c->p) {
	case '"':
		c->p++;
		return string(c);
	case 't':
		return word(c, "true");
	case 'f':
		return word(c, "false");
	case 'n':
		return word(c, "null");
	default:
		return number(c);
	}
}

static bool key(struct check *c)
{
	return next_is(c, '"') && string(c) && next_is(c, ':');
}

static bool enter(struct check *c, bool object)
{
	if (c->depth == JSON_CHECK_DEPTH)
		return false;
	c->depth++;
	c->objects = c->objects << 1 | object;
	return true;
}

/* Leaves what ends here; false at the comma that another member follows, or at what should be one. */
static bool leave(struct check *c)
{
	if (!next_is(c, c->objects & 1 ? '}' : ']'))
		return false;
	c->objects >>= 1;
	c->depth--;
	return true;
}

/* A value or the beginning of one. *inside: its first member is next. */
static bool value(struct check *c, bool *inside)
{
	skip_blanks(c);
	*inside = c->p < c->end && (*c->p == '{' || *c->p == '[');
	if (c->p == c->end)
		return false;
	if (!*inside)
		return scalar(c);
	if (!enter(c, *c->p++ == '{'))
		return false;
	if (leave(c))
		*inside = false;
	return true;
}

bool json_is_object(const char *text, size_t n)
{
	struct check c = { text, text + n, 0, 0 };
	bool inside;

	skip_blanks(&c);
	if (c.p == c.end || *c.p != '{' || !value(&c, &inside))
		return false;
	while (c.depth) {
		if (!inside && leave(&c))
			continue;
		if (!inside && !next_is(&c, ','))
			return false;
		if ((c.objects & 1) && !key(&c))
			return false;
		if (!value(&c, &inside))
			return false;
	}
	skip_blanks(&c);
	return c.p == c.end;
}
