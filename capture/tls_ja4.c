/* tls_ja4.c -- the fingerprint JA4 of a Client Hello.
 * It has three parts, joined by an underscore:
 *   what carries it (t, q, d) | version (13) | d: it names a server, i: it does not | number of
 *   cipher suites | of extensions, two digits each | first and last character of the first ALPN
 *   12 digits of the SHA-256 of the cipher suites, sorted
 *   12 digits of the SHA-256 of the extensions, sorted, without server name and ALPN, then the
 *   signature algorithms in the order sent
 * Lists are hexadecimal numbers of four digits, joined by commas; the digest of none is zeros. What
 * is only sent to keep servers tolerant (RFC 8701) does not count. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_ja4.h"

#include "fingerprint.h"
#include "json.h"

enum {
	RANDOM = 32,
	SERVER_NAME = 0,
	SIGNATURES = 13,
	ALPN = 16,
	VERSIONS = 43,
	DIGITS = 12,
	A_LEN = 10,
	LEN = A_LEN + 1 + DIGITS + 1 + DIGITS,
	ENTRY = 5, /* four digits and a comma */
};

struct list {
	unsigned n;
	uint16_t codes[TLS_LIST_MAX];
};

struct hello {
	struct list ciphers, extensions;
	struct bytes alpn, signatures;
	uint16_t version;
	bool has_name;
	unsigned counted; /* extensions, those too that are not hashed */
};

/* --- reading --- */

static struct bytes vector(struct bytes *b, unsigned width)
{
	return bytes_sub(b, width == 1 ? bytes_u8(b) : bytes_be16(b));
}

static bool add(struct list *list, uint16_t code)
{
	if (list->n == TLS_LIST_MAX)
		return false;
	list->codes[list->n++] = code;
	return true;
}

/* Of DTLS the lower number is the newer version. */
static void offer(struct hello *h, const struct tls *t, uint16_t version)
{
	bool newer = t->carrier == TLS_DATAGRAM ? version < h->version : version > h->version;

	if (!tls_is_grease(version) && (h->version == 0 || newer))
		h->version = version;
}

static void read_versions(struct hello *h, const struct tls *t, struct bytes data)
{
	struct bytes list = vector(&data, 1);

	h->version = 0;
	while (bytes_left(&list) >= 2)
		offer(h, t, bytes_be16(&list));
}

static bool read_extensions(struct hello *h, const struct tls *t, struct bytes b)
{
	while (bytes_left(&b) >= 4) {
		uint16_t type = bytes_be16(&b);
		struct bytes data = vector(&b, 2);
		if (tls_is_grease(type))
			continue;
		h->counted++;
		h->has_name = h->has_name || type == SERVER_NAME;
		if (type == VERSIONS)
			read_versions(h, t, data);
		else if (type == SIGNATURES)
			h->signatures = vector(&data, 2);
		else if (type == ALPN && bytes_left(&h->alpn) == 0) {
			struct bytes names = vector(&data, 2);
			h->alpn = vector(&names, 1);
		}
		if (type != SERVER_NAME && type != ALPN && !add(&h->extensions, type))
			return false;
	}
	return bytes_ok(&b);
}

static bool read(struct hello *h, const struct tls *t, struct bytes b)
{
	h->version = bytes_be16(&b);
	bytes_skip(&b, RANDOM);
	(void)vector(&b, 1); /* session id */
	if (t->carrier == TLS_DATAGRAM)
		(void)vector(&b, 1); /* cookie */
	struct bytes ciphers = vector(&b, 2);
	(void)vector(&b, 1); /* compressions */
	struct bytes extensions = bytes_left(&b) ? vector(&b, 2) : bytes_of(b.p, 0);
	h->alpn = h->signatures = bytes_of(b.p, 0);
	if (!bytes_ok(&b) || bytes_left(&ciphers) % 2)
		return false;
	while (bytes_left(&ciphers)) {
		uint16_t code = bytes_be16(&ciphers);
		if (!tls_is_grease(code) && !add(&h->ciphers, code))
			return false;
	}
	return read_extensions(h, t, extensions);
}

/* --- writing --- */

