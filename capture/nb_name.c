/* nb_name.c -- names of NetBIOS.
 * RFC 1001, 14: a label of 32 letters A to P, two for each of 16 bytes: 15 of the name, filled with
 * blanks, and one that says of what kind it is; then labels of a scope, as in DNS; pointers too. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "nb_name.h"

#include <stdio.h>

enum {
	POINTER = 0xc0,
	LABELS_MAX = 128,
	HOPS_MAX = 8,
	NAME_BYTES = 16,
	TEXT_MAX = 320,
	DIGITS = 4
};

static const char odd_length[] = "Illegal NetBIOS name (odd number of bytes)";
static const char bad_first[] = "Illegal NetBIOS name (1st character not between A and Z in "
				"first-level encoding)";
static const char bad_second[] = "Illegal NetBIOS name (2nd character not between A and Z in "
				 "first-level encoding)";

/* The labels with dots between them, at most 255 bytes. Moves b. False when it ends first. */
static bool read_labels(struct bytes *b, struct bytes message, char out[256], size_t *len)
{
	struct bytes at = *b;
	unsigned hops = 0;

	*len = 0;
	for (unsigned i = 0; i < LABELS_MAX; i++) {
		uint8_t n = bytes_u8(&at);
		if (!bytes_ok(&at))
			return false;
		if ((n & POINTER) == POINTER) {
			size_t offset = (size_t)(n & 0x3f) << 8 | bytes_u8(&at);
			if (hops++ == 0)
				*b = at;
			at = message;
			bytes_skip(&at, offset);
			if (hops > HOPS_MAX || !bytes_ok(b))
				return false;
			continue;
		}
		const uint8_t *label = bytes_take(&at, n);
		if (hops == 0)
			*b = at;
		if (!label || n == 0 || *len + n + 1 > 255)
			return label;
		if (*len)
			out[(*len)++] = '.';
		memcpy(out + *len, label, n);
		*len += n;
	}
	return false;
}

/* NULL when the letters are a name of 16 bytes. */
static const char *undo_letters(const char *s, size_t n, uint8_t name[NAME_BYTES], unsigned *bytes)
{
	*bytes = 0;
	for (size_t i = 0; i < n && s[i] != '.'; i += 2) {
		if (s[i] < 'A' || s[i] > 'Z')
			return bad_first;
		if (i + 1 == n || s[i + 1] == '.')
			return odd_length;
		if (s[i + 1] < 'A' || s[i + 1] > 'Z')
			return bad_second;
		if (*bytes < NAME_BYTES)
			name[*bytes] = (uint8_t)((s[i] - 'A') << 4 | (s[i + 1] - 'A'));
		(*bytes)++;
	}
	return NULL;
}

static size_t print_bytes(char *out, const uint8_t name[NAME_BYTES])
{
	unsigned n = NAME_BYTES - 1;
	size_t len = 0;

	while (n && name[n - 1] == ' ')
		n--;
	for (unsigned i = 0; i < n; i++) {
		if (name[i] >= ' ' && name[i] < 0x7f)
			out[len++] = (char)name[i];
		else
			len += (size_t)snprintf(out + len, DIGITS + 1, "<%02x>", name[i]);
	}
	return len;
}

const char *nb_name(
	struct packet *pkt, struct bytes *b, struct bytes message, size_t *len, size_t *host)
{
	char letters[256], text[TEXT_MAX];
	uint8_t name[NAME_BYTES] = { 0 };
	unsigned bytes;
	size_t n;

	*host = 0;
	if (!read_labels(b, message, letters, &n))
		return NULL;
	const char *bad = undo_letters(letters, n, name, &bytes);
	if (bad) {
		*len = strlen(bad);
		return bad;
	}
	if (bytes != NAME_BYTES) {
		*len = (size_t)snprintf(
			text, TEXT_MAX, "Illegal NetBIOS name (%u bytes long)", bytes);
		return pkt_copy(pkt, text, *len);
	}
	*len = *host = print_bytes(text, name);
	*len += (size_t)snprintf(text + *len, DIGITS + 1, "<%02x>", name[NAME_BYTES - 1]);
	const char *scope = memchr(letters, '.', n);
	size_t rest = scope ? n - (size_t)(scope - letters) : 0;
	if (*len + rest < TEXT_MAX) {
		memcpy(text + *len, letters + n - rest, rest);
		*len += rest;
	}
	return pkt_copy(pkt, text, *len);
}

/* Not that of all, nor those that begin with bytes of their own, like that of all browsers. */
void nb_name_related(struct packet *pkt, const char *text, size_t host)
{
	if (text && host && *text != '*' && *text != '<')
		ecs_str(pkt, ECS_RELATED_HOSTS, text, host);
}

bool nb_name_host(struct packet *pkt, struct bytes *b, struct bytes message)
{
	size_t len, host;
	const char *text = nb_name(pkt, b, message, &len, &host);

	nb_name_related(pkt, text, host);
	return text;
}
