/* bacnet.h -- what the files of the BACnet decoder share: its fields. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BACNET_H
#define ESPCAP_BACNET_H

#include "decode.h"

enum bacnet_field {
	BACNET_VERSION,
	BACNET_CONTROL,
	BACNET_DNET,
	BACNET_DLEN,
	BACNET_SNET,
	BACNET_SLEN,
	BACNET_HOPC,
	BACNET_MESGTYP,
	BACAPP_TYPE,
	BACAPP_SEGMENTED,
	BACAPP_MORE,
	BACAPP_INVOKE_ID,
	BACAPP_CONFIRMED,
	BACAPP_UNCONFIRMED,
	BACAPP_REJECT,
	BACAPP_ABORT,
	BACAPP_OBJECT_TYPE,
	BACAPP_INSTANCE,
	BACAPP_PROPERTY,
	BACAPP_ERROR_CLASS,
	BACAPP_ERROR_CODE,
	BACAPP_VENDOR,
	BACAPP_OBJECT_NAME,
	BACAPP_VALUE_BOOLEAN,
	BACAPP_VALUE_REAL,
	BACAPP_VALUE_UINT,
};

enum bacapp_type {
	BACAPP_CONFIRMED_REQUEST,
	BACAPP_UNCONFIRMED_REQUEST,
	BACAPP_SIMPLE_ACK,
	BACAPP_COMPLEX_ACK,
	BACAPP_SEGMENT_ACK,
	BACAPP_ERROR,
	BACAPP_REJECT_PDU,
	BACAPP_ABORT_PDU,
};

/* Puts what a service says. False when a tag ends too early. */
bool bacapp_service(struct packet *pkt, enum bacapp_type type, uint8_t service, struct bytes b);

/* The name of a service, for event.action; NULL: none. */
const char *bacapp_service_name(bool confirmed, uint8_t service);

#endif
