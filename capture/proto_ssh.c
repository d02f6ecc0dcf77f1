/* proto_ssh.c -- Secure Shell up to its encryption, which only earlier packets would tell.
 * RFC 4253, section 4.2:  "SSH-" version "-" software [SP comments] CR LF
 * section 6:  0-3 packet length | 4 padding length | 5 message code | contents | padding
 * section 7.1, KEXINIT:  16 cookie | 10 lists of names, each behind its length | 1 guess follows |
 * 4 reserved
 *
 * A packet is in clear text when it is one of the messages that come before encryption and its
 * contents fill it to the byte; cipher text does not by chance. The fingerprint HASSH is the MD5 of
 * four of the lists, those of the sender's own way. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "fingerprint.h"
#include "line.h"
#include "outcome.h"

enum {
	PORT = 22,
	MESSAGES_MAX = 64,
	LENGTH_MAX = 35000,
	PADDING_MIN = 4,
	COOKIE_LEN = 16,
	LINES_MAX = 64,
	LISTS = 8, /* that have a field; two of languages follow */
	TEXT_BYTES = 16,
};

enum message {
	DISCONNECT = 1,
	IGNORE = 2,
	UNIMPLEMENTED = 3,
	DEBUG = 4,
	KEXINIT = 20,
	NEWKEYS = 21,
	KEX_INIT = 30,
	KEX_REPLY = 31,
	GEX_INIT = 32,
	GEX_REPLY = 33,
	GEX_REQUEST = 34,
};

enum {
	PROTOCOL,
	DIRECTION,
	PACKET_LENGTH,
	PADDING_LENGTH,
	MESSAGE_CODE,
	COOKIE,
	KEX_ALGORITHMS,
	HOST_KEY_ALGORITHMS,
	ENCRYPTION_CLIENT,
	ENCRYPTION_SERVER,
	MAC_CLIENT,
	MAC_SERVER,
	COMPRESSION_CLIENT,
	COMPRESSION_SERVER,
	FIRST_FOLLOWS,
	HASSH,
	HASSH_ALGORITHMS,
	HASSH_SERVER,
	HASSH_SERVER_ALGORITHMS,
	HOST_KEY_TYPE,
};

