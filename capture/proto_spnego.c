/* proto_spnego.c -- Simple and Protected GSS-API Negotiation: on to the mechanism inside.
 * RFC 4178, 4.2:  [0] { mechanisms [0] | flags [1] | token [2] | check [3] }, who begins
 *                 [1] { state [0] | mechanism [1] | token [2] | check [3] }, all after that */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber.h"
#include "decode.h"
#include "gss.h"

enum { PARTS_MAX = 8, NTLM_CHECK = 16, NTLM_CHECK_VERSION = 1 };

static const struct proto_field fields[] = { { 0 } };
static const struct proto_bind binds[] = { { BY_GSS, GSS_SPNEGO, NULL }, { 0 } };

/* The first mechanism of the list is the one whose token comes along. */
static int preferred(struct bytes list)
{
	struct bytes types = ber_value(&list, BER_SEQUENCE);

	return gss_mechanism(ber_value(&types, BER_OID));
}

/* A check made by NTLMSSP says so by its form: 16 bytes, of them a version in four. */
static bool checked_by_ntlmssp(struct bytes check)
{
	struct bytes b = check;

	return bytes_left(&check) == NTLM_CHECK && bytes_le32(&b) == NTLM_CHECK_VERSION;
}

static void decode_part(struct packet *pkt, const struct ber *part, bool first, int *mechanism)
{
	struct bytes value = part->value, octets = value;

	octets = ber_value(&octets, BER_OCTET_STRING);
	switch (part->tag) {
	case BER_CTX(0):
		if (first)
			*mechanism = preferred(value);
		break;
	case BER_CTX(1):
		if (!first)
			*mechanism = gss_mechanism(ber_value(&value, BER_OID));
		break;
	case BER_CTX(2):
		gss_inner(pkt, *mechanism, octets);
		break;
	case BER_CTX(3):
		if (checked_by_ntlmssp(octets))
			gss_inner(pkt, GSS_NTLMSSP, octets);
		else
			gss_inner(pkt, *mechanism == GSS_KERBEROS ? GSS_KERBEROS : -1, octets);
		break;
	default:
		break;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct ber choice, parts, part;
	int mechanism = -1;

	if (!ber_next(&b, &choice) || !ber_take(&choice.value, BER_SEQUENCE, &parts))
		return DECODE_TRUNCATED;
	for (unsigned i = 0; i < PARTS_MAX && ber_next(&parts.value, &part); i++)
		decode_part(pkt, &part, choice.tag == BER_CTX(0), &mechanism);
	return bytes_ok(&parts.value) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_spnego = {
	.name = "spnego", .binds = binds, .fields = fields, .decode = decode
};
