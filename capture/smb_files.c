/* smb_files.c -- files, pipes and mailslots in SMB 1 (MS-CIFS and MS-SMB, 2.2.4).
 *   transaction, words:  0-1 total parameters | 2-3 total data | ... | 18-19 parameters |
 *     20-21 their offset | 22-23 data | 24-25 its offset | 26 number of set-up words | 27 zero |
 *     set-up words; bytes: a name in the first kind of transaction */
/* SPDX-License-Identifier: Apache-2.0 */
#include "smb.h"

enum {
	TEXT = 4,
	TRANSACT_PIPE = 0x26,
	REQUEST_WORDS = 14,
	RESPONSE_WORDS = 10,
	NAME_MAX_SHOWN = 32
};
enum transaction2 { OPEN2 = 0, FIND_NEXT2 = 2, QUERY_PATH = 5, SET_PATH = 6, DFS_REFERRAL = 0x10 };

struct bytes smb_put_read(struct smb *m, struct bytes *b, unsigned field)
{
	const char *text = pkt_scratch(m->pkt, 0);
	struct bytes name = *b;

	smb_put_text(m, b, field);
	const char *end = pkt_scratch(m->pkt, 0);
	if (!m->unicode) {
		text = (const char *)name.p;
		const uint8_t *zero = bytes_left(&name) ? memchr(name.p, 0, bytes_left(&name))
							: NULL;
		end = (const char *)(zero ? zero : name.end);
	}
	return text && end ? bytes_of(text, (size_t)(end - text)) : bytes_of(b->p, 0);
}

void smb_put_file(struct smb *m, struct bytes *b)
{
	struct bytes name = smb_put_read(m, b, SMB_FILE);
	const char *text = (const char *)name.p, *end = (const char *)name.end, *last = end;

	if (bytes_left(&name) == 0)
		return;
	while (last > text && last[-1] != '\\')
		last--;
	ecs_str(m->pkt, ECS_FILE_PATH, text, (size_t)(end - text));
	ecs_str(m->pkt, ECS_FILE_NAME, last, (size_t)(end - last));
}

/* --- transactions --- */

static void put_file_at(struct smb *m, struct bytes parameters, size_t offset)
{
	bytes_skip(&parameters, offset);
	smb_put_file(m, &parameters);
}

static void transaction2(struct smb *m, uint16_t function, struct bytes parameters)
{
	switch (function) {
	case OPEN2:
		put_file_at(m, parameters, 28);
		break;
	case FIND_NEXT2:
		put_file_at(m, parameters, 12);
		break;
	case QUERY_PATH:
	case SET_PATH:
		put_file_at(m, parameters, 6);
		break;
	case DFS_REFERRAL:
		put_file_at(m, parameters, 2);
		break;
	default:
		break;
	}
}

