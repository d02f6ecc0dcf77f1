/* proto_gss.c -- tokens of the Generic Security Service API: which mechanism is inside.
 * RFC 2743, 3.1:  [APPLICATION 0] { mechanism, an object identifier | its token }
 * Later tokens of a negotiation come without this frame: they are SPNEGO's, or the mechanism's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber.h"
#include "decode.h"
#include "gss.h"

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_GSS, GSS_TOKEN, "gss-api" },
	{ BY_GSS, GSS_TOKEN_UNNAMED, "" }, { 0 } };

int gss_mechanism(struct bytes oid)
{
	static const struct {
		uint8_t len, oid[11];
		int mechanism;
	} known[] = {
		{ 6, { 0x2b, 6, 1, 5, 5, 2 }, GSS_SPNEGO },
		{ 10, { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10 }, GSS_NTLMSSP },
		{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 }, GSS_KERBEROS },
		{ 9, { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2 }, GSS_KERBEROS },
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (bytes_left(&oid) == known[i].len &&
			bytes_starts(&oid, known[i].oid, known[i].len))
			return known[i].mechanism;
	return -1;
}

/* The mechanism that a framed token names. */
static int named_mechanism(struct bytes token)
{
	struct bytes frame = ber_value(&token, BER_APP(0));

	return gss_mechanism(ber_value(&frame, BER_OID));
}

bool gss_is_kerberos(struct bytes token)
{
	enum { AP_REQ = 14, SUM = 4, SEALED, PART = 4, FILLER = 0xff };
	int first = bytes_peek(&token, 0);
	struct bytes b = token;
	struct ber message;

	if (first == BER_APP(AP_REQ) || first == BER_APP(AP_REQ + 1))
		return ber_next(&b, &message) && bytes_claimed(&b) == 0 &&
		       bytes_peek(&message.value, 0) == BER_SEQUENCE;
	return (first == SUM || first == SEALED) && bytes_peek(&token, 1) == PART &&
	       bytes_peek(&token, 3) == FILLER;
}

void gss_token(struct packet *pkt, enum gss kind, struct bytes token)
{
	if (!pkt->quoted)
		ecs_text(pkt, ECS_NETWORK_PROTOCOL, pkt->proto->application);
	(void)decode_by(pkt, BY_GSS, kind, token);
}

void gss_inner(struct packet *pkt, int mechanism, struct bytes token)
{
	if (bytes_starts(&token, "NTLMSSP", 8))
		mechanism = GSS_NTLMSSP;
	else if (gss_is_kerberos(token))
		mechanism = GSS_KERBEROS;
	else if (mechanism < 0)
		mechanism = named_mechanism(token);
	if (mechanism > 0 && bytes_left(&token))
		(void)decode_by(pkt, BY_GSS, (uint32_t)mechanism, token);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct ber frame;
	struct bytes inner = b;

	if (bytes_peek(&b, 0) != BER_APP(0)) {
		gss_inner(pkt, bytes_peek(&b, 0) >= BER_CTX(0) ? GSS_SPNEGO : -1, b);
		return DECODE_OK;
	}
	if (!ber_next(&inner, &frame))
		return DECODE_TRUNCATED;
	struct bytes oid = ber_value(&frame.value, BER_OID);
	if (!bytes_ok(&oid))
		return DECODE_TRUNCATED;
	gss_inner(pkt, gss_mechanism(oid), frame.value);
	return DECODE_OK;
}

const struct proto proto_gss = {
	.name = "gss", .binds = binds, .fields = fields, .decode = decode
};
