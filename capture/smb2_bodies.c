/* smb2_bodies.c -- the bodies of SMB 2 and 3 that are not about one file (MS-SMB2, 2.2). Offsets
 * count from the message's header; negotiate contexts are padded to 8 bytes:
 *   0-1 type | 2-3 length | 4-7 zero | value */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gss.h"
#include "smb2.h"

enum command {
	NEGOTIATE,
	SESSION_SETUP,
	LOGOFF,
	TREE_CONNECT,
	TREE_DISCONNECT,
	CREATE,
	CLOSE,
	FLUSH,
	READ,
	WRITE,
	LOCK,
	IOCTL,
	CANCEL,
	ECHO,
	FIND,
	NOTIFY,
	GET_INFO,
	SET_INFO,
	OPLOCK_BREAK,
};
enum { GUID = 16, CONTEXTS_MAX = 64, ENCRYPTION = 2, DIALECTS_MAX = 256, CIPHERS_MAX = 64 };
enum { CLASSES = 3, POSIX_CLASS = 0x80, OPLOCK_ONLY = 24, ENTRIES_MAX = 1024, LOCKS_MAX = 256 };
static const int64_t seconds_to_1970 = 11644473600;
enum { TICKS = 10000000, NS_PER_TICK = 100, NS_PER_SECOND = 1000000000 };

/* --- shared parts --- */

void smb2_time(struct smb2 *m, struct bytes *b, unsigned field)
{
	uint64_t ticks = bytes_le64(b);
	int64_t seconds = (int64_t)(ticks / TICKS) - seconds_to_1970;
	uint32_t nanoseconds = (uint32_t)(ticks % TICKS) * NS_PER_TICK;

	if (!bytes_ok(b))
		return;
	if (ticks == 0) /* said by nobody: nothing for ECS */
		put_value(m->pkt, field)->i = 0;
	else if (m->list)
		put_value(m->pkt, field)->i = seconds * NS_PER_SECOND + nanoseconds;
	else
		put_time(m->pkt, field, seconds, nanoseconds);
}

void smb2_times(struct smb2 *m, struct bytes *b)
{
	for (unsigned field = SMB2_CREATE_TIME; field <= SMB2_CHANGE_TIME; field++)
		smb2_time(m, b, field);
}

void smb2_u64(struct smb2 *m, struct bytes *b, unsigned field)
{
	uint64_t value = bytes_le64(b);

	if (bytes_ok(b))
		put_u64(m->pkt, field, value);
}

void smb2_fid(struct smb2 *m, struct bytes *b)
{
	put_guid(m->pkt, SMB2_FID, bytes_take(b, GUID), true);
}

bool smb2_dialects(struct smb2 *m, struct bytes *b, unsigned count)
{
	bool newest = false;

	for (unsigned i = 0; i < count && i < DIALECTS_MAX && bytes_ok(b); i++)
		newest = get_le16(m->pkt, b, SMB2_DIALECT) == SMB2_DIALECT_311 || newest;
	return newest;
}

void smb2_data(struct smb2 *m, struct bytes b)
{
	if (bytes_left(&b) && !decode_by(m->pkt, BY_PIPE, 0, b))
		(void)decode_data(m->pkt, b);
}

/* --- negotiate --- */

static void put_context(struct smb2 *m, uint16_t type, struct bytes b)
{
	if (type != ENCRYPTION)
		return;
	uint16_t count = bytes_le16(&b);
	for (unsigned i = 0; i < count && i < CIPHERS_MAX && bytes_ok(&b); i++)
		(void)get_le16(m->pkt, &b, SMB2_CIPHER_ID);
}

static bool put_contexts(struct smb2 *m, uint32_t offset, unsigned count)
{
	struct bytes b = m->whole;

	if (count == 0)
		return true;
	bytes_skip(&b, offset);
	for (unsigned i = 0; i < count && i < CONTEXTS_MAX; i++) {
		size_t at = (size_t)(b.p - m->whole.p);
		if (i)
			bytes_skip(&b, -at & 7);
		uint16_t type = get_le16(m->pkt, &b, SMB2_CONTEXT_TYPE), length = bytes_le16(&b);
		bytes_skip(&b, 4);
		struct bytes value = bytes_sub(&b, length);
		if (!bytes_ok(&b))
			return false;
		put_context(m, type, value);
	}
	return true;
}

