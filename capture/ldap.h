/* ldap.h -- what the files of LDAP share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LDAP_H
#define ESPCAP_LDAP_H

#include "ber_put.h"

enum ldap_field {
	LDAP_MESSAGE_ID,
	LDAP_OPERATION,
	LDAP_VERSION,
	LDAP_NAME,
	LDAP_AUTHENTICATION,
	LDAP_SIMPLE,
	LDAP_MECHANISM,
	LDAP_BASE_OBJECT,
	LDAP_SCOPE,
	LDAP_DEREF_ALIASES,
	LDAP_SIZE_LIMIT,
	LDAP_TIME_LIMIT,
	LDAP_TYPES_ONLY,
	LDAP_FILTER,
	LDAP_ATTRIBUTE_DESC,
	LDAP_ASSERTION_VALUE,
	LDAP_PRESENT,
	LDAP_ATTRIBUTE_DESCRIPTION,
	LDAP_OBJECT_NAME,
	LDAP_TYPE,
	LDAP_ATTRIBUTE_VALUE,
	LDAP_RESULT_CODE,
	LDAP_MATCHED_DN,
	LDAP_ERROR_MESSAGE,
	LDAP_REQUEST_NAME,
	LDAP_CONTROL_TYPE,
};

extern const struct proto_field ldap_fields[];

/* A search filter, an element of b. False when it is not as it should be. */
bool ldap_put_filter(struct packet *pkt, struct bytes *b);

/* SEQUENCE { description, value }, given its contents. */
bool ldap_put_assertion(struct packet *pkt, struct bytes b);

/* SEQUENCE { type, SET OF value }, an element of b. Values of passwords are marked as secrets. */
bool ldap_put_attribute(struct packet *pkt, struct bytes *b);

/* The contents of a bind, and what its answer has behind the result. False: they end too early. */
bool ldap_put_bind(struct packet *pkt, struct bytes b);
bool ldap_put_bind_answer(struct packet *pkt, struct bytes b);

/* Does a value of this kind, a name in digits and dots, make a layer of its own to tshark? */
bool ldap_is_layer(struct bytes oid);

#endif
