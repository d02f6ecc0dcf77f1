/* proto_smb2.c -- Server Message Block, versions 2 and 3: headers, and the chain of messages.
 * MS-SMB2, 2.2.1:  0-3 fe "SMB" | 4-5 header length, 64 | 6-7 credit charge | 8-11 status of a
 *   response; of a request 8-9 channel sequence | 12-13 command | 14-15 credits | 16-19 flags:
 *   1 response, 2 asynchronous, 4 related, 8 signed | 20-23 offset of the next message, 0 for none |
 *   24-31 message | 32-39 asynchronous id, or 32-35 process and 36-39 tree | 40-47 session |
 *   48-63 signature | body: 0-1 length of its fixed part, more by command
 * 2.2.41, encrypted:  0-3 fd "SMB" | 4-19 signature | 20-35 nonce | 36-39 length | 40-41 zero |
 *   42-43 flags | 44-51 session
 * 2.2.42, compressed:  0-3 fc "SMB" | 4-7 length before | 8-9 algorithm, 0 none | 10-11 flags |
 *   12-15 length or offset
 * All numbers are little-endian. What is encrypted or compressed is not looked into. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "smb2.h"
#include "smb_status.h"

enum { RESPONSE = 1, ASYNC = 2, SIGNATURE = 16, NONCE = 16, CHAIN_MAX = 256, COMMANDS = 19 };
enum { PLAIN_MAGIC = 0xfe, ENCRYPTED = 0xfd, COMPRESSED = 0xfc };
static const uint32_t overflow = 0x80000005, invalid_parameter = 0xc000000d, enumerate = 0x10c;
enum { SESSION_SETUP = 1, READ = 8, IOCTL = 11, NOTIFY = 15, GET_INFO = 16 };

static const struct proto_bind binds[] = { { BY_NETBIOS, PLAIN_MAGIC, NULL },
	{ BY_NETBIOS, ENCRYPTED, NULL }, { BY_NETBIOS, COMPRESSED, NULL }, { 0 } };

static const char *const actions[COMMANDS] = { "negotiate", "session-setup", "logoff",
	"tree-connect", "tree-disconnect", "create", "close", "flush", "read", "write", "lock",
	"ioctl", "cancel", "echo", "query-directory", "change-notify", "query-info", "set-info",
	"oplock-break" };

struct bytes smb2_at(const struct smb2 *m, uint32_t offset, uint32_t length)
{
	struct bytes b = m->whole;

	if (offset == 0 || length == 0)
		return (struct bytes){ b.end, b.end, 0, true };
	bytes_skip(&b, offset);
	return bytes_upto(&b, length);
}

/* What an error says in place of a body; some are answers all the same. */
static bool is_error(const struct smb2 *m)
{
	if (!m->response || m->status == 0)
		return false;
	switch (m->cmd) {
	case SESSION_SETUP: /* the body of an error reads as an empty answer */
		return false;
	case READ:
	case GET_INFO:
		return m->status != overflow;
	case IOCTL:
		return m->status != overflow && m->status != invalid_parameter;
	case NOTIFY:
		return m->status != enumerate;
	default:
		return true;
	}
}

static void put_status(struct smb2 *m, struct bytes *b, uint32_t flags)
{
	uint32_t status = bytes_le32(b);

	m->response = flags & RESPONSE;
	if (!bytes_ok(b))
		return;
	if (m->response) {
		m->status = status;
		put_u64(m->pkt, SMB2_NT_STATUS, status);
		smb_status_ecs(m->pkt, status);
	} else {
		put_u64(m->pkt, SMB2_CHANNEL_SEQUENCE, status & 0xffff);
	}
}

static void put_ids(struct smb2 *m, struct bytes *b, uint32_t flags)
{
	struct packet *pkt = m->pkt;
	uint64_t message = bytes_le64(b);

	if (bytes_ok(b))
		put_dec64(pkt, SMB2_MSG_ID, message);
	if (flags & ASYNC) {
		uint64_t id = bytes_le64(b);
		if (bytes_ok(b))
			put_hex64(pkt, SMB2_AID, id);
	} else {
		(void)get_le32(pkt, b, SMB2_PID);
		(void)get_le32(pkt, b, SMB2_TID);
	}
	uint64_t session = bytes_le64(b);
	if (bytes_ok(b))
		put_hex64(pkt, SMB2_SESID, session);
	const uint8_t *signature = bytes_take(b, SIGNATURE);
	put_bytes(pkt, SMB2_SIGNATURE, signature, signature ? SIGNATURE : 0);
}

