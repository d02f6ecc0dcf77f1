/* proto_websocket.c -- WebSocket without TLS: the heads of its frames.
 * RFC 6455, 5.2:  0 fin (1 bit), reserved (3), kind (4) | 1 mask (1), length (7)
 *                 126: 2-3 length | 127: 2-9 length | mask of 4 bytes, if there is one | payload
 *   0 goes on 1 text 2 binary 8 close 9 ping 10 pong
 * The upgrade to it stands in earlier packets, mostly: frames are known by lengths that fit and by
 * text. The first reserved bit says that a message is compressed (RFC 7692). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "websocket.h"

enum { FRAMES_MAX = 8192, KEY = 4, CONTROL_MAX = 125, LENGTH_16 = 126, LENGTH_64 = 127 };
enum { GOES_ON, TEXT, BINARY, CLOSE = 8, PING, PONG };
enum { TEXT_MIN = 4, CUT_TEXT_MIN = 64 };

enum { FIN, OPCODE, MASK, PAYLOAD_LENGTH };
static const struct proto_field fields[] = {
	[FIN] = { "websocket.fin", FIELD_BOOL, "The frame ends a message", NULL, "0.1", DETAIL,
		PLAIN },
	[OPCODE] = { "websocket.opcode", FIELD_U8,
		"0 goes on, 1 text, 2 binary, 8 close, 9 ping, 10 pong", NULL, "0.1", CORE, PLAIN },
	[MASK] = { "websocket.mask", FIELD_BOOL, "The payload is masked, as a client's is", NULL,
		"0.1", DETAIL, PLAIN },
	[PAYLOAD_LENGTH] = { "websocket.payload_length", FIELD_U8,
		"Length of the payload; 126 and 127: of 16 and 64 bits, behind it", NULL, "0.1",
		CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_HTTP, HTTP_WEBSOCKET, NULL }, { 0 } };

struct frame_head {
	uint8_t reserved, kind, short_length;
	bool fin, masked;
	uint8_t key[KEY];
	uint64_t length;
};

static void put_head(struct packet *pkt, const struct frame_head *head)
{
	put_bool(pkt, FIN, head->fin);
	put_u64(pkt, OPCODE, head->kind);
	put_bool(pkt, MASK, head->masked);
	put_u64(pkt, PAYLOAD_LENGTH, head->short_length);
}

/* pkt NULL: only looks. */
static struct frame_head read_head(struct packet *pkt, struct bytes *b)
{
	uint8_t first = bytes_u8(b), second = bytes_u8(b);
	struct frame_head head = { .reserved = first >> 4 & 7,
		.kind = first & 15,
		.short_length = second & 0x7f,
		.fin = first >> 7,
		.masked = second >> 7 };

	if (pkt && bytes_ok(b))
		put_head(pkt, &head);
	head.length = head.short_length;
	if (head.short_length == LENGTH_16)
		head.length = bytes_be16(b);
	else if (head.short_length == LENGTH_64)
		head.length = bytes_be64(b);
	const uint8_t *key = head.masked ? bytes_take(b, KEY) : NULL;
	if (key)
		memcpy(head.key, key, KEY);
	return head;
}

/* --- by content --- */

static bool is_allowed(const struct frame_head *head)
{
	bool control = head->kind >= CLOSE;

	if (head->kind > PONG || (head->kind > BINARY && !control))
		return false;
	if (head->reserved & 3 || (head->reserved && head->kind != TEXT && head->kind != BINARY))
		return false;
	if (control)
		return head->fin && head->length <= CONTROL_MAX;
	return head->short_length < LENGTH_16 ||
	       (head->short_length == LENGTH_16
			       ? head->length >= LENGTH_16
			       : head->length > UINT16_MAX && head->length <= INT64_MAX);
}

