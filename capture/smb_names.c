/* smb_names.c -- names of SMB 1's commands. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "smb.h"

static const char *const names[256] = {
	[0x00] = "create-directory",
	[0x01] = "delete-directory",
	[0x02] = "open",
	[0x03] = "create",
	[0x04] = "close",
	[0x05] = "flush",
	[0x06] = "delete",
	[0x07] = "rename",
	[0x08] = "query-information",
	[0x09] = "set-information",
	[0x0a] = "read",
	[0x0b] = "write",
	[0x0c] = "lock",
	[0x0d] = "unlock",
	[0x0e] = "create-temporary",
	[0x0f] = "create-new",
	[0x10] = "check-directory",
	[0x24] = "locking",
	[0x25] = "transaction",
	[0x2b] = "echo",
	[0x2d] = "open",
	[0x2e] = "read",
	[0x2f] = "write",
	[0x32] = "transaction2",
	[0x34] = "find-close",
	[0x70] = "tree-connect",
	[0x71] = "tree-disconnect",
	[0x72] = "negotiate",
	[0x73] = "session-setup",
	[0x74] = "logoff",
	[0x75] = "tree-connect",
	[0x80] = "query-information-disk",
	[0x81] = "search",
	[0xa0] = "nt-transaction",
	[0xa2] = "create",
	[0xa4] = "cancel",
	[0xa5] = "rename",
};

const char *smb_action(uint8_t cmd)
{
	return names[cmd];
}
