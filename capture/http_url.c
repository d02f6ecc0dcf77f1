/* http_url.c -- the URL that a request is about, from its target and its Host.
 * RFC 9112, section 3.2: a target is a path (origin form), a whole URL (to a proxy), host:port (of
 * CONNECT) or an asterisk. RFC 3986, section 3: scheme://user:password@host:port/path?query */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_url.h"

#include <ctype.h>

#include <arpa/inet.h>

enum { PARAMETERS_MAX = 256, EXTENSION_MAX = 16, MARKS_OF_URL_MAX = 40 };

struct url {
	struct bytes scheme, host, port, path, query;
};

void http_url_target(struct http *h, struct bytes target)
{
	const uint8_t *mark = http_find(target, '?');

	if (!mark || mark + 1 == target.end)
		return;
	struct bytes path = http_until(&target, '?');
	http_put(h, HTTP_URI_PATH, path);
	http_put(h, HTTP_URI_QUERY, target);
	for (unsigned i = 0; i <= PARAMETERS_MAX && bytes_left(&target); i++)
		http_put(h, HTTP_URI_PARAMETER, http_until(&target, '&'));
}

/* --- parts --- */

static bool has_scheme(struct bytes target, const char *scheme)
{
	size_t n = strlen(scheme);

	return bytes_left(&target) >= n && strncasecmp((const char *)target.p, scheme, n) == 0;
}

/* Host (with the brackets of an IPv6 address) and port. */
static void split_authority(struct url *url, struct bytes authority)
{
	const uint8_t *at = http_find_last(authority, '@');

	if (at)
		bytes_skip(&authority, (size_t)(at + 1 - authority.p));
	const uint8_t *close = bytes_peek(&authority, 0) == '[' ? http_find(authority, ']') : NULL;
	const uint8_t *from = close ? close : authority.p;
	size_t left = (size_t)(authority.end - from);
	const uint8_t *colon = left ? memchr(from, ':', left) : NULL;

	url->host = bytes_sub(
		&authority, colon ? (size_t)(colon - authority.p) : bytes_left(&authority));
	url->host = http_trimmed(url->host);
	bytes_skip(&authority, colon != NULL);
	url->port = http_trimmed(authority);
}

static bool is_scheme(struct bytes text)
{
	for (size_t i = 0; i < bytes_left(&text); i++)
		if (!isalnum(text.p[i]) && !strchr("+-.", text.p[i]))
			return false;
	return bytes_left(&text) > 0 && isalpha(*text.p);
}

/* Where scheme:// ends, or 0. */
static size_t scheme_length(struct bytes target)
{
	const uint8_t *colon = http_find(target, ':');

	if (!colon || target.end - colon < 3 || memcmp(colon, "://", 3) != 0)
		return 0;
	size_t n = (size_t)(colon - target.p);
	return is_scheme(bytes_of(target.p, n)) ? n : 0;
}

static void split(struct url *url, const struct http_message *m)
{
	struct bytes rest = m->url;
	size_t n = scheme_length(rest);

	if (m->connect) {
		split_authority(url, rest);
		return;
	}
	if (n) {
		url->scheme = bytes_sub(&rest, n);
		bytes_skip(&rest, 3);
		size_t end = 0;
		while (end < bytes_left(&rest) && !strchr("/?#", rest.p[end]))
			end++;
		split_authority(url, bytes_sub(&rest, end));
	} else {
		if (m->has_host)
			url->scheme = bytes_of("http", 4);
		split_authority(url, m->host);
	}
	int first = bytes_peek(&rest, 0);
	if (first != '/' && first != '?')
		return;
	url->path = http_until(&rest, '?');
	url->query = rest;
}

/* --- ECS --- */

static void put_ecs_text(struct http *h, enum ecs_id id, struct bytes text)
{
	if (bytes_left(&text))
		ecs_str(h->pkt, id, text.p, bytes_left(&text));
}

/* A name: not an address, which stands in destination.ip already or is a proxy's business. */
static bool is_name(struct bytes host)
{
	for (size_t i = 0; i < bytes_left(&host); i++)
		if (host.p[i] != '.' && !isdigit(host.p[i]))
			return host.p[0] != '[';
	return false;
}

