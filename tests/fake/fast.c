/* fast.c -- the _bulk endpoint of --fast, for benchmarks: counts, and accepts everything. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fast.h"

#include <string.h>

enum { PREPARED_MAX = 1 << 28 };

static const char *const item_texts[] = {
	"{\"create\":{\"status\":201}},",
	"{\"index\":{\"status\":201}},",
};

static size_t count_lines(struct view body)
{
	size_t n = 0;
	const char *end = body.p + body.n;

	for (const char *p = body.p; p < end; n++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			break;
		p++;
	}
	return n;
}

/* At least n items, one after the other, in the buffer that is kept. */
static struct view prepare(struct server *srv, unsigned op, size_t n)
{
	struct text *t = &srv->prepared[op];
	size_t size = strlen(item_texts[op]);

	if (!t->max)
		text_init(t, PREPARED_MAX);
	while (t->len < n * size && !t->full)
		text_add(t, item_texts[op], size);
	return view_of(t->p, n ? n * size - 1 : 0);
}

void fast_bulk(struct exchange *x)
{
	static const char index_op[] = "{\"index\"";
	size_t n = x->body.n ? count_lines(x->body) / 2 : 0;
	size_t size = sizeof(index_op) - 1;
	unsigned op = x->body.n > size && memcmp(x->body.p, index_op, size) == 0;
	struct view items = prepare(x->srv, op, n);

	if (n == 0 || x->srv->prepared[op].full) {
		reply_error(x->reply, 400, "parse_exception", "request body is required");
		return;
	}
	text_str(&x->reply->body, "{\"errors\":false,\"took\":0,\"items\":[");
	text_view_add(&x->reply->body, items);
	text_str(&x->reply->body, "]}");
	x->reply->frame = REPLY_CHUNKED;
	x->srv->stats.items += n;
	x->srv->stats.stored += n;
}