/* How many bytes of UTF-8 go on behind this one; -1: it begins no character that is printed. */
static int following(uint8_t c)
{
	if (c < 0x80)
		return c >= ' ' || c == '\t' || c == '\n' || c == '\r' ? 0 : -1;
	if (c < 0xc2 || c > 0xf4)
		return -1;
	return c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
}

/* At least min bytes of text; its last character may be cut. */
static bool is_text(const struct frame_head *head, struct bytes payload, size_t min)
{
	int more = 0;

	if (head->reserved || bytes_left(&payload) < min)
		return false;
	for (size_t i = 0; i < bytes_left(&payload); i++) {
		uint8_t c = payload.p[i] ^ head->key[i % KEY];
		bool goes_on = (c & 0xc0) == 0x80;
		if (more && !goes_on)
			return false;
		more = more ? more - 1 : following(c);
		if (more < 0)
			return false;
	}
	return true;
}

/* A reason that there is (RFC 6455, 7.4), and text behind it. */
static bool is_close(const struct frame_head *head, struct bytes payload, size_t min)
{
	if (head->kind != CLOSE || bytes_left(&payload) < 2)
		return false;
	unsigned code = (unsigned)(payload.p[0] ^ head->key[0]) << 8 |
			(payload.p[1] ^ head->key[1]);
	struct frame_head turned = *head;
	for (unsigned i = 0; i < KEY; i++)
		turned.key[i] = head->key[(i + 2) % KEY];
	bytes_skip(&payload, 2);
	return ((code >= 1000 && code < 1016) || (code >= 3000 && code < 5000)) &&
	       is_text(&turned, payload, min);
}

struct look {
	bool fits;   /* frames up to the end */
	bool speaks; /* the first one is sure by itself */
	bool text;   /* the first one has text, however little */
	bool masked;
};

static struct look look_first(const struct frame_head *head, struct bytes payload)
{
	bool cut = head->length > bytes_left(&payload);
	bool plain = head->kind <= TEXT && is_text(head, payload, 1);
	size_t min = cut ? CUT_TEXT_MIN : TEXT_MIN;

	return (struct look){ .text = plain || is_close(head, payload, 0),
		.speaks = (plain && is_text(head, payload, min)) ||
			  is_close(head, payload, TEXT_MIN) ||
			  (!cut && head->short_length == LENGTH_16 && head->fin),
		.masked = head->masked };
}

static struct look look(struct bytes b)
{
	struct look seen = { 0 };
	bool open = true;

	for (unsigned i = 0; i < FRAMES_MAX && bytes_left(&b); i++) {
		struct frame_head head = read_head(NULL, &b);
		if (!bytes_ok(&b) || !is_allowed(&head) || (i && head.masked != seen.masked))
			return (struct look){ 0 };
		if (head.kind == GOES_ON && !open)
			return (struct look){ 0 };
		if (head.kind < CLOSE)
			open = !head.fin;
		bool cut = head.length > bytes_claimed(&b);
		struct bytes payload = bytes_upto(&b, head.length);
		if (i == 0)
			seen = look_first(&head, payload);
		if (cut && !seen.speaks)
			return (struct look){ 0 };
		seen.fits = true;
	}
	return seen;
}

bool websocket_is_sure(struct bytes b)
{
	struct look seen = look(b);

	return seen.fits && seen.speaks;
}

/* What could begin a frame. */
static bool may_begin(int first)
{
	return first >= 0 && (first & 0x30) == 0 && (first & 15) <= PONG;
}

/* Only a client masks. */
bool websocket_begins(const struct packet *pkt, struct bytes b)
{
	int first = bytes_peek(&b, 0);

	if (!may_begin(first))
		return false;
	struct look seen = look(b);
	if (!seen.fits)
		return false;
	return seen.speaks || seen.text || (first & 0x80 && seen.masked == pkt->to_port);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < FRAMES_MAX && bytes_left(&b); i++) {
		struct frame_head head = read_head(pkt, &b);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		(void)bytes_upto(&b, head.length);
	}
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_websocket = {
	.name = "websocket",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.application = "websocket",
};
