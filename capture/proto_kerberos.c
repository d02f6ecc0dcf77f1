/* proto_kerberos.c -- Kerberos, version 5: what its tickets and messages say in the clear.
 * RFC 4120:  [APPLICATION n] SEQUENCE { ... }, n being 10 and 12 for requests to the KDC, 11 and 13
 *   for its answers, 14 and 15 for the use of a ticket, 30 for errors. Over TCP a u32 length stands
 *   before each message. Messages stand in tokens of GSS-API, too, and in changes of passwords. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gss.h"
#include "kerberos.h"
#include "outcome.h"

enum { UDP = 17, MESSAGE_MAX = 10 << 20, MESSAGES_MAX = 64, PREFIX = 4, TEXT_LOOK = 8 };
enum { TOKEN_AP_REQ = 0x0100, TOKEN_ERROR = 0x0300, CHANGE = 1, CHANGE_SET = 0xff80 };

enum { PORT_PASSWORD = 464, PORT_524 = 4444 };
static const struct proto_bind binds[] = { { BY_UDP_PORT, 88, NULL }, { BY_TCP_PORT, 88, NULL },
	{ BY_UDP_PORT, PORT_524, NULL }, { BY_UDP_PORT, PORT_PASSWORD, "kpasswd" },
	{ BY_TCP_PORT, PORT_PASSWORD, "kpasswd" }, { BY_GSS, GSS_KERBEROS, "spnego-krb5" },
	{ BY_GSS, GSS_KERBEROS_UNNAMED, "" }, { 0 } };
static const struct proto_probe probes[] = { { BY_UDP_PORT, BER_APP(KRB_AS_REQ),
						     BER_APP(KRB_AP_REP) },
	{ BY_UDP_PORT, BER_APP(KRB_ERROR), BER_APP(KRB_ERROR) }, { BY_TCP_PORT, 0, 0 }, { 0 } };

/* RFC 4120, 7.5.9. */
static const char *error_name(int64_t code)
{
	static const char *const names[] = { [3] = "KDC_ERR_BAD_PVNO",
		[6] = "KDC_ERR_C_PRINCIPAL_UNKNOWN",
		[7] = "KDC_ERR_S_PRINCIPAL_UNKNOWN",
		[9] = "KDC_ERR_NULL_KEY",
		[12] = "KDC_ERR_POLICY",
		[13] = "KDC_ERR_BADOPTION",
		[14] = "KDC_ERR_ETYPE_NOSUPP",
		[15] = "KDC_ERR_SUMTYPE_NOSUPP",
		[16] = "KDC_ERR_PADATA_TYPE_NOSUPP",
		[18] = "KDC_ERR_CLIENT_REVOKED",
		[19] = "KDC_ERR_SERVICE_REVOKED",
		[20] = "KDC_ERR_TGT_REVOKED",
		[23] = "KDC_ERR_KEY_EXPIRED",
		[24] = "KDC_ERR_PREAUTH_FAILED",
		[25] = "KDC_ERR_PREAUTH_REQUIRED",
		[26] = "KDC_ERR_SERVER_NOMATCH",
		[27] = "KDC_ERR_MUST_USE_USER2USER",
		[29] = "KDC_ERR_SVC_UNAVAILABLE",
		[31] = "KRB_AP_ERR_BAD_INTEGRITY",
		[32] = "KRB_AP_ERR_TKT_EXPIRED",
		[33] = "KRB_AP_ERR_TKT_NYV",
		[34] = "KRB_AP_ERR_REPEAT",
		[35] = "KRB_AP_ERR_NOT_US",
		[36] = "KRB_AP_ERR_BADMATCH",
		[37] = "KRB_AP_ERR_SKEW",
		[38] = "KRB_AP_ERR_BADADDR",
		[39] = "KRB_AP_ERR_BADVERSION",
		[40] = "KRB_AP_ERR_MSG_TYPE",
		[41] = "KRB_AP_ERR_MODIFIED",
		[52] = "KRB_ERR_RESPONSE_TOO_BIG",
		[60] = "KRB_ERR_GENERIC",
		[68] = "KDC_ERR_WRONG_REALM",
		[91] = "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED" };

	return code < 0 ? NULL : NAME_OF(names, (uint64_t)code);
}

/* That proof, or more of it, is wanted is a step on the way: no failure, but an error all the same. */
static void tell_error(struct packet *pkt, const struct kerberos_walk *w)
{
	struct bytes text = w->error_text;

	if (w->error == 0) /* cut before it */
		return;
	if (w->error != KRB_ERR_PREAUTH_REQUIRED && w->error != KRB_ERR_MORE_PREAUTH) {
		outcome_failure_said(pkt, (uint64_t)w->error, text, error_name(w->error));
		return;
	}
	ecs_u64(pkt, ECS_ERROR_CODE, (uint64_t)w->error);
	ecs_str(pkt, ECS_ERROR_MESSAGE, text.p, bytes_left(&text));
	ecs_text(pkt, ECS_ERROR_MESSAGE, error_name(w->error));
}