static const struct proto_field fields[] = {
	[PROTOCOL] = { "ssh.protocol", FIELD_ASCII, "Version and software", NULL, "0.1", CORE,
		PLAIN },
	[DIRECTION] = { "ssh.direction", FIELD_BOOL, "From the server", NULL, "0.1", DERIVED,
		PLAIN },
	[PACKET_LENGTH] = { "ssh.packet_length", FIELD_U32, "Length of a packet", NULL, "0.1",
		DETAIL, PLAIN },
	[PADDING_LENGTH] = { "ssh.padding_length", FIELD_U8, "Length of its padding", NULL, "0.1",
		DETAIL, PLAIN },
	[MESSAGE_CODE] = { "ssh.message_code", FIELD_U8, "Message", NULL, "0.1", CORE, PLAIN },
	[COOKIE] = { "ssh.cookie", FIELD_BYTES, "Random bytes of the sender", NULL, "0.1", DETAIL,
		PLAIN },
	[KEX_ALGORITHMS] = { "ssh.kex_algorithms", FIELD_ASCII, "Key exchanges offered", NULL,
		"0.1", CORE, PLAIN },
	[HOST_KEY_ALGORITHMS] = { "ssh.server_host_key_algorithms", FIELD_ASCII,
		"Host keys offered", NULL, "0.1", CORE, PLAIN },
	[ENCRYPTION_CLIENT] = { "ssh.encryption_algorithms_client_to_server", FIELD_ASCII,
		"Ciphers from the client", NULL, "0.1", CORE, PLAIN },
	[ENCRYPTION_SERVER] = { "ssh.encryption_algorithms_server_to_client", FIELD_ASCII,
		"Ciphers from the server", NULL, "0.1", CORE, PLAIN },
	[MAC_CLIENT] = { "ssh.mac_algorithms_client_to_server", FIELD_ASCII,
		"Authentication codes from the client", NULL, "0.1", CORE, PLAIN },
	[MAC_SERVER] = { "ssh.mac_algorithms_server_to_client", FIELD_ASCII,
		"Authentication codes from the server", NULL, "0.1", CORE, PLAIN },
	[COMPRESSION_CLIENT] = { "ssh.compression_algorithms_client_to_server", FIELD_ASCII,
		"Compressions from the client", NULL, "0.1", CORE, PLAIN },
	[COMPRESSION_SERVER] = { "ssh.compression_algorithms_server_to_client", FIELD_ASCII,
		"Compressions from the server", NULL, "0.1", CORE, PLAIN },
	[FIRST_FOLLOWS] = { "ssh.first_kex_packet_follows", FIELD_U8,
		"1: a guessed key exchange follows", NULL, "0.1", DETAIL, PLAIN },
	[HASSH] = { "ssh.kex.hassh", FIELD_STR, "Fingerprint of the client (HASSH)",
		"espcap.ssh.hassh", "0.1", CORE, PLAIN },
	[HASSH_ALGORITHMS] = { "ssh.kex.hassh_algorithms", FIELD_ASCII, "What HASSH is the MD5 of",
		NULL, "0.1", DERIVED, PLAIN },
	[HASSH_SERVER] = { "ssh.kex.hasshserver", FIELD_STR, "Fingerprint of the server (HASSH)",
		"espcap.ssh.hassh_server", "0.1", CORE, PLAIN },
	[HASSH_SERVER_ALGORITHMS] = { "ssh.kex.hasshserver_algorithms", FIELD_ASCII,
		"What the server's HASSH is the MD5 of", NULL, "0.1", DERIVED, PLAIN },
	[HOST_KEY_TYPE] = { "ssh.host_key.type", FIELD_ASCII, "Kind of the server's key", NULL,
		"0.1", CORE, PLAIN },
	{ 0 },
};

static const struct proto_bind binds[] = { { BY_TCP_PORT, PORT, NULL },
	{ BY_SCTP_PORT, PORT, NULL }, { 0 } };

struct ssh {
	struct packet *pkt;
	bool from_server;
};

/* --- the messages in clear text --- */

/* What the contents are made of: bytes, strings behind their lengths, bytes. */
static const struct shape {
	uint8_t code, before, strings, after;
} shapes[] = {
	{ DISCONNECT, 4, 2, 0 },
	{ IGNORE, 0, 1, 0 },
	{ UNIMPLEMENTED, 4, 0, 0 },
	{ DEBUG, 1, 2, 0 },
	{ KEXINIT, COOKIE_LEN, 10, 5 },
	{ NEWKEYS, 0, 0, 0 },
	{ KEX_INIT, 0, 1, 0 },
	{ KEX_INIT, 4, 0, 0 }, /* group exchange of old: bits */
	{ KEX_REPLY, 0, 3, 0 },
	{ KEX_REPLY, 0, 2, 0 }, /* group exchange: modulus and base */
	{ GEX_INIT, 0, 1, 0 },
	{ GEX_REPLY, 0, 3, 0 },
	{ GEX_REQUEST, 12, 0, 0 },
};

/* The view is as long as the contents, or cut. */
static bool fits(const struct shape *shape, struct bytes b)
{
	(void)bytes_upto(&b, shape->before);
	for (unsigned i = 0; i < shape->strings && bytes_left(&b) >= 4; i++) {
		uint32_t n = bytes_be32(&b);
		if (n > bytes_claimed(&b))
			return false;
		(void)bytes_upto(&b, n);
	}
	return b.cut || (bytes_ok(&b) && bytes_left(&b) == shape->after);
}

static bool is_clear(uint8_t code, struct bytes contents)
{
	for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].code == code && fits(&shapes[i], contents))
			return true;
	return false;
}

