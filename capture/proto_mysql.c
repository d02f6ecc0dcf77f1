/* proto_mysql.c -- MySQL's and MariaDB's protocol, version 4.1 and later.
 * MySQL documentation, "Client/Server Protocol":  packets, one behind the other:  u24 length of the
 *   contents, little-endian | u8 number, from 0 in each command | contents, see mysql_message.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"
#include "mysql.h"

enum {
	PORT = 3306,
	HEAD = 4,
	PACKED_HEAD = 7,
	PACKETS_MAX = 4096,
	GREETING = 10,
	VERSION_MAX = 100
};

static const struct proto_bind binds[] = { { BY_TCP_PORT, PORT, NULL }, { 0 } };
static const struct proto_probe probes[] = { { BY_TCP_PORT, 30, 255 }, { 0 } };

static uint32_t length_of(struct bytes *b)
{
	uint32_t low = bytes_le16(b);

	return low | (uint32_t)bytes_u8(b) << 16;
}

/* Whole packets whose numbers follow each other, the last of which may go on in the next segment
 * when others came before it, or when it begins a command or a session. A segment that begins
 * amidst a packet is not guessed at. */
static bool is_chain(struct bytes b)
{
	int before = -1;

	for (unsigned i = 0; i < PACKETS_MAX && bytes_left(&b) >= HEAD; i++) {
		uint32_t length = length_of(&b);
		uint8_t number = bytes_u8(&b);
		if (before >= 0 && number != (uint8_t)(before + 1) && number != 0)
			return false;
		if (length > bytes_claimed(&b))
			return before >= 0 || number <= 1;
		bytes_skip(&b, length);
		before = number;
	}
	return before >= 0;
}

/* In a session that compresses, heads of their own stand around packets: u24 length | u8 number |
 * u24 length once unpacked, 0: not packed. */
static bool is_packed(struct bytes b)
{
	return bytes_left(&b) > PACKED_HEAD && length_of(&b) + HEAD == bytes_left(&b);
}

static bool is_tls(const struct bytes *b)
{
	int type = bytes_peek(b, 0);

	return type >= 20 && type <= 23 && bytes_peek(b, 1) == 3 && bytes_peek(b, 2) <= 4;
}

static bool decode_one(struct packet *pkt, struct bytes *b, bool client, bool first)
{
	uint32_t length = length_of(b);
	uint8_t number = bytes_u8(b);
	bool whole = length <= bytes_left(b);
	struct bytes body = bytes_upto(b, length);

	put_u64(pkt, MY_LENGTH, length);
	put_u64(pkt, MY_NUMBER, number);
	body.cut = length - (uint32_t)bytes_left(&body);
	if (bytes_left(&body) && client)
		mysql_put_client(pkt, number, &body);
	else if (bytes_left(&body))
		mysql_put_server(pkt, number, &body, first);
	return bytes_ok(&body) && whole;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool client = pkt_to_server(pkt);

	if (is_packed(b)) {
		bytes_skip(&b, HEAD);
		if (length_of(&b))
			return DECODE_OK;
	}
	if (!is_chain(b) || is_tls(&b))
		return DECODE_REJECT;
	pkt_client(pkt, client);
	for (unsigned i = 0; i < PACKETS_MAX && bytes_left(&b) >= HEAD; i++)
		if (!decode_one(pkt, &b, client, i == 0))
			return DECODE_TRUNCATED;
	return DECODE_OK;
}

/* A server's greeting: a whole packet 0 that begins with 10 and a version in digits and dots. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	uint32_t length = length_of(&b);
	uint8_t number = bytes_u8(&b), protocol = bytes_u8(&b);

	if (pkt_to_server(pkt) || number != 0 || protocol != GREETING ||
		length != bytes_claimed(&b) + 1)
		return false;
	struct bytes version = line_until(&b, '\0');
	if (bytes_left(&version) < 3 || bytes_left(&version) > VERSION_MAX || bytes_left(&b) < 13)
		return false;
	return bytes_peek(&version, 0) >= '3' && bytes_peek(&version, 0) <= '9' &&
	       (bytes_peek(&version, 1) == '.' || bytes_peek(&version, 2) == '.') &&
	       bytes_peek(&b, 12) == 0;
}

const struct proto proto_mysql = { .name = "mysql",
	.binds = binds,
	.fields = mysql_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "mysql" };
