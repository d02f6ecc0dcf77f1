/* http.c -- the request side of HTTP/1.1: heads, headers, chunked bodies. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { MAX_CHUNK_LINE = 4096 };

size_t http_head_size(struct view bytes)
{
	const char *end = bytes.n ? memmem(bytes.p, bytes.n, "\r\n\r\n", 4) : NULL;

	return end ? (size_t)(end - bytes.p) + 4 : 0;
}

/* Takes everything up to the separator and steps over it; false when there is none. */
static bool take_until(struct view *rest, const char *sep, struct view *word)
{
	size_t n = strlen(sep);
	const char *at = rest->n ? memmem(rest->p, rest->n, sep, n) : NULL;

	if (!at)
		return false;
	*word = view_of(rest->p, (size_t)(at - rest->p));
	*rest = view_of(at + n, rest->n - word->n - n);
	return true;
}

static struct view trim(struct view v)
{
	while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
		v = view_of(v.p + 1, v.n - 1);
	while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
		v.n--;
	return v;
}

struct view http_header(const struct http_head *h, const char *name)
{
	struct view rest = h->headers, line, key;

	while (take_until(&rest, "\r\n", &line)) {
		struct view value = line;

		if (take_until(&value, ":", &key) && key.n == strlen(name) &&
			strncasecmp(key.p, name, key.n) == 0)
			return trim(value);
	}
	return view_of(NULL, 0);
}

bool http_header_has(const struct http_head *h, const char *name, const char *word)
{
	struct view v = http_header(h, name);
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= v.n; i++)
		if (strncasecmp(v.p + i, word, n) == 0)
			return true;
	return false;
}

static bool parse_line(struct http_head *h, struct view line)
{
	if (!take_until(&line, " ", &h->method) || !take_until(&line, " ", &h->target))
		return false;
	if (line.n != 8 || memcmp(line.p, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)line.p[7]))
		return false;
	h->minor = line.p[7] - '0';
	h->query = h->target;
	if (!take_until(&h->query, "?", &h->path)) {
		h->path = h->target;
		h->query = view_of(NULL, 0);
	}
	return h->method.n && h->path.n && h->path.p[0] == '/';
}

bool http_hopeless(struct view bytes)
{
	const char *nl = bytes.n ? memchr(bytes.p, '\n', bytes.n) : NULL;
	struct http_head ignored;

	if (!nl)
		return false;
	size_t n = (size_t)(nl - bytes.p);

	if (n && bytes.p[n - 1] == '\r')
		n--;
	return !parse_line(&ignored, view_of(bytes.p, n));
}

static bool parse_length(struct http_head *h)
{
	struct view v = http_header(h, "Content-Length");

	h->length = 0;
	if (!v.p)
		return true;
	if (v.n == 0 || v.n > 18)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (!isdigit((unsigned char)v.p[i]))
			return false;
		h->length = h->length * 10 + (v.p[i] - '0');
	}
	return true;
}

enum http_result http_parse(struct http_head *h, struct view bytes, const char **why)
{
	struct view line;

	*h = (struct http_head){ .minor = 0 };
	*why = "text is empty (possibly HTTP/0.9)";
	if (!take_until(&bytes, "\r\n", &line) || !parse_line(h, line))
		return HTTP_BAD;
	h->headers = view_of(bytes.p, bytes.n - 2);
	*why = "Content-Length value is not a number";
	if (!parse_length(h))
		return HTTP_BAD;
	h->chunked = http_header_has(h, "Transfer-Encoding", "chunked");
	h->expect = http_header_has(h, "Expect", "100-continue");
	h->expect_other = !h->expect && http_header(h, "Expect").n > 0;
	h->keep_alive = h->minor > 0 ? !http_header_has(h, "Connection", "close")
				     : http_header_has(h, "Connection", "keep-alive");
	return HTTP_DONE;
}

static int hex_value(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch = (char)(ch | 0x20); /* a small letter */
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* One byte of "SIZE[;extension]\r\n"; the extension is ignored. */
static enum http_result size_byte(struct http_chunks *c, char ch)
{
	int digit = hex_value(ch);

	if (ch == '\n' && c->digits == 0)
		return HTTP_BAD;
	if (ch == '\n') {
		c->state = c->left ? CHUNK_DATA : CHUNK_TRAILER;
		c->line = 0;
		return HTTP_MORE;
	}
	if (++c->line > MAX_CHUNK_LINE)
		return HTTP_BAD;
	if (digit >= 0 && c->line == c->digits + 1) {
		if (++c->digits > 12)
			return HTTP_BAD;
		c->left = c->left * 16 + (uint64_t)digit;
	}
	return HTTP_MORE;
}

/* One byte of the trailers; an empty line ends the body. */
static enum http_result trailer_byte(struct http_chunks *c, char ch)
{
	if (ch == '\n' && c->line == 0)
		return HTTP_DONE;
	if (ch == '\n')
		c->line = 0;
	else if (ch != '\r' && ++c->line > MAX_CHUNK_LINE)
		return HTTP_BAD;
	return HTTP_MORE;
}

static enum http_result control_byte(struct http_chunks *c, char ch)
{
	if (c->state == CHUNK_SIZE)
		return size_byte(c, ch);
	if (c->state == CHUNK_TRAILER)
		return trailer_byte(c, ch);
	if (ch == '\n')
		*c = (struct http_chunks){ .state = CHUNK_SIZE };
	else if (ch != '\r')
		return HTTP_BAD;
	return HTTP_MORE;
}

enum http_result http_chunks_feed(
	struct http_chunks *c, struct view in, size_t *used, struct text *out)
{
	enum http_result result = HTTP_MORE;
	size_t at = 0;

	while (at < in.n && result == HTTP_MORE) {
		if (c->state != CHUNK_DATA) {
			result = control_byte(c, in.p[at++]);
			continue;
		}
		size_t n = in.n - at < c->left ? in.n - at : (size_t)c->left;

		text_add(out, in.p + at, n);
		at += n;
		c->left -= n;
		if (c->left == 0)
			c->state = CHUNK_DATA_END;
	}
	*used = at;
	return result;
}