static bool negotiate_request(struct smb2 *m, struct bytes b)
{
	struct packet *pkt = m->pkt;
	uint16_t count = get_le16(pkt, &b, SMB2_DIALECT_COUNT);

	(void)get_u8(pkt, &b, SMB2_SEC_MODE);
	bytes_skip(&b, 3);
	(void)get_le32(pkt, &b, SMB2_CAPABILITIES);
	put_guid(pkt, SMB2_CLIENT_GUID, bytes_take(&b, GUID), true);
	uint32_t offset = bytes_le32(&b);
	uint16_t contexts = bytes_le16(&b);
	bytes_skip(&b, 2);
	bool newest = smb2_dialects(m, &b, count);
	return bytes_ok(&b) && (!newest || put_contexts(m, offset, contexts));
}

static void put_blob(struct smb2 *m, uint16_t offset, uint16_t length)
{
	struct bytes blob = smb2_at(m, offset, length);

	if (bytes_left(&blob) < length || length == 0)
		return;
	bool raw = bytes_starts(&blob, "NTLMSSP", 8);
	gss_token(m->pkt, raw ? GSS_NTLMSSP : GSS_TOKEN, blob);
}

static bool negotiate_response(struct smb2 *m, struct bytes b)
{
	struct packet *pkt = m->pkt;

	(void)get_u8(pkt, &b, SMB2_SEC_MODE);
	bytes_skip(&b, 1);
	uint16_t dialect = get_le16(pkt, &b, SMB2_DIALECT), contexts = bytes_le16(&b);
	put_guid(pkt, SMB2_SERVER_GUID, bytes_take(&b, GUID), true);
	(void)get_le32(pkt, &b, SMB2_CAPABILITIES);
	for (unsigned field = SMB2_MAX_TRANS_SIZE; field <= SMB2_MAX_WRITE_SIZE; field++)
		(void)get_le32(pkt, &b, field);
	smb2_time(m, &b, SMB2_CURRENT_TIME);
	bytes_skip(&b, 8);
	uint16_t offset = bytes_le16(&b), length = bytes_le16(&b);
	uint32_t contexts_at = bytes_le32(&b);
	if (!bytes_ok(&b))
		return false;
	put_blob(m, offset, length);
	return dialect != SMB2_DIALECT_311 || put_contexts(m, contexts_at, contexts);
}

/* --- sessions and trees --- */

static bool session_setup(struct smb2 *m, struct bytes b)
{
	if (m->response) {
		(void)get_le16(m->pkt, &b, SMB2_SESSION_FLAGS);
	} else {
		bytes_skip(&b, 1);
		(void)get_u8(m->pkt, &b, SMB2_SEC_MODE);
		(void)get_le32(m->pkt, &b, SMB2_CAPABILITIES);
		bytes_skip(&b, 4);
	}
	uint16_t offset = bytes_le16(&b), length = bytes_le16(&b);
	if (bytes_ok(&b))
		put_blob(m, offset, length);
	return bytes_ok(&b);
}

static bool tree_connect(struct smb2 *m, struct bytes b)
{
	if (m->response) {
		(void)get_u8(m->pkt, &b, SMB2_SHARE_TYPE);
		bytes_skip(&b, 13);
		return bytes_ok(&b);
	}
	bytes_skip(&b, 2);
	uint16_t offset = bytes_le16(&b), length = bytes_le16(&b);
	if (bytes_ok(&b))
		put_utf16(m->pkt, SMB2_TREE, smb2_at(m, offset, length));
	return bytes_ok(&b);
}

/* --- reading, writing, asking --- */

static bool read_write(struct smb2 *m, struct bytes b, unsigned length_field)
{
	bool write = length_field == SMB2_WRITE_LENGTH;
	uint16_t offset = bytes_le16(&b);
	uint32_t length;

	if (m->response && write)
		return true;
	if (m->response) {
		length = bytes_le32(&b);
		bytes_skip(&b, 8);
		smb2_data(m, smb2_at(m, offset & 0xff, length));
		return bytes_ok(&b);
	}
	length = get_le32(m->pkt, &b, length_field);
	smb2_u64(m, &b, SMB2_FILE_OFFSET);
	smb2_fid(m, &b);
	if (write && bytes_ok(&b))
		smb2_data(m, smb2_at(m, offset, length));
	return bytes_ok(&b);
}

