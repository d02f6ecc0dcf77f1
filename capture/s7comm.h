/* s7comm.h -- what the parts of S7 share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_S7COMM_H
#define ESPCAP_S7COMM_H

#include "decode.h"

enum { S7_JOB = 1, S7_ACK = 2, S7_ANSWER = 3, S7_USERDATA = 7 };
enum { S7_READ = 4, S7_WRITE = 5, S7_DOWNLOAD = 0x1b, S7_UPLOAD = 0x1e, S7_DATA_OK = 0xff };

/* Rows of s7_fields. */
enum {
	S7_PROTID,
	S7_ROSCTR,
	S7_REDID,
	S7_PDUREF,
	S7_PARLG,
	S7_DATLG,
	S7_ERRCLS,
	S7_ERRCOD,
	S7_FUNC,
	S7_ITEMCOUNT,
	S7_ITEM_SIZE,
	S7_ITEM_LENGTH,
	S7_ITEM_DB,
	S7_ITEM_AREA,
	S7_ITEM_ADDRESS,
	S7_RETURNCODE,
	S7_TRANSPORT,
	S7_LENGTH,
	S7_USERDATA_TYPE,
	S7_FUNCGROUP,
	S7_SUBFUNC,
	S7_SZL_ID,
};
extern const struct proto_field s7_fields[];

/* Addresses of variables, count of them. */
void s7_items(struct packet *pkt, struct bytes *b, uint8_t count);

/* Values, count of them, each with how its access went. */
void s7_values(struct packet *pkt, struct bytes *b, uint8_t count);

/* A length of a transport size in bytes; some sizes count bits. */
uint16_t s7_length(uint8_t size, uint16_t length);

#endif