/* --- key exchange --- */

static void put_hassh(struct ssh *s, const struct bytes lists[])
{
	static const unsigned rows[2][4] = {
		{ KEX_ALGORITHMS, ENCRYPTION_CLIENT, MAC_CLIENT, COMPRESSION_CLIENT },
		{ KEX_ALGORITHMS, ENCRYPTION_SERVER, MAC_SERVER, COMPRESSION_SERVER },
	};
	const unsigned *row = rows[s->from_server];
	size_t len = 3;

	for (unsigned i = 0; i < 4; i++)
		len += bytes_left(&lists[row[i] - KEX_ALGORITHMS]);
	char *text = pkt_scratch(s->pkt, len);
	if (!text)
		return;
	char *p = text;
	for (unsigned i = 0; i < 4; i++) {
		const struct bytes *list = &lists[row[i] - KEX_ALGORITHMS];
		if (i > 0)
			*p++ = ';';
		if (bytes_left(list))
			memcpy(p, list->p, bytes_left(list));
		p += bytes_left(list);
	}
	unsigned field = s->from_server ? HASSH_SERVER : HASSH;
	fingerprint_put(s->pkt, field, field + 1, text, len);
}

/* A list that is cut gives what is there of it, but no fingerprint. */
static void key_exchange(struct ssh *s, struct bytes b)
{
	struct bytes lists[LISTS];

	pkt_client(s->pkt, !s->from_server);
	put_bytes(s->pkt, COOKIE, bytes_take(&b, COOKIE_LEN), COOKIE_LEN);
	for (unsigned i = 0; i < LISTS; i++) {
		uint32_t n = bytes_be32(&b);
		lists[i] = bytes_upto(&b, n);
		put_str(s->pkt, KEX_ALGORITHMS + i, lists[i].p, bytes_left(&lists[i]));
		if (!bytes_ok(&b) || lists[i].cut)
			return;
	}
	for (unsigned i = 0; i < 2; i++) /* languages */
		bytes_skip(&b, bytes_be32(&b));
	(void)get_u8(s->pkt, &b, FIRST_FOLLOWS);
	put_hassh(s, lists);
}

/* The key is a string that begins with the string of its kind; in a group exchange the same code
 * brings a modulus, which begins with other bytes. */
static void put_host_key(struct ssh *s, struct bytes b)
{
	uint32_t all = bytes_be32(&b);
	struct bytes key = bytes_upto(&b, all);
	uint32_t n = bytes_be32(&key);
	struct bytes kind = bytes_sub(&key, n);

	if (!bytes_ok(&kind))
		return;
	for (const uint8_t *p = kind.p; p < kind.end; p++)
		if (*p <= ' ' || *p > '~')
			return;
	put_str(s->pkt, HOST_KEY_TYPE, kind.p, bytes_left(&kind));
}

/* RFC 4253, 11.1. That the application has ended is no failure. */
static void tell_end(struct ssh *s, struct bytes b)
{
	enum { BY_APPLICATION = 11 };
	static const char *const reasons[] = { NULL, "host not allowed to connect",
		"protocol error", "key exchange failed", NULL, "MAC error", "compression error",
		"service not available", "protocol version not supported",
		"host key not verifiable", "connection lost", "by application",
		"too many connections", "authentication cancelled by user",
		"no more authentication methods available", "illegal user name" };
	uint32_t reason = bytes_be32(&b), length = bytes_be32(&b);

	if (bytes_ok(&b) && reason != BY_APPLICATION)
		outcome_failure_said(
			s->pkt, reason, bytes_upto(&b, length), NAME_OF(reasons, reason));
}

static void put_message(struct ssh *s, uint8_t code, struct bytes contents)
{
	if (code == KEXINIT)
		key_exchange(s, contents);
	else if (code == KEX_REPLY || code == GEX_REPLY)
		put_host_key(s, contents);
	else if (code == DISCONNECT)
		tell_end(s, contents);
}