static void put_port(struct http *h, struct bytes digits)
{
	uint32_t port = 0;

	if (bytes_left(&digits) > 5)
		return;
	while (isdigit(bytes_peek(&digits, 0)))
		port = port * 10 + bytes_u8(&digits) - '0';
	if (bytes_left(&digits) == 0 && port > 0 && port <= 65535)
		ecs_u64(h->pkt, ECS_URL_PORT, port);
}

static void put_extension(struct http *h, struct bytes path)
{
	const uint8_t *dot = http_find_last(path, '.');
	size_t n = dot ? (size_t)(path.end - dot - 1) : 0;

	if (n == 0 || n > EXTENSION_MAX || dot == path.p || dot[-1] == '/')
		return;
	for (size_t i = 1; i <= n; i++)
		if (!isalnum(dot[i]))
			return;
	ecs_str(h->pkt, ECS_URL_EXTENSION, dot + 1, n);
}

static void put_parts(struct http *h, const struct url *url)
{
	put_ecs_text(h, ECS_URL_SCHEME, url->scheme);
	put_ecs_text(h, ECS_URL_DOMAIN, url->host);
	put_port(h, url->port);
	put_ecs_text(h, ECS_URL_PATH, url->path);
	put_ecs_text(h, ECS_URL_QUERY, url->query);
	put_extension(h, url->path);
	if (!is_name(url->host))
		return;
	put_ecs_text(h, ECS_DESTINATION_DOMAIN, url->host);
	put_ecs_text(h, ECS_RELATED_HOSTS, url->host);
}

/* --- the whole URL --- */

/* Appends a copy to what was built so far; false when there is no more room. */
static bool append(struct http *h, struct bytes *built, const void *p, size_t n)
{
	const uint8_t *copy = (const uint8_t *)pkt_copy(h->pkt, p, n);

	if (!copy)
		return false;
	if (!built->p)
		built->p = copy;
	built->end = copy + n;
	return true;
}

/* http://HOST/TARGET. Marks of secrets are copied too, so there must be room for them. */
static struct bytes build(struct http *h, const struct http_message *m)
{
	struct bytes built = { .p = NULL };

	if (h->closed || h->marks + m->url_marks >= MARKS_OF_URL_MAX) {
		pkt_anomaly(h->pkt, "too many secrets");
		return built;
	}
	h->marks += m->url_marks;
	if (!append(h, &built, "http://", 7) ||
		!append(h, &built, m->host.p, bytes_left(&m->host)) ||
		!append(h, &built, m->url.p, bytes_left(&m->url)))
		return (struct bytes){ .p = NULL };
	return built;
}

static void put_full(struct http *h, const struct http_message *m, bool whole)
{
	bool absolute = has_scheme(m->url, "http://") || has_scheme(m->url, "https://");
	bool path = bytes_peek(&m->url, 0) == '/';
	struct bytes full = m->url;

	if (m->has_host && !absolute && !m->connect)
		full = build(h, m);
	if (whole && m->has_host)
		http_put(h, HTTP_FULL_URI, full);
	if (absolute || (path && bytes_left(&m->host) && !m->connect))
		put_ecs_text(h, ECS_URL_FULL, full);
}

void http_url(struct http *h, const struct http_message *m, bool whole)
{
	struct url url = { .host = { .p = NULL } };

	put_full(h, m, whole);
	split(&url, m);
	put_parts(h, &url);
}

/* --- who is behind a proxy --- */

/* Without the port and the brackets that some proxies add. */
static struct bytes bare_address(struct bytes text)
{
	const uint8_t *colon = http_find(text, ':');

	if (bytes_peek(&text, 0) == '[') {
		bytes_skip(&text, 1);
		return http_until(&text, ']');
	}
	if (colon && colon == http_find_last(text, ':'))
		return http_until(&text, ':');
	return text;
}

void http_url_forwarded(struct http *h, struct bytes list)
{
	char text[INET6_ADDRSTRLEN];
	struct bytes first = bare_address(http_trimmed(http_until(&list, ',')));
	size_t n = bytes_left(&first);

	if (n == 0 || n >= sizeof(text))
		return;
	memcpy(text, first.p, n);
	text[n] = '\0';
	bool v6 = strchr(text, ':') != NULL;
	uint8_t *addr = (uint8_t *)pkt_scratch(h->pkt, 16);
	if (addr && inet_pton(v6 ? AF_INET6 : AF_INET, text, addr) == 1)
		ecs_addr(h->pkt, ECS_NETWORK_FORWARDED_IP, v6 ? FIELD_IPV6 : FIELD_IPV4, addr);
}
