/* tls_key_exchange.c -- the Server Key Exchange of TLS up to 1.2.
 * RFC 8422, section 5.4:  3 (named curve) | 2 curve | public key
 * RFC 5246, section 7.4.3:  p | g | public key, each with a length of 2 bytes
 * then, unless the server is anonymous:  2 signature algorithm (TLS 1.2) | signature */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_key_exchange.h"

#include "tls_names.h"

enum { NAMED_CURVE = 3 };

enum form { OTHER, ELLIPTIC, FINITE };

/* What a suite's name says of its key exchange; with pre-shared keys other fields come first. */
static enum form form_of(uint16_t cipher, bool *is_signed)
{
	const char *name = tls_cipher_name(cipher);

	*is_signed = true;
	if (!name || strstr(name, "_PSK"))
		return OTHER;
	if (strncmp(name, "TLS_ECDHE_", 10) == 0)
		return ELLIPTIC;
	if (strncmp(name, "TLS_DHE_", 8) == 0)
		return FINITE;
	*is_signed = false;
	if (strncmp(name, "TLS_ECDH_anon_", 14) == 0)
		return ELLIPTIC;
	return strncmp(name, "TLS_DH_anon_", 12) == 0 ? FINITE : OTHER;
}

struct exchange {
	uint16_t curve, signature;
	bool has_curve, has_signature;
	bool whole; /* every byte has its place */
};

static bool read(struct bytes b, enum form form, bool is_signed, bool names, struct exchange *e)
{
	*e = (struct exchange){ .has_curve = form == ELLIPTIC };
	if (form == ELLIPTIC) {
		if (bytes_u8(&b) != NAMED_CURVE)
			return false;
		e->curve = bytes_be16(&b);
		bytes_skip(&b, bytes_u8(&b));
	} else {
		for (unsigned i = 0; i < 3; i++)
			bytes_skip(&b, bytes_be16(&b));
	}
	if (is_signed && names) {
		e->signature = bytes_be16(&b);
		e->has_signature = true;
	}
	if (!bytes_ok(&b))
		return false;
	if (is_signed)
		bytes_skip(&b, bytes_be16(&b));
	e->whole = bytes_ok(&b) && bytes_left(&b) == 0 && !b.cut;
	return true;
}

static bool guess(const struct tls *t, struct bytes b, struct exchange *e)
{
	bool names = t->version == TLS_1_2;

	if (read(b, ELLIPTIC, true, names, e) && e->whole && tls_group_name(e->curve))
		return true;
	return read(b, FINITE, true, names, e) && e->whole;
}

void tls_key_exchange(struct tls *t, struct bytes b)
{
	struct exchange e;
	bool is_signed, found = false;

	if (t->has_cipher) {
		enum form form = form_of(t->cipher, &is_signed);
		if (form != OTHER)
			found = read(b, form, is_signed, t->version == TLS_1_2, &e);
	} else {
		found = guess(t, b, &e);
	}
	if (!found)
		return;
	if (e.has_curve) {
		tls_put(t, TLS_NAMED_CURVE, e.curve);
		tls_ecs_name(t, ECS_TLS_CURVE, tls_group_name(e.curve), e.curve);
	}
	if (e.has_signature)
		tls_put(t, TLS_SIGNATURE, e.signature);
}
