/* smb2_lists.c -- what answers of SMB 2 and 3 tell of files, where their form shows of itself.
 * MS-FSCC, 2.4.  In a list, each file: 0-3 offset of the next | 4-7 index | 8-39 times |
 *   40-47 length | 48-55 room | 56-59 attributes | 60-63 length of the name | by the form 0, 4, 16,
 *   30 or 40 bytes more | name
 * All of one file: 0-31 times | 32-35 attributes | 36-39 zero | 40-47 room | 48-55 length |
 *   56-59 links | 60 deleted | 61 folder | 62-63 zero | ... | 96-99 length of the name | name
 *
 * Which form it is stands in the request before. So what is read as one must fit to the byte: each
 * name ends where the next file begins, or the answer does. Else nothing is said. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "smb2.h"

enum { ENTRIES_MAX = 4096, ENTRY_HEAD = 64, ALIGN = 8, ALL_HEAD = 100, FORMS = 5 };
enum { NAME_LENGTH_AT = 60, ATTRIBUTES_AT = 56, YEAR_2200_HIGH = 0x02d00000 };
static const uint32_t attributes_known = 0x00ffffff;
static const uint8_t name_at[FORMS] = { 64, 68, 80, 94, 104 };

static uint32_t peek32(struct bytes b, size_t at)
{
	bytes_skip(&b, at);
	return bytes_le32(&b);
}

/* Four times: none, or between 1601 and 2200 or so. */
static bool are_times(struct bytes b, size_t at)
{
	for (unsigned i = 0; i < 4; i++)
		if (peek32(b, at + i * 8 + 4) > YEAR_2200_HIGH)
			return false;
	return true;
}

/* --- lists --- */

/* Bytes of the entry in this form that its name leaves over, or -1. */
static int64_t left_over(struct bytes b, uint32_t next, unsigned form)
{
	size_t size = next ? next : bytes_left(&b);
	uint64_t used = name_at[form] + (uint64_t)peek32(b, NAME_LENGTH_AT);

	return used <= size ? (int64_t)(size - used) : -1;
}

/* Does every entry fit? The last one may, but need not, be padded like the others. */
static bool fits(struct bytes b, unsigned form)
{
	for (unsigned i = 0; i < ENTRIES_MAX; i++) {
		uint32_t next = peek32(b, 0), attributes = peek32(b, ATTRIBUTES_AT);
		if (bytes_left(&b) < ENTRY_HEAD || next & (ALIGN - 1) || next > bytes_left(&b))
			return false;
		int64_t over = left_over(b, next, form);
		if (over < 0 || over >= ALIGN || attributes & ~attributes_known || !are_times(b, 8))
			return false;
		if (next == 0)
			return true;
		bytes_skip(&b, next);
	}
	return false;
}

static void put_entry(struct smb2 *m, struct bytes b, const unsigned *form)
{
	uint32_t length = peek32(b, NAME_LENGTH_AT);
	struct bytes name = b;

	bytes_skip(&b, 8);
	smb2_times(m, &b);
	smb2_u64(m, &b, SMB2_EOF);
	smb2_u64(m, &b, SMB2_ALLOCATION_SIZE);
	(void)get_le32(m->pkt, &b, SMB2_FILE_ATTRIBUTE);
	if (!form)
		return;
	bytes_skip(&name, name_at[*form]);
	put_utf16(m->pkt, SMB2_FILENAME, bytes_upto(&name, length));
}

bool smb2_find_response(struct smb2 *m, struct bytes b)
{
	uint16_t offset = bytes_le16(&b);
	uint32_t length = bytes_le32(&b);
	struct bytes list = smb2_at(m, offset, length);
	unsigned form = 0, fitting = 0;

	if (!bytes_ok(&b) || bytes_left(&list) < length)
		return false;
	for (unsigned i = 0; i < FORMS; i++)
		if (fits(list, i)) {
			form = i;
			fitting++;
		}
	m->list = true;
	for (unsigned i = 0; fitting && i < ENTRIES_MAX && bytes_left(&list); i++) {
		uint32_t next = peek32(list, 0);
		put_entry(m, list, fitting == 1 ? &form : NULL);
		bytes_skip(&list, next ? next : bytes_left(&list));
	}
	return true;
}

/* --- all of one file --- */

static bool is_all(struct bytes b)
{
	size_t left = bytes_left(&b);
	uint32_t attributes = peek32(b, 32), flags = peek32(b, 60);

	return left >= ALL_HEAD && left == ALL_HEAD + (size_t)peek32(b, 96) && are_times(b, 0) &&
	       !(attributes & ~attributes_known) && peek32(b, 36) == 0 && !(flags & ~0x0101u);
}

bool smb2_info_response(struct smb2 *m, struct bytes b)
{
	uint16_t offset = bytes_le16(&b);
	uint32_t length = bytes_le32(&b);
	struct bytes all = smb2_at(m, offset, length), name = all;

	if (!bytes_ok(&b) || bytes_left(&all) < length)
		return false;
	if (!is_all(all))
		return true;
	smb2_times(m, &all);
	(void)get_le32(m->pkt, &all, SMB2_FILE_ATTRIBUTE);
	bytes_skip(&all, 4);
	smb2_u64(m, &all, SMB2_ALLOCATION_SIZE);
	uint64_t size = bytes_le64(&all);
	put_u64(m->pkt, SMB2_EOF, size);
	ecs_u64(m->pkt, ECS_FILE_SIZE, size);
	bytes_skip(&name, ALL_HEAD);
	smb2_path(m, name);
	return true;
}
