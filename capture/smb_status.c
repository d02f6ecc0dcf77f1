/* smb_status.c -- names of the status values that people meet (MS-ERREF, 2.3.1). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "smb_status.h"

#include "outcome.h"

enum { PENDING = 0x103 };
static const uint32_t more_processing = 0xc0000016;

static const struct {
	uint32_t status;
	const char *name;
} names[] = {
	{ 0xc0000001, "STATUS_UNSUCCESSFUL" },
	{ 0xc0000002, "STATUS_NOT_IMPLEMENTED" },
	{ 0xc0000008, "STATUS_INVALID_HANDLE" },
	{ 0xc000000d, "STATUS_INVALID_PARAMETER" },
	{ 0xc000000f, "STATUS_NO_SUCH_FILE" },
	{ 0xc0000010, "STATUS_INVALID_DEVICE_REQUEST" },
	{ 0xc0000011, "STATUS_END_OF_FILE" },
	{ 0xc0000022, "STATUS_ACCESS_DENIED" },
	{ 0xc0000023, "STATUS_BUFFER_TOO_SMALL" },
	{ 0xc0000033, "STATUS_OBJECT_NAME_INVALID" },
	{ 0xc0000034, "STATUS_OBJECT_NAME_NOT_FOUND" },
	{ 0xc0000035, "STATUS_OBJECT_NAME_COLLISION" },
	{ 0xc000003a, "STATUS_OBJECT_PATH_NOT_FOUND" },
	{ 0xc0000043, "STATUS_SHARING_VIOLATION" },
	{ 0xc0000054, "STATUS_FILE_LOCK_CONFLICT" },
	{ 0xc0000055, "STATUS_LOCK_NOT_GRANTED" },
	{ 0xc0000056, "STATUS_DELETE_PENDING" },
	{ 0xc0000064, "STATUS_NO_SUCH_USER" },
	{ 0xc000006a, "STATUS_WRONG_PASSWORD" },
	{ 0xc000006d, "STATUS_LOGON_FAILURE" },
	{ 0xc000006e, "STATUS_ACCOUNT_RESTRICTION" },
	{ 0xc000006f, "STATUS_INVALID_LOGON_HOURS" },
	{ 0xc0000071, "STATUS_PASSWORD_EXPIRED" },
	{ 0xc0000072, "STATUS_ACCOUNT_DISABLED" },
	{ 0xc000007f, "STATUS_DISK_FULL" },
	{ 0xc000009a, "STATUS_INSUFFICIENT_RESOURCES" },
	{ 0xc00000ba, "STATUS_FILE_IS_A_DIRECTORY" },
	{ 0xc00000bb, "STATUS_NOT_SUPPORTED" },
	{ 0xc00000c9, "STATUS_NETWORK_NAME_DELETED" },
	{ 0xc00000ca, "STATUS_NETWORK_ACCESS_DENIED" },
	{ 0xc00000cc, "STATUS_BAD_NETWORK_NAME" },
	{ 0xc0000101, "STATUS_DIRECTORY_NOT_EMPTY" },
	{ 0xc0000103, "STATUS_NOT_A_DIRECTORY" },
	{ 0xc0000120, "STATUS_CANCELLED" },
	{ 0xc0000121, "STATUS_CANNOT_DELETE" },
	{ 0xc0000128, "STATUS_FILE_CLOSED" },
	{ 0xc000015b, "STATUS_LOGON_TYPE_NOT_GRANTED" },
	{ 0xc0000193, "STATUS_ACCOUNT_EXPIRED" },
	{ 0xc0000203, "STATUS_USER_SESSION_DELETED" },
	{ 0xc0000225, "STATUS_NOT_FOUND" },
	{ 0xc0000234, "STATUS_ACCOUNT_LOCKED_OUT" },
	{ 0xc0000257, "STATUS_PATH_NOT_COVERED" },
	{ 0xc000035c, "STATUS_NETWORK_SESSION_EXPIRED" },
};

static const char *name_of(uint32_t status)
{
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return NULL;
}

void smb_status_ecs(struct packet *pkt, uint32_t status)
{
	if (status == PENDING || status == more_processing)
		return; /* the operation goes on */
	if (status >> 30 == 3)
		outcome_failure_hex(pkt, status, 8, name_of(status));
	else
		outcome_success(pkt);
}
