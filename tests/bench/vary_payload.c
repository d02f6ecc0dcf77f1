/* vary_payload.c -- makes copied DNS, HTTP and TLS messages differ without changing a length. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vary.h"

enum { SALT_NAME = 101, SALT_PATH, SALT_STREAM, LETTERS = 26, NAMES = 312 };

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* --- words --- */

/* One of 312 one-to-one maps of the alphabet, and of ten of the digits; 0 changes nothing. */
static uint8_t change_letter(uint8_t c, unsigned which)
{
	static const uint8_t factors[] = { 1, 3, 5, 7, 9, 11, 15, 17, 19, 21, 23, 25 };
	unsigned factor = factors[which / LETTERS % sizeof(factors)];

	if (c >= 'a' && c <= 'z')
		return (uint8_t)('a' + ((unsigned)(c - 'a') * factor + which) % LETTERS);
	if (c >= '0' && c <= '9')
		return (uint8_t)('0' + (c - '0' + which) % 10);
	return c;
}

static void change_word(uint8_t *p, size_t n, unsigned which)
{
	for (size_t i = 0; i < n; i++)
		p[i] = change_letter(p[i], which);
}

/* Names are few and some are popular: the lower of two draws. */
static unsigned which_name(const struct vary_flow *flow)
{
	uint64_t h = vary_hash(flow->copy, SALT_NAME);
	unsigned a = (unsigned)(h % NAMES), b = (unsigned)(h >> 32) % NAMES;

	return a < b ? a : b;
}

/* The first label of a dotted name. */
static void change_host_name(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	const uint8_t *dot = memchr(p, '.', n);

	if (dot)
		change_word(p, (size_t)(dot - p), which_name(flow));
}

/* --- DNS --- */

/* The id, and the first label of the question, to which all other names point. */
static void change_dns(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	if (n < 12)
		return;
	uint64_t id = vary_hash(flow->copy, get16(p));
	p[0] = (uint8_t)(id >> 8);
	p[1] = (uint8_t)id;
	if (get16(p + 4) == 1 && n > 13 && p[12] && p[12] < 64 && 13u + p[12] <= n)
		change_word(p + 13, p[12], which_name(flow));
}

/* --- HTTP --- */

static uint8_t *find(uint8_t *p, size_t n, const char *text)
{
	return memmem(p, n, text, strlen(text));
}

/* The last part of the path, but for its ending and what is escaped. */
static void change_target(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	size_t end = 0, begin = 0;

	while (end < n && p[end] != ' ' && p[end] != '?' && p[end] != '%')
		end++;
	for (size_t i = 0; i < end; i++)
		if (p[i] == '/')
			begin = i + 1;
	uint8_t *dot = memchr(p + begin, '.', end - begin);
	change_word(p + begin, dot ? (size_t)(dot - p) - begin : end - begin,
		(unsigned)(vary_hash(flow->copy, SALT_PATH) % NAMES));
}

/* Date: Thu, 01 Jan 1970 00:00:00 GMT -- the time of day becomes the packet's. */
static void change_date(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	unsigned second = (unsigned)(flow->time_ns / 1000000000 % 86400);
	char text[16];
	uint8_t *at = find(p, n, "\r\nDate: ");

	if (!at || (size_t)(p + n - at) < 33 || at[27] != ':')
		return;
	(void)snprintf(text, sizeof(text), "%02u:%02u:%02u", second / 3600 % 24, second / 60 % 60,
		second % 60);
	memcpy(at + 25, text, 8);
}

static void change_etag(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	uint8_t *at = find(p, n, "\r\nETag: \"");

	if (!at)
		return;
	uint64_t random = vary_hash(flow->copy, SALT_PATH);
	for (at += 9; at < p + n && (isxdigit(*at) || *at == '-'); at++) {
		if (*at != '-')
			*at = (uint8_t) "0123456789abcdef"[random & 15];
		random = random >> 4 | random << 60;
	}
}

static void change_http(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	if (n < 16)
		return;
	if (memcmp(p, "HTTP/1.", 7) == 0) {
		change_date(p, n, flow);
		change_etag(p, n, flow);
		return;
	}
	uint8_t *blank = memchr(p, ' ', 16);
	if (!blank || blank == p || !isupper(p[0]))
		return;
	blank++;
	if (*blank == '/')
		change_target(blank, (size_t)(p + n - blank), flow);
	uint8_t *host = find(p, n, "\r\nHost: ");
	if (host) {
		host += 8;
		uint8_t *end = memchr(host, '\r', (size_t)(p + n - host));
		change_host_name(host, end ? (size_t)(end - host) : 0, flow);
	}
}

/* --- TLS --- */

/* The same bytes become the same others in the whole copy: a session id comes back unchanged. */
static void change_random(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	for (size_t i = 0; i < n; i++)
		p[i] ^= (uint8_t)vary_hash(flow->copy, SALT_STREAM + i % 32);
}

/* A server's random may say that it asks for another hello, or was talked down. */
static bool has_a_meaning(const uint8_t *random)
{
	return memcmp(random, "\xcf\x21\xad\x74", 4) == 0 || memcmp(random + 24, "DOWNGRD", 7) == 0;
}

static void change_server_name(uint8_t *p, const uint8_t *end, const struct vary_flow *flow)
{
	while (end - p >= 4 && get16(p + 2) <= (size_t)(end - p - 4)) {
		size_t size = get16(p + 2);
		if (get16(p) == 0 && size > 5 && get16(p + 7) <= size - 5)
			change_host_name(p + 9, get16(p + 7), flow);
		p += 4 + size;
	}
}

/* Record header 5, message header 4, version 2, random 32, session id, then of a client: cipher
 * suites, compression, extensions. */
static void change_tls(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	const uint8_t *end = p + n;

	if (n < 44 || p[0] != 22 || p[1] != 3 || (p[5] != 1 && p[5] != 2))
		return;
	if (!has_a_meaning(p + 11))
		change_random(p + 11, 32, flow);
	bool client = p[5] == 1;
	size_t id = p[43];
	if (id > 32 || id + 44 > n)
		return;
	change_random(p + 44, id, flow);
	p += 44 + id;
	if (!client || end - p < 2 || get16(p) + 2u >= (size_t)(end - p))
		return;
	p += 2 + get16(p);
	if ((size_t)*p + 3 >= (size_t)(end - p))
		return;
	p += 1 + *p;
	change_server_name(p + 2, end, flow);
}

void vary_payload(uint8_t *p, size_t n, const struct vary_flow *flow)
{
	if (flow->service == 53 && !flow->tcp)
		change_dns(p, n, flow);
	else if (flow->service == 53 && n > 2 && get16(p) + 2u == n)
		change_dns(p + 2, n - 2, flow);
	else if (flow->tcp && n && p[0] == 22)
		change_tls(p, n, flow);
	else if (flow->tcp)
		change_http(p, n, flow);
}