/* The name of a mailslot or pipe, without what is not a letter of ASCII. */
static void copy_name(const struct smb *m, char out[NAME_MAX_SHOWN])
{
	struct bytes b = m->data;
	unsigned n = 0;

	if (m->unicode && (b.p - m->whole.p) & 1)
		bytes_skip(&b, 1);
	while (n + 1 < NAME_MAX_SHOWN && bytes_left(&b)) {
		char c = (char)bytes_u8(&b);
		if (m->unicode)
			bytes_skip(&b, 1);
		if (!c)
			break;
		out[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	out[n] = '\0';
}

/* What Wireshark calls the content of a mailslot, or NULL. */
static const char *slot_token(const char *name)
{
	static const char *const slots[][2] = { { "\\MAILSLOT\\BROWSE", "browser" },
		{ "\\MAILSLOT\\LANMAN", "browser" },
		{ "\\MAILSLOT\\NET\\NETLOGON", "smb_netlogon" },
		{ "\\MAILSLOT\\NET\\NTLOGON", "smb_netlogon" },
		{ "\\MAILSLOT\\TEMP\\NETLOGON", "smb_netlogon" } };

	for (unsigned i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (strcmp(name, slots[i][0]) == 0)
			return slots[i][1];
	return NULL;
}

static void transaction(struct smb *m, uint16_t function, struct bytes data)
{
	char name[NAME_MAX_SHOWN];

	copy_name(m, name);
	if (strncmp(name, "\\MAILSLOT\\", 10) == 0) {
		const char *token = slot_token(name);
		if (token)
			pkt_protocol(m->pkt, token);
		else
			(void)decode_data(m->pkt, data);
	}
	if (strncmp(name, "\\PIPE\\", 6) == 0 && function == TRANSACT_PIPE && bytes_left(&data))
		(void)decode_by(m->pkt, BY_PIPE, 0, data);
}

static bool any_transaction(struct smb *m)
{
	struct bytes b = m->words;

	if (m->nwords < REQUEST_WORDS)
		return true;
	bytes_skip(&b, 18);
	uint16_t length = bytes_le16(&b), offset = bytes_le16(&b);
	uint16_t data_length = bytes_le16(&b), data_offset = bytes_le16(&b);
	uint8_t count = bytes_u8(&b);
	bytes_skip(&b, 1);
	uint16_t function = count ? bytes_le16(&b) : 0;
	if (!bytes_ok(&b))
		return false;
	if (m->cmd == SMB_TRANSACTION)
		transaction(m, function, smb_at(m, data_offset, data_length));
	else if (count)
		transaction2(m, function, smb_at(m, offset, length));
	return true;
}

/* 0-1 and 2-3 totals | 4-5 zero | 6-11 parameters | 12-13 data | 14-15 its offset | ... */
static bool transaction_response(struct smb *m)
{
	struct bytes b = m->words;

	if (m->nwords < RESPONSE_WORDS)
		return true;
	bytes_skip(&b, 12);
	uint16_t length = bytes_le16(&b), offset = bytes_le16(&b);
	struct bytes data = smb_at(m, offset, length);
	if (m->cmd == SMB_TRANSACTION && bytes_left(&data))
		(void)decode_by(m->pkt, BY_PIPE, 0, data);
	return bytes_ok(&b);
}

/* --- files --- */

/* A name behind a byte that says that it is one; of a rename the second one. */
static bool marked_name(struct smb *m, bool second)
{
	struct bytes b = m->data;

	if (bytes_u8(&b) != TEXT)
		return true;
	if (second) {
		smb_skip_text(m, &b);
		bytes_skip(&b, 1);
	}
	if (bytes_left(&b))
		smb_put_file(m, &b);
	return true;
}

static bool plain_name(struct smb *m)
{
	struct bytes b = m->data;

	smb_put_file(m, &b);
	return true;
}

/* What is read from or written to a pipe; the words tell where it stands: in a request behind 16
 * bytes, and in a response behind 6. */
static bool pipe_data(struct smb *m)
{
	bytes_skip(&m->words, m->response ? 6 : 16);
	uint16_t length = bytes_le16(&m->words), offset = bytes_le16(&m->words);
	struct bytes data = smb_at(m, offset, length);

	if (bytes_ok(&m->words) && bytes_left(&data))
		(void)decode_by(m->pkt, BY_PIPE, 0, data);
	return true;
}

static bool request(struct smb *m)
{
	switch (m->cmd) {
	case SMB_OPEN:
	case SMB_CREATE:
	case SMB_DELETE:
	case SMB_QUERY_INFO:
	case SMB_SET_INFO:
	case SMB_CREATE_NEW:
		return marked_name(m, false);
	case SMB_RENAME:
		return marked_name(m, true);
	case SMB_OPEN_ANDX:
	case SMB_NT_CREATE:
		return plain_name(m);
	case SMB_WRITE_ANDX:
		return pipe_data(m);
	case SMB_TRANSACTION:
	case SMB_TRANSACTION2:
		return any_transaction(m);
	default:
		return true;
	}
}

bool smb_file(struct smb *m)
{
	if (!m->response)
		return request(m);
	if (m->cmd == SMB_TRANSACTION)
		return transaction_response(m);
	return m->cmd != SMB_READ_ANDX || pipe_data(m);
}
