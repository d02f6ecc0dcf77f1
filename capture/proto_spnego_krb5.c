/* proto_spnego_krb5.c -- tokens of Kerberos as a mechanism of GSS-API.
 * RFC 4121, 4.1:  [APPLICATION 0] { mechanism, an object identifier | token }, or the token alone
 *   token: 0-1 kind | message; kinds 0x0100 AP-REQ, 0x0200 AP-REP, 0x0300 KRB-ERROR; all others are
 *     checks and what only keys can read
 * DCE sends AP-REQ and AP-REP without a frame and without a kind. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gss.h"
#include "kerberos.h"

enum { AP_REQ = 0x0100, AP_REP = 0x0200, ERROR = 0x0300 };

static const struct proto_bind binds[] = { { BY_GSS, GSS_KERBEROS, NULL }, { 0 } };

static bool is_bare(const struct bytes *b)
{
	int tag = bytes_peek(b, 0);

	return tag == BER_APP(KRB_AP_REQ) || tag == BER_APP(KRB_AP_REP);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct kerberos_walk w = { .pkt = pkt };
	struct ber frame;

	if (is_bare(&b))
		return kerberos_walk(&w, b) ? DECODE_OK : DECODE_TRUNCATED;
	if (ber_take(&b, BER_APP(0), &frame)) {
		b = frame.value;
		(void)ber_value(&b, BER_OID);
	}
	uint16_t kind = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (kind != AP_REQ && kind != AP_REP && kind != ERROR)
		return DECODE_OK;
	return kerberos_walk(&w, b) ? DECODE_OK : DECODE_TRUNCATED;
}

/* The protocol of the packet is what carries the token. */
const struct proto proto_spnego_krb5 = {
	.name = "spnego-krb5", .binds = binds, .fields = kerberos_fields, .decode = decode
};
