/* smb.h -- the fields of SMB 1, and what the files that read its commands share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SMB_H
#define ESPCAP_SMB_H

#include "decode.h"

enum smb_field {
	SMB_CMD,
	SMB_NT_STATUS,
	SMB_FLAGS,
	SMB_FLAGS2,
	SMB_TID,
	SMB_PID,
	SMB_UID,
	SMB_MID,
	SMB_DIALECT_NAME,
	SMB_PATH,
	SMB_FILE,
	SMB_NATIVE_OS,
	SMB_NATIVE_LANMAN,
	SMB_ACCOUNT,
};

enum smb_command {
	SMB_CREATE_DIRECTORY = 0x00,
	SMB_OPEN = 0x02,
	SMB_CREATE = 0x03,
	SMB_DELETE = 0x06,
	SMB_RENAME = 0x07,
	SMB_QUERY_INFO = 0x08,
	SMB_SET_INFO = 0x09,
	SMB_CREATE_NEW = 0x0f,
	SMB_TRANSACTION = 0x25,
	SMB_OPEN_ANDX = 0x2d,
	SMB_READ_ANDX = 0x2e,
	SMB_WRITE_ANDX = 0x2f,
	SMB_TRANSACTION2 = 0x32,
	SMB_TREE_CONNECT = 0x70,
	SMB_NEGOTIATE = 0x72,
	SMB_SESSION_SETUP = 0x73,
	SMB_TREE_CONNECT_ANDX = 0x75,
	SMB_NT_CREATE = 0xa2,
	SMB_NO_COMMAND = 0xff,
};

/* One command of a message: its words and its bytes. */
struct smb {
	struct packet *pkt;
	struct bytes whole; /* from the header to the end of the message */
	struct bytes
		words; /* behind the count; behind the next command's place where there is one */
	struct bytes data;   /* behind its count */
	uint8_t cmd, nwords; /* nwords: of the words as they were */
	bool response, unicode;
};

/* A text: UTF-16LE on an even place of the message, or bytes to a zero. The cursor moves behind
 * it. put: an empty one is left out. */
void smb_put_text(struct smb *m, struct bytes *b, unsigned field);
void smb_skip_text(struct smb *m, struct bytes *b);

/* As smb_put_text(); the text, in UTF-8 where it was UTF-16. */
struct bytes smb_put_read(struct smb *m, struct bytes *b, unsigned field);

/* `length` bytes from `offset` of the message on, as far as there are. */
struct bytes smb_at(const struct smb *m, uint32_t offset, uint32_t length);

/* The path of a file as sent; ECS gets it, and its last part. */
void smb_put_file(struct smb *m, struct bytes *b);

/* What a command says. False when it ends early. */
bool smb_session(struct smb *m);
bool smb_file(struct smb *m);

/* A command's name, or NULL. */
const char *smb_action(uint8_t cmd);

#endif
