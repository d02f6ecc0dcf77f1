/* opcua.h -- what the parts of OPC UA share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OPCUA_H
#define ESPCAP_OPCUA_H

#include "decode.h"

enum { UA_ARRAY_MAX = PKT_REPEATS_MAX, UA_DEPTH_MAX = 8, UA_NOT_SHOWN = 0xffff };

/* Rows of opcua_fields. */
enum {
	UA_TYPE,
	UA_CHUNK,
	UA_SIZE,
	UA_VERSION,
	UA_RBS,
	UA_SBS,
	UA_MMS,
	UA_MCC,
	UA_ENDPOINT,
	UA_ERROR,
	UA_REASON,
	UA_SCID,
	UA_SPU,
	UA_TOKENID,
	UA_SEQ,
	UA_RQID,
	UA_SERVICE,
	UA_TIMESTAMP,
	UA_HANDLE,
	UA_RESULT,
	UA_MODE,
	UA_STATUS,
	UA_ENDPOINT_URL,
	UA_SESSION_NAME,
	UA_APPLICATION_URI,
	UA_POLICY_URI,
};
extern const struct proto_field opcua_fields[];

/* Text or bytes behind an i32 length, -1 for none; UA_NOT_SHOWN: passed over. */
void ua_string(struct packet *pkt, struct bytes *b, unsigned field);

/* Values of types, passed over. */
void ua_node(struct bytes *b);
void ua_localized(struct bytes *b);
void ua_extension(struct bytes *b);
void ua_diagnostics(struct bytes *b);

/* A time; 0 prints as 1970, as Wireshark does. */
void ua_time(struct packet *pkt, struct bytes *b);

/* A value, of which only statuses are shown; false when it has parts that are not understood. */
bool ua_variant(struct packet *pkt, struct bytes *b);

/* The same with its status; false when it has parts that are not understood. */
bool ua_data_value(struct packet *pkt, struct bytes *b);

/* An i32 count, at most UA_ARRAY_MAX; -1 is 0. */
unsigned ua_count(struct bytes *b);

/* event.outcome of a status code, and for a bad one error.*: its number, and its name if it is one of
 * those that are met. */
void opcua_outcome(struct packet *pkt, uint32_t status);

/* The message of a service, from its number on. False when it ends too early. */
bool opcua_service(struct packet *pkt, struct bytes b);

#endif
