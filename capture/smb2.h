/* smb2.h -- the fields of SMB 2 and 3, and what the bodies of its messages share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SMB2_H
#define ESPCAP_SMB2_H

#include "decode.h"

enum smb2_field {
	SMB2_PROTOCOL_ID,
	SMB2_HEADER_LEN,
	SMB2_CREDIT_CHARGE,
	SMB2_CHANNEL_SEQUENCE,
	SMB2_NT_STATUS,
	SMB2_CMD,
	SMB2_CREDITS_REQUESTED,
	SMB2_CREDITS_GRANTED,
	SMB2_FLAGS,
	SMB2_FLAGS_SIGNATURE, /* these four are put as bits: in the order of the word, from above */
	SMB2_FLAGS_CHAINED,
	SMB2_FLAGS_ASYNC,
	SMB2_FLAGS_RESPONSE,
	SMB2_CHAIN_OFFSET,
	SMB2_MSG_ID,
	SMB2_PID,
	SMB2_TID,
	SMB2_AID,
	SMB2_SESID,
	SMB2_SIGNATURE,
	SMB2_TRANSFORM_MSG_SIZE,
	SMB2_TRANSFORM_FLAGS,
	SMB2_BUFFER_CODE,
	SMB2_DIALECT,
	SMB2_DIALECT_COUNT,
	SMB2_CONTEXT_TYPE,
	SMB2_CIPHER_ID,
	SMB2_SESSION_FLAGS,
	SMB2_SEC_MODE,
	SMB2_SHARE_TYPE,
	SMB2_OPLOCK,
	SMB2_CLASS,
	SMB2_INFOLEVEL,
	SMB2_CAPABILITIES,
	SMB2_FILE_ATTRIBUTE,
	SMB2_IOCTL_FUNCTION,
	SMB2_CLIENT_GUID,
	SMB2_SERVER_GUID,
	SMB2_FID,
	SMB2_MAX_TRANS_SIZE,
	SMB2_MAX_READ_SIZE,
	SMB2_MAX_WRITE_SIZE,
	SMB2_DISPOSITION,
	SMB2_ACTION,
	SMB2_READ_LENGTH,
	SMB2_WRITE_LENGTH,
	SMB2_CURRENT_TIME,
	SMB2_CREATE_TIME,
	SMB2_ACCESS_TIME,
	SMB2_WRITE_TIME,
	SMB2_CHANGE_TIME,
	SMB2_TREE,
	SMB2_FILENAME,
	SMB2_PATTERN,
	SMB2_EOF,
	SMB2_ALLOCATION_SIZE,
	SMB2_FILE_OFFSET,
};
extern const struct proto_field smb2_fields[];

enum { SMB2_HEADER = 64, SMB2_DIALECT_311 = 0x0311 };

/* One message of a chain. */
struct smb2 {
	struct packet *pkt;
	struct bytes whole; /* from its header to its end */
	uint16_t cmd;
	uint32_t status; /* of a response */
	bool response;
	bool list; /* what is read is about many files: none for ECS */
};

/* `length` bytes from `offset` of the header on, as far as there are; none when either is 0. */
struct bytes smb2_at(const struct smb2 *m, uint32_t offset, uint32_t length);

/* A time of 100 ns since 1601 (MS-DTYP, 2.3.3); 0 is shown as 1970, as tshark does. */
void smb2_time(struct smb2 *m, struct bytes *b, unsigned field);

/* The same four in a row: created, accessed, written, changed. */
void smb2_times(struct smb2 *m, struct bytes *b);

void smb2_u64(struct smb2 *m, struct bytes *b, unsigned field);
void smb2_fid(struct smb2 *m, struct bytes *b);

/* The path of a file as sent; ECS gets it, and what stands behind its last backslash. */
void smb2_path(struct smb2 *m, struct bytes name);

/* A list of dialects; tells whether 3.1.1 is among them. */
bool smb2_dialects(struct smb2 *m, struct bytes *b, unsigned count);

/* What was read from or written to a file: DCE/RPC when it looks like that, else data. */
void smb2_data(struct smb2 *m, struct bytes b);

/* Bodies: b is behind the buffer code. False when one ends early. */
bool smb2_body(struct smb2 *m, struct bytes b);
bool smb2_create(struct smb2 *m, struct bytes b);
bool smb2_close(struct smb2 *m, struct bytes b);
bool smb2_set_info(struct smb2 *m, struct bytes b);
bool smb2_ioctl(struct smb2 *m, struct bytes b);
bool smb2_find_response(struct smb2 *m, struct bytes b);
bool smb2_info_response(struct smb2 *m, struct bytes b);

#endif
