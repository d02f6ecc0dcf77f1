/* snmp.h -- what the files of SNMP share: the rows of the table, and what one reads for another. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SNMP_H
#define ESPCAP_SNMP_H

#include "decode.h"

enum snmp_field {
	SNMP_VERSION,
	SNMP_COMMUNITY,
	SNMP_MSG_VERSION,
	SNMP_MSG_ID,
	SNMP_MSG_MAX_SIZE,
	SNMP_MSG_FLAGS,
	SNMP_MSG_SECURITY_MODEL,
	SNMP_MSG_ENGINE_ID,
	SNMP_MSG_USER_NAME,
	SNMP_CONTEXT_NAME,
	SNMP_DATA,
	SNMP_REQUEST_ID,
	SNMP_ERROR_STATUS,
	SNMP_ERROR_INDEX,
	SNMP_NON_REPEATERS,
	SNMP_MAX_REPETITIONS,
	SNMP_ENTERPRISE,
	SNMP_AGENT_ADDR,
	SNMP_GENERIC_TRAP,
	SNMP_SPECIFIC_TRAP,
	SNMP_TIME_STAMP,
	SNMP_BINDINGS,
	SNMP_NAME,
	SNMP_VALUE_INT,
	SNMP_VALUE_U32,
	SNMP_VALUE_COUNTER,
	SNMP_VALUE_TIMETICKS,
	SNMP_VALUE_OCTETS,
	SNMP_VALUE_OID,
	SNMP_VALUE_IPV4,
};

extern const struct proto_field snmp_fields[];

/* The list of variable bindings, itself an element of b. False when it is not as it should be. */
bool snmp_put_bindings(struct packet *pkt, struct bytes *b);

#endif