static void tell(struct packet *pkt, const struct kerberos_walk *w, unsigned type)
{
	static const char *const names[KRB_MESSAGES] = { [KRB_AS_REQ] = "as-req",
		[KRB_AS_REP] = "as-rep",
		[KRB_TGS_REQ] = "tgs-req",
		[KRB_TGS_REP] = "tgs-rep",
		[KRB_AP_REQ] = "ap-req",
		[KRB_AP_REP] = "ap-rep",
		[KRB_SAFE] = "krb-safe",
		[KRB_PRIV] = "krb-priv",
		[KRB_CRED] = "krb-cred",
		[KRB_ERROR] = "krb-error" };

	ecs_text(pkt, ECS_EVENT_ACTION, names[type & 31]);
	if (type == KRB_AS_REP || type == KRB_TGS_REP || type == KRB_AP_REP)
		outcome_success(pkt);
	else if (type == KRB_ERROR)
		tell_error(pkt, w);
	if (type >= KRB_AS_REQ && type <= KRB_AP_REP)
		pkt_client(pkt, type % 2 == 0);
	else if (type == KRB_ERROR)
		pkt_client(pkt, false);
}

static bool is_message(struct bytes b)
{
	struct ber e;

	return ber_next(&b, &e) && e.tag == BER_APP(e.tag & 31) && (e.tag & 31) != KRB_CRED &&
	       kerberos_knows(e.tag) && bytes_peek(&e.value, 0) == BER_SEQUENCE;
}

static bool decode_message(struct packet *pkt, struct bytes b)
{
	unsigned type = *b.p & 31;
	struct kerberos_walk w = { .pkt = pkt,
		.error_text = bytes_of(b.p, 0),
		.request = type == KRB_AS_REQ || type == KRB_TGS_REQ };
	bool ok = kerberos_walk(&w, b);

	tell(pkt, &w, type);
	return ok;
}

/* One whole message of version 5 and nothing behind it. */
static bool is_sure(struct bytes b)
{
	struct ber e;

	if (!is_message(b) || !ber_next(&b, &e) || bytes_claimed(&b))
		return false;
	struct bytes in = ber_need(&e.value, BER_SEQUENCE);
	static const uint8_t requests[] = { 0xa1, 3, 2, 1, 5 }, others[] = { 0xa0, 3, 2, 1, 5 };
	return bytes_starts(&in, requests, 5) || bytes_starts(&in, others, 5);
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	if (pkt->flow.proto == UDP)
		return is_sure(b);
	return bytes_be32(&b) == bytes_claimed(&b) && bytes_left(&b) && is_sure(b);
}

/* The middle of a message, not a text nor TLS. */
static bool goes_on(struct bytes b)
{
	bool text = true;

	if (bytes_peek(&b, 0) >= 20 && bytes_peek(&b, 0) <= 23 && bytes_peek(&b, 1) == 3)
		return false;
	for (unsigned i = 0; i < TEXT_LOOK && text; i++)
		text = bytes_peek(&b, i) >= ' ' && bytes_peek(&b, i) <= '~';
	return !text;
}

static enum decode_result decode_stream(struct packet *pkt, struct bytes b)
{
	enum decode_result result = goes_on(b) ? DECODE_OK : DECODE_REJECT;

	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b) > PREFIX; i++) {
		uint32_t length = bytes_be32(&b);
		bool whole = length <= bytes_left(&b);
		struct bytes message = bytes_upto(&b, length);
		if (!whole)
			message = ber_open(message);
		if (length == 0 || length > MESSAGE_MAX || !is_message(message))
			return result;
		result = decode_message(pkt, message) ? DECODE_OK : DECODE_TRUNCATED;
	}
	return result;
}

/* RFC 4121, 4.1: a frame of GSS-API, if it is still there, the kind of token, a message; or that
 * alone. */
static enum decode_result decode_token(struct packet *pkt, struct bytes b)
{
	struct ber frame;

	if (ber_take(&b, BER_APP(0), &frame)) {
		b = frame.value;
		(void)ber_value(&b, BER_OID);
	}
	bool bare = is_message(b);
	unsigned kind = bare ? TOKEN_AP_REQ : bytes_be16(&b);
	if (kind < TOKEN_AP_REQ || kind > TOKEN_ERROR || kind & 0xff || !is_message(b))
		return DECODE_OK;
	return decode_message(pkt, b) ? DECODE_OK : DECODE_TRUNCATED;
}

/* RFC 3244, 2: 0-1 length | 2-3 version | 4-5 length of a ticket's use | that | KRB-PRIV or an error.
 * An answer may be the error alone. */
static enum decode_result decode_password_change(struct packet *pkt, struct bytes b)
{
	if (pkt->flow.proto != UDP)
		bytes_skip(&b, PREFIX);
	size_t claimed = bytes_claimed(&b);
	uint16_t length = bytes_be16(&b), version = bytes_be16(&b);
	struct bytes ticket = bytes_upto(&b, bytes_be16(&b));
	if (!bytes_ok(&b) || length < claimed || (version != CHANGE && version != CHANGE_SET))
		return DECODE_REJECT;
	ecs_text(pkt, ECS_EVENT_ACTION, "password-change");
	bool ok = !bytes_left(&ticket) || (is_message(ticket) && decode_message(pkt, ticket));
	b = ber_open(b);
	ok = ok && is_message(b) && decode_message(pkt, b);
	return ok ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (pkt->bind->table == BY_GSS)
		return decode_token(pkt, b);
	if (pkt->bind->value == PORT_PASSWORD)
		return decode_password_change(pkt, b);
	if (pkt->flow.proto != UDP)
		return decode_stream(pkt, b);
	b = ber_open(b);
	/* a ticket alone asks for one of version 4; the answer is no message */
	if (!is_message(b) || (pkt->bind->value == PORT_524 && *b.p != BER_APP(KRB_TICKET)))
		return DECODE_REJECT;
	return decode_message(pkt, b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_kerberos = { .name = "kerberos",
	.binds = binds,
	.fields = kerberos_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "kerberos" };
