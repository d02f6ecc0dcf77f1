/* smb2_files.c -- opening, closing and changing a file in SMB 2 and 3 (MS-SMB2, 2.2.13 to 2.2.16,
 * 2.2.39; MS-FSCC, 2.4).
 *   context of an open: 0-3 offset of the next | 4-5 offset and 6-7 length of its name |
 *     8-9 zero | 10-11 offset and 12-15 length of its data */
/* SPDX-License-Identifier: Apache-2.0 */
#include "smb2.h"

enum { CONTEXTS_MAX = 64, CONTEXT_HEAD = 16, TAG = 4 };
enum file_info { BASIC = 4, RENAME = 10, CLASS_FILE = 1, FACTS_KNOWN = 1 };

/* --- ECS --- */

void smb2_path(struct smb2 *m, struct bytes name)
{
	const char *text = pkt_scratch(m->pkt, 0);

	put_utf16(m->pkt, SMB2_FILENAME, name);
	const char *end = pkt_scratch(m->pkt, 0), *last = end;
	if (!text || !end || text == end)
		return;
	while (last > text && last[-1] != '\\')
		last--;
	ecs_str(m->pkt, ECS_FILE_PATH, text, (size_t)(end - text));
	ecs_str(m->pkt, ECS_FILE_NAME, last, (size_t)(end - last));
}

/* --- create --- */

static void put_context(struct smb2 *m, const uint8_t *tag, struct bytes data)
{
	if (!tag || m->response)
		return;
	if (memcmp(tag, "DHnC", TAG) == 0 || memcmp(tag, "DH2C", TAG) == 0 ||
		memcmp(tag, "DHnQ", TAG) == 0) /* that of the last is zero */
		smb2_fid(m, &data);
	else if (memcmp(tag, "AlSi", TAG) == 0)
		smb2_u64(m, &data, SMB2_ALLOCATION_SIZE);
}

static struct bytes inside(struct bytes context, uint32_t offset, uint32_t length)
{
	bytes_skip(&context, offset);
	return bytes_upto(&context, length);
}

static void put_contexts(struct smb2 *m, struct bytes b)
{
	for (unsigned i = 0; i < CONTEXTS_MAX && bytes_left(&b) >= CONTEXT_HEAD; i++) {
		struct bytes head = b;
		uint32_t next = bytes_le32(&head);
		uint16_t name_at = bytes_le16(&head), name_length = bytes_le16(&head);
		bytes_skip(&head, 2);
		uint16_t data_at = bytes_le16(&head);
		uint32_t data_length = bytes_le32(&head);
		struct bytes tag = inside(b, name_at, name_length);
		put_context(m, name_length == TAG ? bytes_take(&tag, TAG) : NULL,
			inside(b, data_at, data_length));
		if (next < CONTEXT_HEAD)
			return;
		bytes_skip(&b, next);
	}
}

static bool create_request(struct smb2 *m, struct bytes b)
{
	struct packet *pkt = m->pkt;

	bytes_skip(&b, 1);
	(void)get_u8(pkt, &b, SMB2_OPLOCK);
	bytes_skip(&b, 24);
	(void)get_le32(pkt, &b, SMB2_FILE_ATTRIBUTE);
	bytes_skip(&b, 4);
	(void)get_le32(pkt, &b, SMB2_DISPOSITION);
	bytes_skip(&b, 4);
	uint16_t name_at = bytes_le16(&b), name_length = bytes_le16(&b);
	uint32_t contexts_at = bytes_le32(&b), contexts_length = bytes_le32(&b);
	if (!bytes_ok(&b))
		return false;
	smb2_path(m, smb2_at(m, name_at, name_length));
	put_contexts(m, smb2_at(m, contexts_at, contexts_length));
	return true;
}

/* Times, sizes and attributes, as two answers have them; known: they are not just zeros. */
static void put_facts(struct smb2 *m, struct bytes *b, bool known)
{
	smb2_times(m, b);
	smb2_u64(m, b, SMB2_ALLOCATION_SIZE);
	uint64_t size = bytes_le64(b);
	if (bytes_ok(b))
		put_u64(m->pkt, SMB2_EOF, size);
	if (bytes_ok(b) && known)
		ecs_u64(m->pkt, ECS_FILE_SIZE, size);
	(void)get_le32(m->pkt, b, SMB2_FILE_ATTRIBUTE);
}

static bool create_response(struct smb2 *m, struct bytes b)
{
	(void)get_u8(m->pkt, &b, SMB2_OPLOCK);
	bytes_skip(&b, 1);
	(void)get_le32(m->pkt, &b, SMB2_ACTION);
	put_facts(m, &b, true);
	bytes_skip(&b, 4);
	smb2_fid(m, &b);
	uint32_t contexts_at = bytes_le32(&b), contexts_length = bytes_le32(&b);
	put_contexts(m, smb2_at(m, contexts_at, contexts_length));
	return bytes_ok(&b);
}

bool smb2_create(struct smb2 *m, struct bytes b)
{
	return m->response ? create_response(m, b) : create_request(m, b);
}

bool smb2_close(struct smb2 *m, struct bytes b)
{
	uint16_t flags = bytes_le16(&b);

	bytes_skip(&b, 4);
	if (m->response)
		put_facts(m, &b, flags & FACTS_KNOWN);
	else
		smb2_fid(m, &b);
	return bytes_ok(&b);
}

/* --- set info --- */

/* 0 replace | 1-7 zero | 8-15 folder | 16-19 length | name */
static void put_new_name(struct smb2 *m, struct bytes b)
{
	bytes_skip(&b, 16);
	uint32_t length = bytes_le32(&b);
	if (bytes_ok(&b))
		smb2_path(m, bytes_upto(&b, length));
}

static void put_file_info(struct smb2 *m, uint8_t level, struct bytes b)
{
	switch (level) {
	case BASIC:
		smb2_times(m, &b);
		(void)get_le32(m->pkt, &b, SMB2_FILE_ATTRIBUTE);
		break;
	case RENAME:
		put_new_name(m, b);
		break;
	default:
		break;
	}
}

bool smb2_set_info(struct smb2 *m, struct bytes b)
{
	uint8_t class = get_u8(m->pkt, &b, SMB2_CLASS), level = bytes_u8(&b);
	uint32_t length = bytes_le32(&b);
	uint16_t offset = bytes_le16(&b);

	if (bytes_ok(&b) && (class < 1 || class > 3))
		put_u64(m->pkt, SMB2_INFOLEVEL, level);
	bytes_skip(&b, 6);
	smb2_fid(m, &b);
	if (bytes_ok(&b) && class == CLASS_FILE)
		put_file_info(m, level, smb2_at(m, offset, length));
	return bytes_ok(&b);
}
