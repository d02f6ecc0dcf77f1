/* proto_openflow.c -- OpenFlow: what messages there are, and the frames that switch and controller
 * hand each other.
 * Switch specification 1.0, 5.1:  0 version | 1 kind | 2-3 length | 4-7 number
 *   1.0, frame to the controller (10):  8-11 buffer | 12-13 length | 14-15 port | 16 reason | 17 |
 *     frame;  from it (13):  8-11 buffer | 12-13 port | 14-15 length of actions | actions | frame
 *   1.3 and 1.4, frame to the controller:  8-11 buffer | 12-13 length | 14 reason | 15 table |
 *     16-23 cookie | match: its kind (2), its length (2), filled up to 8 | 2 | frame;  from it:
 *     8-11 buffer | 12-15 port | 16-17 length of actions | 18-23 | actions | frame */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { HEADER = 8, LENGTH_AT = 2, MESSAGES_MAX = 256, LINKTYPE_ETHERNET = 1 };
enum {
	VERSION_1_0 = 1,
	VERSION_1_3 = 4,
	VERSION_1_4 = 5,
	VERSION_LAST = 6,
	TO_CONTROLLER = 10,
	FROM_CONTROLLER = 13
};

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_TCP_PORT, 6653, NULL }, { BY_TCP_PORT, 6633, NULL },
	{ BY_TCP_PORT, 6634, NULL }, { 0 } };

static const char *name_of(uint8_t version)
{
	switch (version) {
	case VERSION_1_0:
		return "openflow_v1";
	case VERSION_1_3:
		return "openflow_v4";
	case VERSION_1_4:
		return "openflow_v5";
	case 6:
		return "openflow_v6";
	default:
		return "";
	}
}

/* Moves to the frame that a message carries. False: it has none. */
static bool find_frame(uint8_t version, uint8_t kind, struct bytes *b)
{
	bool later = version == VERSION_1_3 || version == VERSION_1_4;
	size_t more = 0;

	if (version == VERSION_1_0 && kind == TO_CONTROLLER) {
		bytes_skip(b, 10);
	} else if (version == VERSION_1_0 && kind == FROM_CONTROLLER) {
		bytes_skip(b, 6);
		more = bytes_be16(b);
	} else if (later && kind == TO_CONTROLLER) {
		bytes_skip(b, 18);
		more = bytes_be16(b);
		more = (more + 7) / 8 * 8 - (more ? 4 : 0) + 2;
	} else if (later && kind == FROM_CONTROLLER) {
		bytes_skip(b, 8);
		more = bytes_be16(b);
		bytes_skip(b, 6);
	} else {
		return false;
	}
	bytes_skip(b, more);
	return bytes_ok(b) && bytes_left(b) > 0;
}

/* A frame from elsewhere: it says nothing of who speaks here. */
static void decode_frame(struct packet *pkt, struct bytes b)
{
	(void)decode_quoted(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b);
}

static void decode_message(struct packet *pkt, struct bytes b)
{
	uint8_t version = bytes_u8(&b), kind = bytes_u8(&b);

	pkt_protocol(pkt, name_of(version));
	bytes_skip(&b, HEADER - LENGTH_AT);
	if (bytes_ok(&b) && find_frame(version, kind, &b))
		decode_frame(pkt, b);
}

/* A controller is often asked over TLS, on the same port; and the old ports are also clients'. */
static bool is_foreign(struct bytes b)
{
	enum { TLS_TYPE = 20, TLS_LAST = 23, TLS_MAJOR = 3, LETTERS = 4 };
	int type = bytes_peek(&b, 0);

	if (type >= TLS_TYPE && type <= TLS_LAST && bytes_peek(&b, 1) == TLS_MAJOR)
		return true;
	for (size_t i = 0; i < LETTERS; i++)
		if (bytes_peek(&b, i) < ' ' || bytes_peek(&b, i) > '~')
			return false;
	return true;
}

/* Where a segment begins amidst a message there is no version. */
static bool goes_on(struct bytes b)
{
	uint8_t version = bytes_u8(&b);

	return version == 0 || version > VERSION_LAST;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (is_foreign(b))
		return DECODE_REJECT;
	if (goes_on(b))
		return DECODE_OK;
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b) >= LENGTH_AT + 2; i++) {
		struct bytes head = b;
		bytes_skip(&head, LENGTH_AT);
		uint16_t length = bytes_be16(&head);
		if (length < HEADER) {
			pkt_anomaly(pkt, "length below header size");
			return DECODE_OK;
		}
		decode_message(pkt, bytes_upto(&b, length));
	}
	return DECODE_OK;
}

const struct proto proto_openflow = { .name = "openflow",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.application = "openflow" };
