/* enip.h -- what EtherNet/IP and CIP share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_ENIP_H
#define ESPCAP_ENIP_H

#include "decode.h"

/* Rows of enip_fields. */
enum {
	ENIP_COMMAND,
	ENIP_LENGTH,
	ENIP_SESSION,
	ENIP_STATUS,
	ENIP_CONTEXT,
	ENIP_OPTIONS,
	ENIP_TIMEOUT,
	CPF_ITEMCOUNT,
	CPF_TYPEID,
	CPF_LENGTH,
	CPF_CAI_CONNID,
	CPF_SAI_CONNID,
	CPF_SAI_SEQ,
	LIR_VENDOR,
	LIR_DEVTYPE,
	LIR_PRODCODE,
	LIR_SERIAL,
	LIR_NAME,
	LIR_STATE,
	CIP_SEQ,
	CIP_SERVICE,
	CIP_RR,
	CIP_SC,
	CIP_PATH_SIZE,
	CIP_CLASS,
	CIP_INSTANCE,
	CIP_MEMBER,
	CIP_ATTRIBUTE,
	CIP_SYMBOL,
	CIP_GENSTAT,
	CIP_ADDSTAT_SIZE,
	CIP_CM_VENDOR,
};
extern const struct proto_field enip_fields[];

/* A message of CIP, to the end of b. */
void cip_decode(struct packet *pkt, struct bytes b);

/* A path of segments, to the end of b. Returns the first class it names, 0 for none. */
uint32_t cip_path(struct packet *pkt, struct bytes b);

#endif