static bool find_request(struct smb2 *m, struct bytes b)
{
	bytes_skip(&b, 6);
	smb2_fid(m, &b);
	uint16_t offset = bytes_le16(&b), length = bytes_le16(&b);
	if (bytes_ok(&b))
		put_utf16(m->pkt, SMB2_PATTERN, smb2_at(m, offset, length));
	return bytes_ok(&b);
}

/* FILE_NOTIFY_INFORMATION: 0-3 offset of the next | 4-7 action | 8-11 length | name */
static void put_changes(struct smb2 *m, struct bytes b)
{
	for (unsigned i = 0; i < ENTRIES_MAX && bytes_left(&b); i++) {
		struct bytes entry = b;
		uint32_t next = bytes_le32(&entry);
		bytes_skip(&entry, 4);
		uint32_t length = bytes_le32(&entry);
		if (!bytes_ok(&entry))
			return;
		put_utf16(m->pkt, SMB2_FILENAME, bytes_upto(&entry, length));
		if (next < 12)
			return;
		bytes_skip(&b, next);
	}
}

static bool notify(struct smb2 *m, struct bytes b)
{
	if (m->response) {
		uint16_t offset = bytes_le16(&b);
		put_changes(m, smb2_at(m, offset, bytes_le32(&b)));
		return bytes_ok(&b);
	}
	bytes_skip(&b, 6);
	smb2_fid(m, &b);
	return bytes_ok(&b);
}

static bool get_info(struct smb2 *m, struct bytes b)
{
	uint8_t class = get_u8(m->pkt, &b, SMB2_CLASS), level = bytes_u8(&b);

	if (bytes_ok(&b) && (class < 1 || class > CLASSES) && class != POSIX_CLASS)
		put_u64(m->pkt, SMB2_INFOLEVEL, level);
	bytes_skip(&b, 20);
	smb2_fid(m, &b);
	return bytes_ok(&b);
}

/* Each lock: 0-7 offset | 8-15 length | 16-19 flags | 20-23 zero */
static bool lock(struct smb2 *m, struct bytes b)
{
	uint16_t count = bytes_le16(&b);

	bytes_skip(&b, 4);
	smb2_fid(m, &b);
	for (unsigned i = 0; i < count && i < LOCKS_MAX && bytes_ok(&b); i++) {
		smb2_u64(m, &b, SMB2_FILE_OFFSET);
		bytes_skip(&b, 16);
	}
	return bytes_ok(&b);
}

/* A lock for a whole client, a lease, has another form. */
static bool oplock_break(struct smb2 *m, struct bytes b)
{
	struct bytes code = m->whole;

	bytes_skip(&code, SMB2_HEADER);
	if (bytes_le16(&code) != OPLOCK_ONLY)
		return true;
	(void)get_u8(m->pkt, &b, SMB2_OPLOCK);
	bytes_skip(&b, 5);
	smb2_fid(m, &b);
	return bytes_ok(&b);
}

static bool request(struct smb2 *m, struct bytes b)
{
	switch (m->cmd) {
	case NEGOTIATE:
		return negotiate_request(m, b);
	case FLUSH:
		bytes_skip(&b, 6);
		smb2_fid(m, &b);
		return bytes_ok(&b);
	case LOCK:
		return lock(m, b);
	case FIND:
		return find_request(m, b);
	case GET_INFO:
		return get_info(m, b);
	case SET_INFO:
		return smb2_set_info(m, b);
	default:
		return true;
	}
}

static bool response(struct smb2 *m, struct bytes b)
{
	switch (m->cmd) {
	case NEGOTIATE:
		return negotiate_response(m, b);
	case FIND:
		return smb2_find_response(m, b);
	case GET_INFO:
		return smb2_info_response(m, b);
	default:
		return true;
	}
}

bool smb2_body(struct smb2 *m, struct bytes b)
{
	switch (m->cmd) {
	case SESSION_SETUP:
		return session_setup(m, b);
	case TREE_CONNECT:
		return tree_connect(m, b);
	case CREATE:
		return smb2_create(m, b);
	case CLOSE:
		return smb2_close(m, b);
	case READ:
		return read_write(m, b, SMB2_READ_LENGTH);
	case WRITE:
		return read_write(m, b, SMB2_WRITE_LENGTH);
	case IOCTL:
		return smb2_ioctl(m, b);
	case NOTIFY:
		return notify(m, b);
	case OPLOCK_BREAK:
		return oplock_break(m, b);
	default:
		break;
	}
	return m->response ? response(m, b) : request(m, b);
}