/* By the low byte, then by the high one: two passes, however long the list is. */
static void sort(struct list *list)
{
	uint16_t other[TLS_LIST_MAX], *from = list->codes, *to = other;

	for (unsigned shift = 0; shift <= 8; shift += 8) {
		unsigned first[257] = { 0 };
		for (unsigned i = 0; i < list->n; i++)
			first[(from[i] >> shift & 0xff) + 1]++;
		for (unsigned i = 0; i < 256; i++)
			first[i + 1] += first[i];
		for (unsigned i = 0; i < list->n; i++)
			to[first[from[i] >> shift & 0xff]++] = from[i];
		uint16_t *swap = from;
		from = to;
		to = swap;
	}
}

static char *print_code(char *p, uint16_t code)
{
	const uint8_t octets[2] = { (uint8_t)(code >> 8), (uint8_t)code };

	p = json_emit_hex(p, octets, sizeof(octets));
	*p++ = ',';
	return p;
}

static char *print_list(char *p, const struct list *list)
{
	for (unsigned i = 0; i < list->n; i++)
		p = print_code(p, list->codes[i]);
	return p;
}

static char *print_signatures(char *p, struct bytes b)
{
	while (bytes_left(&b) >= 2) {
		uint16_t code = bytes_be16(&b);
		if (!tls_is_grease(code))
			p = print_code(p, code);
	}
	return p;
}

/* A list and, behind an underscore, what follows it. */
static bool put_digest(struct packet *pkt, char *out, struct list *list, struct bytes signatures)
{
	size_t size = (size_t)ENTRY * list->n + bytes_left(&signatures) / 2 * ENTRY + 1;
	char *text = pkt_scratch(pkt, size), *end;

	memset(out, '0', DIGITS);
	if (!text)
		return false;
	sort(list);
	end = print_list(text, list);
	char *more = print_signatures(end, signatures);
	if (more > end && end > text) {
		end[-1] = '_';
		end = more;
	}
	if (end == text)
		return true;
	const char *digest = fingerprint_sha256(pkt, text, (size_t)(end - 1 - text));
	if (digest)
		memcpy(out, digest, DIGITS);
	return digest != NULL;
}

static const char *version_text(uint16_t version)
{
	static const struct {
		uint16_t version;
		char text[3];
	} texts[] = { { 0x0304, "13" }, { 0x0303, "12" }, { 0x0302, "11" }, { 0x0301, "10" },
		{ 0x0300, "s3" }, { 0x0002, "s2" }, { 0xfeff, "d1" }, { 0xfefd, "d2" },
		{ 0xfefc, "d3" } };

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].version == version)
			return texts[i].text;
	return "00";
}

static bool is_alnum(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Of a name that begins or ends in other than a letter or digit its hexadecimal form is taken. */
static void print_alpn(char *out, const struct bytes *name)
{
	size_t n = bytes_left(name);
	char first[2], last[2];

	out[0] = out[1] = '0';
	if (n == 0)
		return;
	bool plain = is_alnum(name->p[0]) && is_alnum(name->p[n - 1]);
	(void)json_emit_hex(first, name->p, 1);
	(void)json_emit_hex(last, name->p + n - 1, 1);
	out[0] = plain ? (char)name->p[0] : first[0];
	out[1] = plain ? (char)name->p[n - 1] : last[1];
}

static void print_count(char *out, unsigned n)
{
	n = n > 99 ? 99 : n;
	out[0] = (char)('0' + n / 10);
	out[1] = (char)('0' + n % 10);
}

void tls_ja4(struct tls *t, struct bytes hello)
{
	struct hello h = { .counted = 0 };
	char *out = pkt_scratch(t->pkt, LEN);

	if (!out || !read(&h, t, hello))
		return;
	out[0] = (char)t->carrier;
	memcpy(out + 1, version_text(h.version), 2);
	out[3] = h.has_name ? 'd' : 'i';
	print_count(out + 4, h.ciphers.n);
	print_count(out + 6, h.counted);
	print_alpn(out + 8, &h.alpn);
	out[A_LEN] = out[A_LEN + 1 + DIGITS] = '_';
	char *b = out + A_LEN + 1, *c = b + DIGITS + 1;
	if (!put_digest(t->pkt, b, &h.ciphers, bytes_of(hello.p, 0)) ||
		!put_digest(t->pkt, c, &h.extensions, h.signatures))
		return;
	ecs_clean(t->pkt, ECS_ESPCAP_TLS_JA4, out, LEN);
	ecs_clean(t->pkt, ECS_RELATED_HASH, out, LEN);
}