/* RFC 4250, 4.1; 30 to 34 are the key exchange's own: those of its two kinds. */
static const char *const actions[] = { [DISCONNECT] = "disconnect",
	[IGNORE] = "ignore",
	[UNIMPLEMENTED] = "unimplemented",
	[DEBUG] = "debug",
	[KEXINIT] = "kexinit",
	[NEWKEYS] = "newkeys",
	[KEX_INIT] = "kex-init",
	[KEX_REPLY] = "kex-reply",
	[GEX_INIT] = "gex-init",
	[GEX_REPLY] = "gex-reply",
	[GEX_REQUEST] = "gex-request" };

/* One binary packet. False when it is none in clear text, or the last one. */
static bool packet(struct ssh *s, struct bytes *b)
{
	uint32_t length = bytes_be32(b);
	size_t claimed = bytes_claimed(b);
	uint8_t padding = bytes_u8(b), code = bytes_u8(b);

	if (!bytes_ok(b) || length > LENGTH_MAX || padding < PADDING_MIN || length < padding + 2u)
		return false;
	size_t size = length - padding - 2u;
	struct bytes contents = bytes_upto(b, size);
	if (length > claimed && bytes_left(&contents) < size) /* it goes on in the next segment */
		contents.cut = (uint32_t)(size - bytes_left(&contents));
	if (!is_clear(code, contents))
		return false;
	put_u64(s->pkt, PACKET_LENGTH, length);
	put_u64(s->pkt, PADDING_LENGTH, padding);
	put_u64(s->pkt, MESSAGE_CODE, code);
	ecs_text(s->pkt, ECS_EVENT_ACTION, NAME_OF(actions, code));
	put_message(s, code, contents);
	(void)bytes_upto(b, padding);
	return code != NEWKEYS; /* what follows is encrypted */
}

/* --- the version --- */

static bool is_version(const struct bytes *b)
{
	struct bytes start = bytes_of(b->p, bytes_left(b) < 4 ? bytes_left(b) : 4);

	return line_is(start, "SSH-");
}

/* A server may say something to people first. */
static bool put_version(struct ssh *s, struct bytes *b)
{
	struct bytes rest = *b;
	struct line line;

	for (unsigned i = 0; i < LINES_MAX && bytes_left(&rest); i++) {
		bool found = is_version(&rest);
		if (!line_next(&rest, &line))
			return false;
		if (!found)
			continue;
		put_str(s->pkt, PROTOCOL, line.text.p, bytes_left(&line.text));
		ecs_text(s->pkt, ECS_EVENT_ACTION, "identification");
		*b = rest;
		return true;
	}
	return false;
}

/* Whole lines of text: the lists of a key exchange that goes on from an earlier segment are text,
 * too, but no lines. */
static bool is_text(const struct bytes *b)
{
	for (unsigned i = 0; i < TEXT_BYTES; i++) {
		int c = bytes_peek(b, i);
		if ((c < ' ' || c > '~') && c != '\r' && c != '\n')
			return false;
	}
	return bytes_peek(b, bytes_left(b) - 1) == '\n';
}

/* --- */

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct ssh s = { .pkt = pkt, .from_server = !pkt_to_server(pkt) };

	bool text = is_text(&b);
	if ((text || is_version(&b)) && !put_version(&s, &b) && !s.from_server)
		return DECODE_REJECT;
	put_bool(pkt, DIRECTION, s.from_server);
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b); i++)
		if (!packet(&s, &b))
			break;
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	int major = bytes_peek(&b, 4);

	(void)pkt;
	return bytes_starts(&b, "SSH-", 4) && (major == '1' || major == '2') &&
	       bytes_peek(&b, 5) == '.';
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, 'S', 'S' }, { 0 } };

const struct proto proto_ssh = {
	.name = "ssh",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "ssh",
};
