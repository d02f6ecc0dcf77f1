/* ftp_address.c -- addresses and ports in FTP's commands and answers.
 * Numbers too large lose their upper bits, as with tshark. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ftp_address.h"

#include <ctype.h>
#include <string.h>

#include <arpa/inet.h>

#include "line.h"

enum { NUMBERS = 6, SIGNIFICANT = 9, TEXT_MOST = 63, DELIMITERS = 4 };

/* A number after blanks; false when there is none. */
static bool next_number(struct bytes *b, uint32_t *value)
{
	unsigned digits = 0;

	*value = 0;
	while (isspace(bytes_peek(b, 0)))
		bytes_skip(b, 1);
	for (; isdigit(bytes_peek(b, 0)); digits++)
		*value = *value * 10 + bytes_u8(b) - '0';
	return digits > 0 && digits <= SIGNIFICANT;
}

static bool numbers_here(struct bytes b, uint32_t n[NUMBERS])
{
	for (unsigned i = 0; i < NUMBERS; i++) {
		if (!next_number(&b, &n[i]))
			return false;
		if (i + 1 < NUMBERS && bytes_peek(&b, 0) != ',')
			return false;
		(void)bytes_upto(&b, 1);
	}
	return true;
}

bool ftp_six_numbers(struct bytes text, struct ftp_address *address)
{
	uint32_t n[NUMBERS];

	for (;;) {
		while (bytes_left(&text) && !isdigit(*text.p))
			bytes_skip(&text, 1);
		if (bytes_left(&text) == 0)
			return false;
		if (numbers_here(text, n))
			break;
		while (isdigit(bytes_peek(&text, 0)))
			bytes_skip(&text, 1);
	}
	uint32_t ip = htonl(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
	memcpy(address->ip, &ip, sizeof(ip));
	address->has_ip = true;
	address->port = (uint16_t)((n[4] & 0xff) << 8 | (n[5] & 0xff));
	return true;
}

static bool is_delimiter(int c)
{
	return c >= 0 && isgraph(c) && !isxdigit(c) && c != '.' && c != ':';
}

static bool read_ip(struct bytes text, int family, void *ip)
{
	char copy[TEXT_MOST + 1];
	size_t n = bytes_left(&text);

	if (n > TEXT_MOST)
		return false;
	memcpy(copy, text.p, n);
	copy[n] = '\0';
	return inet_pton(family, copy, ip) == 1;
}

bool ftp_eprt(struct bytes text, struct ftp_address *address)
{
	uint8_t ip6[16];
	unsigned delimiters = 0;
	int delimiter = bytes_peek(&text, 0);

	for (const uint8_t *p = text.p; p < text.end; p++)
		delimiters += *p == delimiter;
	if (!is_delimiter(delimiter) || delimiters != DELIMITERS)
		return false;
	bytes_skip(&text, 1);
	int64_t family = line_number(line_until(&text, (uint8_t)delimiter), 2);
	struct bytes ip = line_until(&text, (uint8_t)delimiter);
	int64_t port = line_number(line_until(&text, (uint8_t)delimiter), UINT16_MAX);
	if (port < 0 || family < 1)
		return false;
	address->has_ip = family == 1;
	address->port = (uint16_t)port;
	return family == 1 ? read_ip(ip, AF_INET, address->ip) : read_ip(ip, AF_INET6, ip6);
}

bool ftp_epsv(struct bytes text, uint16_t *port)
{
	uint32_t value;

	(void)line_until(&text, '(');
	int delimiter = bytes_peek(&text, 0);
	for (unsigned i = 0; i < 3 && is_delimiter(delimiter) && bytes_peek(&text, 0) == delimiter;
		i++)
		bytes_skip(&text, 1);
	if (!isdigit(bytes_peek(&text, 0)) || !next_number(&text, &value))
		return false;
	if (value > UINT16_MAX && bytes_peek(&text, 0) != '|')
		return false;
	*port = value > UINT16_MAX ? UINT16_MAX : (uint16_t)value;
	return bytes_left(&text) && memchr(text.p, ')', bytes_left(&text)) != NULL;
}
