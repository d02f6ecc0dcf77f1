/* proto_smb.c -- Server Message Block, version 1: the header, and the chain of commands.
 * MS-CIFS, 2.2.3:  0-3 ff "SMB" | 4 command | 5-8 status | 9 flags; 0x80 response | 10-11 flags:
 *   0x4000 an NT status, 0x8000 texts are UTF-16 | 12-13 upper half of the process | 14-21
 *   signature | 22-23 zero | 24-25 tree | 26-27 process | 28-29 user | 30-31 message
 *   then: number of words (1) | words | number of bytes (2) | bytes
 *   words of a command that may have another behind it: 0 that one, 0xff none | 1 zero | 2-3 offset
 * All numbers are little-endian; offsets count from the header. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"
#include "smb.h"
#include "smb_status.h"

enum { HEADER = 32, MAGIC = 0xff, CHAIN_MAX = 16, CHAIN_WORDS = 2, TCP = 6 };
enum { RESPONSE = 0x80, NT_STATUS = 0x4000, UNICODE = 0x8000 };

static const struct proto_field fields[] = {
	[SMB_CMD] = { "smb.cmd", FIELD_U8, "Command, and those behind it; 255 is none", NULL, "0.1",
		CORE, PLAIN },
	[SMB_NT_STATUS] = { "smb.nt_status", FIELD_U32, "Status, 0 is success", NULL, "0.1", CORE,
		PLAIN },
	[SMB_FLAGS] = { "smb.flags", FIELD_U8, "Flags; 128 is a response", NULL, "0.1", DETAIL,
		PLAIN },
	[SMB_FLAGS2] = { "smb.flags2", FIELD_U16, "More flags", NULL, "0.1", DETAIL, PLAIN },
	[SMB_TID] = { "smb.tid", FIELD_U16, "Tree", NULL, "0.1", CORE, PLAIN },
	[SMB_PID] = { "smb.pid", FIELD_U16, "Process", NULL, "0.1", DETAIL, PLAIN },
	[SMB_UID] = { "smb.uid", FIELD_U16, "Number of the user", NULL, "0.1", CORE, PLAIN },
	[SMB_MID] = { "smb.mid", FIELD_U16, "Number of the request", NULL, "0.1", CORE, PLAIN },
	[SMB_DIALECT_NAME] = { "smb.dialect.name", FIELD_STR, "Dialect that the client speaks",
		NULL, "0.1", CORE, PLAIN },
	[SMB_PATH] = { "smb.path", FIELD_STR, "Share", NULL, "0.1", CORE, NAME },
	[SMB_FILE] = { "smb.file", FIELD_STR, "File", NULL, "0.1", CORE, NAME },
	[SMB_NATIVE_OS] = { "smb.native_os", FIELD_STR, "System of who sends", NULL, "0.1", CORE,
		NAME },
	[SMB_NATIVE_LANMAN] = { "smb.native_lanman", FIELD_STR, "Program of who sends", NULL, "0.1",
		CORE, NAME },
	[SMB_ACCOUNT] = { "smb.account", FIELD_STR, "User", "user.name", "0.1", CORE, USER },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_NETBIOS, MAGIC, NULL }, { 0 } };

struct bytes smb_at(const struct smb *m, uint32_t offset, uint32_t length)
{
	struct bytes b = m->whole;

	bytes_skip(&b, offset);
	return bytes_upto(&b, length);
}

/* --- texts --- */

/* The text without its end; the cursor moves behind both. */
static struct bytes take_text(const struct smb *m, struct bytes *b)
{
	struct bytes text = *b;

	if (!m->unicode) {
		size_t left = bytes_left(b);
		const uint8_t *zero = left ? memchr(b->p, 0, left) : NULL;
		text.end = zero ? zero : b->end;
		bytes_skip(b, (size_t)(text.end - text.p) + (zero != NULL));
		return text;
	}
	if ((b->p - m->whole.p) & 1)
		bytes_skip(b, 1);
	text.p = text.end = b->p;
	while (bytes_left(b) >= 2) {
		if (bytes_le16(b) == 0)
			return text;
		text.end = b->p;
	}
	b->p = b->end;
	return text;
}

void smb_skip_text(struct smb *m, struct bytes *b)
{
	(void)take_text(m, b);
}

void smb_put_text(struct smb *m, struct bytes *b, unsigned field)
{
	struct bytes text = take_text(m, b);

	if (m->unicode)
		put_utf16(m->pkt, field, text);
	else
		put_str(m->pkt, field, text.p, bytes_left(&text));
}

/* --- commands --- */

