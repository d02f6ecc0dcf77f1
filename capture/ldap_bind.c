/* ldap_bind.c -- who binds to a directory, and how.
 * RFC 4511, 4.2:  version INTEGER, name, [0] password or [3] { mechanism, credentials }, or [10] and [11]
 *   NTLMSSP (MS-ADTS, 5.1.1.1.3)
 *   its answer: ... [7] credentials, or those for the matched name */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gss.h"
#include "ldap.h"
#include "line.h"

enum {
	SIMPLE = BER_CONTEXT,
	SASL = BER_CTX(3),
	CHOICE = 0x1f,
	SICILY_NEGOTIATE = 10,
	SICILY_RESPONSE,
	SERVER_CREDENTIALS = BER_CONTEXT | 7,
	REFERRALS = BER_CTX(3)
};

/* Tokens of GSS-API and SPNEGO, by their first byte's class. */
static void decode_credentials(struct packet *pkt, struct bytes credentials)
{
	int first = bytes_peek(&credentials, 0);

	if (first < 0 || credentials.cut)
		return;
	if ((first & 0xc0) == BER_APPLICATION)
		gss_token(pkt, GSS_TOKEN, credentials);
	else if ((first & 0xc0) == BER_CONTEXT)
		gss_token(pkt, GSS_SPNEGO, credentials);
}

/* Of which mechanism they are the request has said: only those that tell it themselves are read. Wireshark
 * does not name the frame around a first token of SPNEGO. */
static void decode_answer(struct packet *pkt, struct bytes credentials)
{
	struct bytes b = credentials;
	struct ber frame;
	int first = bytes_peek(&credentials, 0);

	if (bytes_starts(&credentials, "NTLMSSP", 8))
		gss_token(pkt, GSS_NTLMSSP, credentials);
	else if (ber_take(&b, BER_APP(0), &frame) && !frame.value.cut &&
		 gss_mechanism(ber_value(&frame.value, BER_OID)) == GSS_SPNEGO)
		gss_token(pkt, GSS_SPNEGO, frame.value);
	else if (first == BER_APP(0) || first == BER_CTX(1))
		decode_credentials(pkt, credentials);
}

/* The name in what a client binds with: the value that a DN begins with, or what stands before the @ of
 * a principal or behind the backslash of a domain. The whole stays in `layers`. */
static void put_user(struct packet *pkt, struct bytes who)
{
	struct bytes rest = who, name = who, domain = bytes_of(who.p, 0);

	if (memchr(who.p, '=', bytes_left(&who))) {
		(void)line_until(&rest, '=');
		name = line_trim(line_until(&rest, ','));
	} else if (memchr(who.p, '\\', bytes_left(&who))) {
		domain = line_until(&rest, '\\');
		name = rest;
	} else {
		name = line_until(&rest, '@');
		domain = rest;
	}
	ecs_str(pkt, ECS_USER_NAME, name.p, bytes_left(&name));
	ecs_str(pkt, ECS_USER_DOMAIN, domain.p, bytes_left(&domain));
	ecs_str(pkt, ECS_RELATED_USER, name.p, bytes_left(&name));
}

bool ldap_put_bind(struct packet *pkt, struct bytes b)
{
	struct ber choice;

	(void)ber_get_int(pkt, &b, BER_INTEGER, LDAP_VERSION);
	struct bytes who = ber_need(&b, BER_OCTET_STRING);
	if (ber_put_str(pkt, LDAP_NAME, who))
		put_user(pkt, who);
	if (!bytes_ok(&b) || !ber_next(&b, &choice))
		return false;
	unsigned kind = choice.tag & CHOICE;
	if (choice.tag == SIMPLE || choice.tag == SASL || kind == SICILY_NEGOTIATE ||
		kind == SICILY_RESPONSE)
		put_u64(pkt, LDAP_AUTHENTICATION, kind);
	if (choice.tag == SIMPLE)
		return ber_put_str(pkt, LDAP_SIMPLE, choice.value);
	if ((kind == SICILY_NEGOTIATE || kind == SICILY_RESPONSE) && bytes_left(&choice.value))
		gss_token(pkt, GSS_NTLMSSP, choice.value);
	if (choice.tag != SASL)
		return true;
	ber_get_str(pkt, &choice.value, BER_OCTET_STRING, LDAP_MECHANISM);
	decode_credentials(pkt, ber_value(&choice.value, BER_OCTET_STRING));
	return bytes_ok(&choice.value);
}

/* Tokens stand where an answer has a matched name, or behind its message. */
bool ldap_put_bind_answer(struct packet *pkt, struct bytes b)
{
	(void)ber_need(&b, BER_ENUMERATED);
	struct bytes name = ber_need(&b, BER_OCTET_STRING);
	if (bytes_starts(&name, "NTLMSSP", 7))
		gss_token(pkt, GSS_NTLMSSP, name);
	(void)ber_need(&b, BER_OCTET_STRING);
	(void)ber_value(&b, REFERRALS);
	decode_answer(pkt, ber_value(&b, SERVER_CREDENTIALS));
	return bytes_ok(&b);
}
