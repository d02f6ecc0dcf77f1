/* modbus.h -- what the head and the functions of Modbus share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_MODBUS_H
#define ESPCAP_MODBUS_H

#include "decode.h"

enum modbus_kind { MODBUS_UNKNOWN, MODBUS_QUERY, MODBUS_RESPONSE };

/* Rows of modbus_fields. */
enum {
	MBTCP_TRANS_ID,
	MBTCP_PROT_ID,
	MBTCP_LEN,
	MBTCP_UNIT_ID,
	MODBUS_FUNC_CODE,
	MODBUS_EXCEPTION_CODE,
	MODBUS_REFERENCE_NUM,
	MODBUS_WORD_CNT,
	MODBUS_BIT_CNT,
	MODBUS_BYTE_CNT,
	MODBUS_REGNUM16,
	MODBUS_REGVAL,
	MODBUS_BITNUM,
	MODBUS_BITVAL,
	MODBUS_DATA,
	MODBUS_DIAGNOSTIC_CODE,
	MODBUS_AND_MASK,
	MODBUS_OR_MASK,
	MODBUS_MEI,
	MODBUS_READ_DEVICE_ID,
	MODBUS_OBJECT_ID,
	MODBUS_OBJECT_STR_VALUE,
};
extern const struct proto_field modbus_fields[];

/* A message from its function on; b ends where the message does. False when it ends too early. */
bool modbus_decode(struct packet *pkt, enum modbus_kind kind, struct bytes b);

#endif
