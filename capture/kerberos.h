/* kerberos.h -- what the files of Kerberos share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_KERBEROS_H
#define ESPCAP_KERBEROS_H

#include "ber_put.h"

enum kerberos_field {
	KRB_MSG_TYPE,
	KRB_PVNO,
	KRB_TKT_VNO,
	KRB_PADATA_TYPE,
	KRB_KDC_OPTIONS,
	KRB_FORWARDABLE,
	KRB_RENEWABLE,
	KRB_CANONICALIZE,
	KRB_NAME_TYPE,
	KRB_CNAME,
	KRB_SNAME,
	KRB_REALM,
	KRB_CREALM,
	KRB_FROM,
	KRB_TILL,
	KRB_RTIME,
	KRB_NONCE,
	KRB_ENCTYPE,
	KRB_ETYPE,
	KRB_KVNO,
	KRB_SALT,
	KRB_ADDR_IP,
	KRB_ADDR_NB,
	KRB_CTIME,
	KRB_CUSEC,
	KRB_STIME,
	KRB_SUSEC,
	KRB_ERROR_CODE,
	KRB_E_TEXT,
};

extern const struct proto_field kerberos_fields[];

/* Kinds of message, as their tags and msg_type number them. */
enum kerberos_message {
	KRB_TICKET = 1,
	KRB_AS_REQ = 10,
	KRB_AS_REP,
	KRB_TGS_REQ,
	KRB_TGS_REP,
	KRB_AP_REQ,
	KRB_AP_REP,
	KRB_SAFE = 20,
	KRB_PRIV,
	KRB_CRED,
	KRB_ERROR = 30,
	KRB_MESSAGES = 32,
};

/* Errors that say what more is wanted. */
enum {
	KRB_ERR_ETYPE_NOSUPP = 14,
	KRB_ERR_PREAUTH_FAILED = 24,
	KRB_ERR_PREAUTH_REQUIRED,
	KRB_ERR_WRONG_REALM = 68,
	KRB_ERR_MORE_PREAUTH = 91,
};

/* One message and what was found in it so far. */
struct kerberos_walk {
	struct packet *pkt;
	unsigned depth;
	bool request;
	int64_t error, padata;
	struct bytes error_text;
	struct bytes fast; /* tshark shows it behind all other PA-DATA */
};

/* Puts what a message, or a ticket, says in the clear. False when it is not as it should be. */
bool kerberos_walk(struct kerberos_walk *w, struct bytes b);

/* Is there a shape for this tag? */
bool kerberos_knows(unsigned type);

/* An element that holds a time, "20260102030405Z". */
void kerberos_put_time(struct packet *pkt, unsigned field, struct bytes value);

/* SEQUENCE OF HostAddress, given its contents. */
bool kerberos_put_addresses(struct packet *pkt, struct bytes list);

#endif
