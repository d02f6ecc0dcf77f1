/* route.c -- from a request to the endpoint that answers it, past the rules of the script. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "route.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "es.h"
#include "mangle.h"

struct route {
	const char *pattern; /* segments; * is any, and in front it is the index */
	const char *methods; /* as the 405 lists them */
	void (*answer)(struct exchange *x);
};

static const struct route routes[] = {
	{ "/", "GET,HEAD", es_root },
	{ "/_bulk", "POST,PUT", es_bulk },
	{ "/*/_bulk", "POST,PUT", es_bulk },
	{ "/_index_template", "GET", template_any },
	{ "/_index_template/*", "GET,POST,PUT,DELETE,HEAD", template_any },
	{ "/_cluster/health", "GET", es_health },
	{ "/_nodes", "GET", es_nodes },
	{ "/_nodes/*", "GET", es_nodes },
	{ "/_nodes/*/*", "GET", es_nodes },
	{ "/_count", "GET,POST", es_count },
	{ "/*/_count", "GET,POST", es_count },
	{ "/_refresh", "GET,POST", es_refresh },
	{ "/*/_refresh", "GET,POST", es_refresh },
	{ "/_fake/script", "POST,PUT", control_script },
	{ "/_fake/stats", "GET", control_stats },
	{ "/_fake/ids", "GET", control_ids },
	{ "/_fake/reset", "POST", control_reset },
	{ "/_fake/redirected", "GET,HEAD,POST,PUT,DELETE", control_redirected },
};

static bool pattern_fits(const char *pattern, const struct uri *u)
{
	unsigned i = 0;

	for (pattern++; *pattern; i++) {
		size_t n = strcspn(pattern, "/");

		if (i == u->n)
			return false;
		if (*pattern != '*' && !view_same(view_of(pattern, n), u->seg[i]))
			return false;
		pattern += n + (pattern[n] == '/');
	}
	return i == u->n;
}

static const struct route *find(const struct uri *u)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (pattern_fits(routes[i].pattern, u))
			return &routes[i];
	return NULL;
}

