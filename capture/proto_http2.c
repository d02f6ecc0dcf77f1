/* proto_http2.c -- HTTP/2 without TLS: the heads of its frames.
 * RFC 9113:  a client begins with  PRI * HTTP/2.0 CR LF CR LF SM CR LF CR LF
 *            frame: 0-2 length | 3 type | 4 flags | 5-8 stream (31 bits) | payload
 *   0 DATA 1 HEADERS 2 PRIORITY 3 RST_STREAM 4 SETTINGS 5 PUSH_PROMISE 6 PING 7 GOAWAY
 *   8 WINDOW_UPDATE 9 CONTINUATION
 * Headers are packed (HPACK) by what earlier packets said, so they are left out. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http2.h"
#include "outcome.h"

enum { FRAMES_MAX = 8192, HEAD = 9, LONGEST = 16384, LONE_STREAM_MAX = 65535 };

enum { LENGTH, TYPE, FLAGS, STREAMID };
static const struct proto_field fields[] = {
	[LENGTH] = { "http2.length", FIELD_U24, "Length of a frame's payload", NULL, "0.1", DETAIL,
		PLAIN },
	[TYPE] = { "http2.type", FIELD_U8,
		"0 data, 1 headers, 2 priority, 3 reset, 4 settings, 6 ping, 7 goaway, 8 window",
		NULL, "0.1", CORE, PLAIN },
	[FLAGS] = { "http2.flags", FIELD_U8, "Flags of the frame", NULL, "0.1", DETAIL, PLAIN },
	[STREAMID] = { "http2.streamid", FIELD_U32, "Stream it belongs to", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_HTTP, HTTP2_VERSION, NULL }, { 0 } };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum { PREFACE = sizeof(preface) - 1 };

struct frame_head {
	uint32_t length, stream;
	uint8_t type, flags;
};

/* What RFC 9113, section 6, allows: flags, the one length (0: any), whether it has a stream (-1:
 * either). */
static const struct {
	uint8_t flags, length;
	int8_t stream;
} types[] = { { 0x09, 0, 1 }, { 0x2d, 0, 1 }, { 0, 5, 1 }, { 0, 4, 1 }, { 0x01, 0, 0 },
	{ 0x0c, 0, 1 }, { 0x01, 8, 0 }, { 0, 0, 0 }, { 0, 4, -1 }, { 0x04, 0, 1 } };

static struct frame_head read_head(struct bytes *b)
{
	struct frame_head head = { .length = bytes_be24(b) };

	head.type = bytes_u8(b);
	head.flags = bytes_u8(b);
	head.stream = bytes_be32(b);
	return head;
}

static bool is_allowed(const struct frame_head *head)
{
	if (head->type >= sizeof(types) / sizeof(types[0]) || head->stream >> 31 ||
		head->length > LONGEST || head->flags & ~types[head->type].flags)
		return false;
	if (types[head->type].length && head->length != types[head->type].length)
		return false;
	return types[head->type].stream < 0 || types[head->type].stream == (head->stream != 0);
}

bool http2_begins(struct bytes b)
{
	bool any = false;

	if (bytes_starts(&b, preface, PREFACE))
		return true;
	for (unsigned i = 0; i < FRAMES_MAX && bytes_left(&b); i++) {
		struct frame_head head = read_head(&b);
		if (!bytes_ok(&b))
			return any;
		if (!is_allowed(&head))
			return false;
		if (head.length > bytes_left(&b))
			return any || head.stream <= LONE_STREAM_MAX;
		bytes_skip(&b, head.length);
		any = true;
	}
	return any;
}

/* RFC 9113, 6.4, 6.8 and 7. */
static void tell_error(struct packet *pkt, uint8_t type, struct bytes b)
{
	enum { RESET = 3, GOAWAY = 7 };
	static const char *const names[] = { NULL, "PROTOCOL_ERROR", "INTERNAL_ERROR",
		"FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
		"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR",
		"ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED" };

	if (type != RESET && type != GOAWAY)
		return;
	bytes_skip(&b, type == GOAWAY ? 4 : 0);
	uint32_t code = bytes_be32(&b);
	if (bytes_ok(&b) && code)
		outcome_failure(pkt, code, NAME_OF(names, code));
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { "data", "headers", "priority", "rst-stream",
		"settings", "push-promise", "ping", "goaway", "window-update", "continuation" };
	if (bytes_starts(&b, preface, PREFACE)) {
		bytes_skip(&b, PREFACE);
		pkt_client(pkt, true);
	}
	ecs_text(pkt, ECS_HTTP_VERSION, "2");
	for (unsigned i = 0; i < FRAMES_MAX && bytes_left(&b) >= HEAD; i++) {
		struct frame_head head = read_head(&b);
		put_u64(pkt, LENGTH, head.length);
		put_u64(pkt, TYPE, head.type);
		put_u64(pkt, FLAGS, head.flags);
		put_u64(pkt, STREAMID, head.stream & 0x7fffffff);
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, head.type));
		tell_error(pkt, head.type, bytes_upto(&b, head.length));
	}
	return b.cut || bytes_left(&b) ? DECODE_TRUNCATED : DECODE_OK;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	return bytes_starts(&b, preface, PREFACE);
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, 'P', 'P' }, { 0 } };

const struct proto proto_http2 = {
	.name = "http2",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "http2",
};
