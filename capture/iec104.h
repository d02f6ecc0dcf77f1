/* iec104.h -- what the control information and the units of IEC 60870-5-104 share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IEC104_H
#define ESPCAP_IEC104_H

#include "decode.h"

/* Rows of the fields. */
enum {
	APCI_LENGTH,
	APCI_TYPE,
	APCI_UTYPE,
	APCI_TX,
	APCI_RX,
	ASDU_TYPEID,
	ASDU_SQ,
	ASDU_NUMIX,
	ASDU_CAUSE,
	ASDU_NEGATIVE,
	ASDU_TEST,
	ASDU_OA,
	ASDU_ADDR,
	ASDU_IOA,
	ASDU_SPI,
	ASDU_DPI,
	ASDU_QDS,
	ASDU_QDS_IV,
	ASDU_FLOAT,
	ASDU_NORMVAL,
	ASDU_SCALVAL,
	ASDU_COUNT,
	ASDU_QOI,
	ASDU_TIME,
};

/* A unit of application data. False when it ends too early. */
bool asdu_decode(struct packet *pkt, struct bytes b);

/* Is there a unit of a type that the standard has? */
bool asdu_known(uint8_t type);

#endif