static bool has_chain(uint8_t cmd)
{
	switch (cmd) {
	case 0x24:
	case SMB_OPEN_ANDX:
	case SMB_READ_ANDX:
	case SMB_WRITE_ANDX:
	case SMB_SESSION_SETUP:
	case 0x74:
	case SMB_TREE_CONNECT_ANDX:
	case SMB_NT_CREATE:
		return true;
	default:
		return false;
	}
}

static bool dispatch(struct smb *m)
{
	switch (m->cmd) {
	case SMB_NEGOTIATE:
	case SMB_SESSION_SETUP:
	case SMB_TREE_CONNECT:
	case SMB_TREE_CONNECT_ANDX:
		return smb_session(m);
	default:
		return smb_file(m);
	}
}

/* The command at b. Sets the one behind it and its place. False when this one ends early. */
static bool decode_command(struct smb *m, struct bytes b, uint8_t *next, uint16_t *offset)
{
	*next = SMB_NO_COMMAND;
	m->nwords = bytes_u8(&b);
	m->words = bytes_sub(&b, m->nwords * (size_t)2);
	uint16_t count = bytes_le16(&b);
	if (!bytes_ok(&b))
		return false;
	m->data = bytes_upto(&b, count);
	if (has_chain(m->cmd) && m->nwords >= CHAIN_WORDS) {
		*next = get_u8(m->pkt, &m->words, SMB_CMD);
		bytes_skip(&m->words, 1);
		*offset = bytes_le16(&m->words);
	}
	return dispatch(m);
}

static enum decode_result decode_chain(struct smb *m, struct bytes b, uint8_t cmd)
{
	uint16_t offset = HEADER, last = 0;
	bool ok = true;

	for (unsigned i = 0; i < CHAIN_MAX && cmd != SMB_NO_COMMAND && ok; i++) {
		m->cmd = cmd;
		ok = decode_command(m, b, &cmd, &offset);
		if (cmd != SMB_NO_COMMAND && (offset <= last || offset < HEADER)) {
			pkt_anomaly(m->pkt, "chain offset is wrong");
			break;
		}
		last = offset;
		b = m->whole;
		bytes_skip(&b, offset);
	}
	return ok ? DECODE_OK : DECODE_TRUNCATED;
}

/* Class in the lowest byte, number in the upper two: those that old servers say most. */
static const char *dos_name(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *name;
	} names[] = { { 0x00010001, "ERRDOS ERRbadfunc" }, { 0x00020001, "ERRDOS ERRbadfile" },
		{ 0x00030001, "ERRDOS ERRbadpath" }, { 0x00050001, "ERRDOS ERRnoaccess" },
		{ 0x00060001, "ERRDOS ERRbadfid" }, { 0x00200001, "ERRDOS ERRbadshare" },
		{ 0x00500001, "ERRDOS ERRfilexists" }, { 0x00010002, "ERRSRV ERRerror" },
		{ 0x00020002, "ERRSRV ERRbadpw" }, { 0x00040002, "ERRSRV ERRaccess" },
		{ 0x00050002, "ERRSRV ERRinvtid" }, { 0x00060002, "ERRSRV ERRinvnetname" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return NULL;
}

static void put_status(struct packet *pkt, uint32_t status, uint16_t flags2)
{
	bool response = pkt->flow.proto == TCP;

	if (flags2 & NT_STATUS)
		put_u64(pkt, SMB_NT_STATUS, status);
	if (!response)
		return;
	if (flags2 & NT_STATUS || status == 0) {
		smb_status_ecs(pkt, status);
	} else { /* a class and a number of DOS times */
		outcome_failure_hex(pkt, status, 8, dos_name(status));
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct smb m = { .pkt = pkt, .whole = b };

	bytes_skip(&b, 4);
	uint8_t cmd = get_u8(pkt, &b, SMB_CMD);
	uint32_t status = bytes_le32(&b);
	uint8_t flags = get_u8(pkt, &b, SMB_FLAGS);
	uint16_t flags2 = get_le16(pkt, &b, SMB_FLAGS2);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	m.response = flags & RESPONSE;
	m.unicode = flags2 & UNICODE;
	if (m.response)
		put_status(pkt, status, flags2);
	else if (flags2 & NT_STATUS)
		put_u64(pkt, SMB_NT_STATUS, status);
	if (pkt->flow.proto == TCP) /* a datagram asks nobody */
		pkt_client(pkt, !m.response);
	ecs_text(pkt, ECS_EVENT_ACTION, smb_action(cmd));
	bytes_skip(&b, 12);
	for (unsigned field = SMB_TID; field <= SMB_MID; field++)
		(void)get_le16(pkt, &b, field);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	return decode_chain(&m, b, cmd);
}

const struct proto proto_smb = {
	.name = "smb", .binds = binds, .fields = fields, .decode = decode, .application = "smb"
};
