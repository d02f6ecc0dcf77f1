/* ceiling.c -- how large a request may be at most, as a server or a proxy has let us know. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ceiling.h"

enum { NEAR = 8 }; /* an eighth below what was refused is near enough */

void ceiling_init(struct ceiling *c)
{
	*c = (struct ceiling){ .max = SIZE_MAX, .refused = SIZE_MAX };
}

static size_t more(size_t n)
{
	return n < SIZE_MAX / 2 ? n * 2 : SIZE_MAX;
}

void ceiling_refused(struct ceiling *c, size_t text, int64_t now_ms)
{
	if (text <= c->passed) /* what passed was easier: smaller once compressed, or another way */
		c->passed = 0;
	if (text < c->refused)
		c->refused = text;
	size_t max = c->passed > text / 2 ? c->passed : text / 2;
	if (max < c->max)
		c->max = max ? max : 1;
	c->doubt_ms = now_ms + CEILING_DOUBT_MS;
}

void ceiling_passed(struct ceiling *c, size_t text, int64_t now_ms)
{
	if (c->max == SIZE_MAX)
		return;
	if (text > c->passed && text < c->refused) /* an easier one above it proves nothing */
		c->passed = text;
	if (now_ms >= c->doubt_ms) {
		c->refused = more(c->refused);
		c->doubt_ms = now_ms + CEILING_DOUBT_MS;
	}
	size_t room = c->refused > c->max ? c->refused - c->max : 0;
	if (text < c->max - c->max / NEAR || room < c->refused / NEAR)
		return; /* not a full one, or near enough */
	c->max = c->refused == SIZE_MAX ? more(c->max) : c->max + room / 2;
}
