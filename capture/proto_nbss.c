/* proto_nbss.c -- NetBIOS Session Service, and SMB over TCP, which has the same frames.
 * RFC 1002, 4.3:  0 type | 1 flags; bit 0: length + 65536 | 2-3 length | that many bytes
 * MS-SMB2, 2.1:  0 zero | 1-3 length | that many bytes
 *   types: 0 message, 0x81 request, 0x82 yes, 0x83 no, 0x84 ask there, 0x85 keep alive
 *
 * Of a message that began in an earlier segment nothing is said. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "outcome.h"

enum { HEADER = 4, MAGIC = 4, MESSAGES_MAX = 4096, NAMES_MAX = 256, TARGET_BYTES = 6 };
enum nbss_kind { MESSAGE = 0, REQUEST = 0x81, POSITIVE, NEGATIVE, RETARGET, KEEP_ALIVE };

enum { TYPE, LENGTH };
static const struct proto_field fields[] = {
	[TYPE] = { "nbss.type", FIELD_U8,
		"0 message, 129 request, 130 accepted, 131 refused, 132 elsewhere, 133 keep alive",
		NULL, "0.1", DETAIL, PLAIN },
	[LENGTH] = { "nbss.length", FIELD_U24, "Length behind the first four bytes", NULL, "0.1",
		DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 139, NULL }, { BY_TCP_PORT, 445, NULL },
	{ 0 } };
static const struct proto_probe probes[] = { { BY_TCP_PORT, 0, 0 }, { 0 } };

/* A message of SMB: its length takes three bytes. */
static bool is_smb(struct bytes b)
{
	bool message = bytes_peek(&b, 0) == MESSAGE;

	bytes_skip(&b, HEADER + 1);
	return message && bytes_starts(&b, "SMB", 3);
}

static uint32_t length_of(struct bytes b, bool smb)
{
	bytes_skip(&b, 1);
	uint32_t length = bytes_be24(&b);
	return smb ? length : length & 0x1ffff;
}

/* Does it begin with a header? Else it goes on with what an earlier segment has begun. */
static bool begins(struct bytes b, bool smb)
{
	uint32_t length = length_of(b, smb);
	int flags = bytes_peek(&b, 1);

	if (bytes_left(&b) < HEADER || (!smb && flags > 1))
		return false;
	switch (bytes_peek(&b, 0)) {
	case MESSAGE:
		return length > 0;
	case REQUEST:
		return length >= 2 && length <= NAMES_MAX;
	case NEGATIVE:
		return length == 1;
	case RETARGET:
		return length == TARGET_BYTES;
	case POSITIVE:
	case KEEP_ALIVE:
		return length == 0;
	default:
		return false;
	}
}

static void hand_on(struct packet *pkt, struct bytes b)
{
	int first = bytes_peek(&b, 0);
	struct bytes magic = b;

	bytes_skip(&magic, 1);
	if (!bytes_starts(&magic, "SMB", MAGIC - 1) ||
		!decode_by(pkt, BY_NETBIOS, (uint32_t)first, b))
		(void)decode_data(pkt, b);
}

/* RFC 1002, 4.3. */
static void tell(struct packet *pkt, uint8_t type, struct bytes body)
{
	static const char *const names[] = { "not listening on called name",
		"not listening for calling name", "called name not present",
		"called name present, but insufficient resources" };
	static const char *const actions[] = { "session-request", "positive-session-response",
		"negative-session-response", "retarget-session-response", "session-keep-alive" };
	enum { ERROR_MIN = 0x80, UNSPECIFIED = 0x8f };
	uint8_t code = bytes_u8(&body);

	if (type == MESSAGE)
		ecs_text(pkt, ECS_EVENT_ACTION, "session-message");
	if (type >= REQUEST)
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, type - (unsigned)REQUEST));
	if (type == POSITIVE)
		outcome_success(pkt);
	if (type == NEGATIVE && bytes_ok(&body))
		outcome_failure(pkt, code,
			code == UNSPECIFIED ? "unspecified error"
			: code < ERROR_MIN  ? NULL
					    : NAME_OF(names, code - (unsigned)ERROR_MIN));
	if (type == POSITIVE || type == NEGATIVE || type == RETARGET)
		pkt_client(pkt, false);
}

static bool decode_message(struct packet *pkt, struct bytes *b, bool smb)
{
	uint32_t length = length_of(*b, smb);

	if (bytes_left(b) < HEADER)
		return false;
	uint8_t type = get_u8(pkt, b, TYPE);
	bytes_skip(b, HEADER - 1);
	put_u64(pkt, LENGTH, length);
	if (type == REQUEST)
		pkt_client(pkt, true);
	bool whole = length <= bytes_left(b);
	struct bytes body = bytes_upto(b, length);
	tell(pkt, type, body);
	if (type == MESSAGE)
		hand_on(pkt, body);
	return whole;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool smb = is_smb(b), whole = true;

	if (!begins(b, smb))
		return DECODE_OK;
	for (unsigned i = 0; i < MESSAGES_MAX && whole && bytes_left(&b); i++)
		whole = decode_message(pkt, &b, smb);
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

/* On other ports: a message of SMB that is no longer than SMB's may be. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	int magic = bytes_peek(&b, HEADER);

	(void)pkt;
	return is_smb(b) && magic >= 0xfc && length_of(b, true) >= 32;
}

const struct proto proto_nbss = { .name = "nbss",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "nbss" };