static uint32_t peek_flags(struct bytes b)
{
	bytes_skip(&b, 16);
	return bytes_le32(&b);
}

/* Returns the offset of the next message, 0 for none. */
static uint32_t put_header(struct smb2 *m, struct bytes *b)
{
	struct packet *pkt = m->pkt;
	uint32_t flags = peek_flags(*b), id = bytes_be32(b);

	if (bytes_ok(b))
		put_u64(pkt, SMB2_PROTOCOL_ID, id);
	(void)get_le16(pkt, b, SMB2_HEADER_LEN);
	(void)get_le16(pkt, b, SMB2_CREDIT_CHARGE);
	put_status(m, b, flags);
	m->cmd = get_le16(pkt, b, SMB2_CMD);
	(void)get_le16(pkt, b, m->response ? SMB2_CREDITS_GRANTED : SMB2_CREDITS_REQUESTED);
	(void)get_le32(pkt, b, SMB2_FLAGS);
	if (!bytes_ok(b))
		return 0;
	put_bits(pkt, SMB2_FLAGS_SIGNATURE, flags, 3, 4);
	pkt_client(pkt, !m->response);
	if (m->cmd < COMMANDS)
		ecs_text(pkt, ECS_EVENT_ACTION, actions[m->cmd]);
	uint32_t next = get_le32(pkt, b, SMB2_CHAIN_OFFSET);
	put_ids(m, b, flags);
	return next;
}

static bool decode_message(struct packet *pkt, struct bytes b, uint32_t *next)
{
	struct smb2 m = { .pkt = pkt, .whole = b };
	uint32_t chain = put_header(&m, &b);

	*next = 0;
	if (chain && (chain < SMB2_HEADER || chain & 7 || chain >= bytes_claimed(&m.whole)))
		pkt_anomaly(pkt, "chain offset is wrong");
	else
		*next = chain;
	if (*next) {
		struct bytes rest = m.whole;
		m.whole = bytes_upto(&rest, *next);
		b.end = b.p <= m.whole.end ? m.whole.end : b.p;
		b.cut = m.whole.cut;
	}
	(void)get_le16(pkt, &b, SMB2_BUFFER_CODE);
	if (!bytes_ok(&b))
		return false;
	return is_error(&m) || smb2_body(&m, b);
}

static enum decode_result decode_chain(struct packet *pkt, struct bytes b)
{
	bool ok = true;

	for (unsigned i = 0; i < CHAIN_MAX && bytes_left(&b); i++) {
		uint32_t next;
		ok = decode_message(pkt, b, &next) && ok;
		if (next == 0)
			break;
		bytes_skip(&b, next);
	}
	return ok ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode_encrypted(struct packet *pkt, struct bytes b)
{
	(void)get_be32(pkt, &b, SMB2_PROTOCOL_ID);
	bytes_skip(&b, SIGNATURE + NONCE);
	(void)get_le32(pkt, &b, SMB2_TRANSFORM_MSG_SIZE);
	bytes_skip(&b, 2);
	(void)get_le16(pkt, &b, SMB2_TRANSFORM_FLAGS);
	uint64_t session = bytes_le64(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_hex64(pkt, SMB2_SESID, session);
	return DECODE_OK;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	switch (bytes_peek(&b, 0)) {
	case PLAIN_MAGIC:
		return decode_chain(pkt, b);
	case ENCRYPTED:
		return decode_encrypted(pkt, b);
	default:
		(void)get_be32(pkt, &b, SMB2_PROTOCOL_ID);
		return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
	}
}

const struct proto proto_smb2 = { .name = "smb2",
	.binds = binds,
	.fields = smb2_fields,
	.decode = decode,
	.application = "smb" };