static bool allows(const struct route *route, struct view method)
{
	const char *p = route->methods;

	while (*p) {
		size_t n = strcspn(p, ",");

		if (view_same(view_of(p, n), method))
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

static void wrong_method(struct exchange *x, const struct route *route)
{
	struct text t;

	text_init(&t, 16384);
	text_str(&t, "Incorrect HTTP method for uri [");
	text_view_add(&t, x->head->target);
	text_str(&t, "] and method [");
	text_view_add(&t, x->head->method);
	text_str(&t, "], allowed: [");
	for (const char *p = route->methods; *p; p++)
		text_add(&t, *p == ',' ? ", " : p, *p == ',' ? 2 : 1);
	text_add(&t, "]", 2);
	text_fmt(&x->reply->headers, "Allow: %s\r\n", route->methods);
	reply_sentence(x->reply, 405, t.p);
	text_done(&t);
}

static void no_handler(struct exchange *x)
{
	struct text sentence;

	text_init(&sentence, 16384);
	text_str(&sentence, "no handler found for uri [");
	text_view_add(&sentence, x->head->target);
	text_str(&sentence, "] and method [");
	text_view_add(&sentence, x->head->method);
	text_str(&sentence, "]");
	x->reply->status = 400;
	text_str(&x->reply->body, "{\"error\":");
	text_json(&x->reply->body, text_view(&sentence));
	text_str(&x->reply->body, "}");
	text_done(&sentence);
}

bool route_begin(struct exchange *x)
{
	struct server *srv = x->srv;

	x->script = script_hold(srv->script);
	if (!uri_split(&x->uri, x->head->path)) {
		reply_error(x->reply, 400, "illegal_argument_exception",
			"the path is too long or broken");
		x->reply->close = true;
		return false;
	}
	const struct route *route = find(&x->uri);

	if (route && route->pattern[1] == '*')
		x->index = x->uri.seg[0];
	x->control = x->uri.n && view_is(x->uri.seg[0], "_fake");
	x->bulk = route && route->answer == es_bulk && allows(route, x->head->method);
	if (x->bulk) {
		x->number = ++srv->stats.bulk_requests;
		if (++srv->in_flight > srv->stats.in_flight_max)
			srv->stats.in_flight_max = srv->in_flight;
	}
	if (x->control)
		return true;
	srv->stats.requests++;
	struct rule_request asked = { x->head->method, x->uri.path, x->index };

	x->rule = script_pick(x->script, &asked);
	return true;
}

void route_end(struct exchange *x)
{
	if (x->bulk)
		x->srv->in_flight--;
	x->srv->in_flight_bytes -= x->held;
	script_drop(x->script);
	*x = (struct exchange){ .srv = x->srv };
}

static void too_large(struct exchange *x)
{
	const struct rule *r = x->rule;

	x->reply->status = 413;
	x->reply->product = false;
	x->reply->instant = true;
	if (!r || r->limit_body < 0) {
		x->reply->type = NULL; /* Elasticsearch has no word for it */
	} else if (r->html) {
		x->reply->type = "text/html";
		x->reply->close = true;
		text_str(&x->reply->body,
			"<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n"
			"<body><center><h1>413 Request Entity Too Large</h1></center></body>\r\n"
			"</html>\r\n");
	} else {
		text_fmt(&x->reply->body,
			"{\"Message\":\"Request size exceeded %" PRId64 " bytes\"}", r->limit_body);
	}
}

static bool over_limit(const struct exchange *x, uint64_t size)
{
	const struct rule *r = x->rule;

	if (r && r->limit_body >= 0 && size > (uint64_t)r->limit_body)
		return true;
	return size > x->srv->opt.max_body;
}

bool route_refuses_head(struct exchange *x)
{
	if (!over_limit(x, (uint64_t)x->head->length))
		return false;
	too_large(x);
	return true;
}

/* False when the body cannot be unpacked; the reply then says what Elasticsearch does. */
static bool unpack(struct exchange *x)
{
	x->body = x->wire;
	if (http_header_has(x->head, "Content-Encoding", "gzip")) {
		enum gunzip_result r = gunzip_unpack(&x->srv->gunzip, x->wire);

		x->body = text_view(&x->srv->gunzip.out);
		if (r == GUNZIP_NOT_GZIP)
			x->reply->drop = true;
		if (r == GUNZIP_BROKEN)
			reply_error(x->reply, 400, "illegal_argument_exception",
				"The bulk request must be terminated by a newline [\\n]");
		if (r == GUNZIP_LARGE)
			too_large(x);
		if (r != GUNZIP_GOOD)
			return false;
	}
	if (x->bulk)
		x->srv->stats.bytes_raw += x->body.n;
	return true;
}

static void dispatch(struct exchange *x)
{
	const struct route *route = find(&x->uri);
	struct view opaque = http_header(x->head, "X-Opaque-Id");

	if (opaque.n)
		text_fmt(&x->reply->headers, "X-Opaque-Id: %.*s\r\n", (int)opaque.n, opaque.p);
	if (!route)
		no_handler(x);
	else if (!allows(route, x->head->method))
		wrong_method(x, route);
	else
		route->answer(x);
}

void route_answer(struct exchange *x)
{
	if (x->bulk)
		x->srv->stats.bytes_in += x->wire.n;
	if (x->overflow || over_limit(x, x->wire.n)) {
		too_large(x);
		return;
	}
	if (mangle_whole(x) || !unpack(x))
		return;
	dispatch(x);
	mangle_body(x);
	if (!x->srv->opt.fast && !x->control && x->reply->product && x->reply->body.len &&
		http_header_has(x->head, "Accept-Encoding", "gzip"))
		reply_gzip(x->reply);
	mangle_frame(x);
}
