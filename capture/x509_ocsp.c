/* x509_ocsp.c -- answers about certificates that were revoked or not, and questions for them.
 * RFC 6960, 4.2.1:  response ::= { status, [0] { type, OCTET STRING of basic } }
 *   basic ::= { { [0] version, [1] name or [2] key's hash of who answers, time, answers, [1] extensions },
 *   signature algorithm, signature, [0] certificates }
 *   answer ::= { certificate's id, status, time, [0] next time, [1] extensions }
 * 4.1.1:  request ::= { { [0] version, [1] name, questions, [2] extensions }, [0] signature }
 *   question ::= { certificate's id, [0] extensions }; id ::= { hash algorithm, ... }
 * Only what has a name in certificates is given, and none of it to ECS: whose it is only few care for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "x509.h"

enum { ANSWERS_MAX = 256, CERTIFICATES_MAX = 16, GENERALIZED = 0x18 };

static const uint8_t id_basic[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01 };

static void put_extensions(struct x509 *x, struct bytes *b, unsigned tag)
{
	struct bytes outer = ber_value(b, (uint8_t)tag);

	x509_extensions(x, ber_value(&outer, BER_SEQUENCE));
}

static void put_id(struct x509 *x, struct bytes *b)
{
	struct bytes id = ber_value(b, BER_SEQUENCE);

	(void)x509_algorithm(x, ber_value(&id, BER_SEQUENCE));
}

static void put_answer(struct x509 *x, struct bytes b)
{
	struct ber status;

	put_id(x, &b);
	(void)ber_next(&b, &status);
	(void)ber_value(&b, GENERALIZED);
	(void)ber_value(&b, BER_CTX(0));
	put_extensions(x, &b, BER_CTX(1));
}

static void put_data(struct x509 *x, struct bytes b)
{
	struct ber e;

	(void)ber_value(&b, BER_CTX(0));
	struct bytes name = ber_value(&b, BER_CTX(1));
	if (bytes_left(&name))
		x509_name(x, ber_value(&name, BER_SEQUENCE), X509_OF_NOBODY);
	(void)ber_value(&b, BER_CTX(2));
	(void)ber_value(&b, GENERALIZED);
	struct bytes answers = ber_value(&b, BER_SEQUENCE);
	for (unsigned i = 0; i < ANSWERS_MAX && ber_take(&answers, BER_SEQUENCE, &e); i++)
		put_answer(x, e.value);
	put_extensions(x, &b, BER_CTX(1));
}

static void put_certificates(struct x509 *x, struct bytes b)
{
	struct bytes list = ber_value(&b, BER_SEQUENCE);
	struct ber e;

	for (unsigned i = 0; i < CERTIFICATES_MAX && ber_take(&list, BER_SEQUENCE, &e); i++)
		(void)x509_certificate(x, e.value);
}

/* What is signed, the signature, and certificates to check it with. */
static void put_signed(struct x509 *x, struct bytes b)
{
	(void)x509_algorithm(x, ber_value(&b, BER_SEQUENCE));
	(void)ber_value(&b, BER_BIT_STRING);
	put_certificates(x, ber_value(&b, BER_CTX(0)));
}

static void put_response(struct x509 *x, struct bytes b)
{
	struct bytes outer = ber_value(&b, BER_CTX(0)), typed = ber_value(&outer, BER_SEQUENCE);
	struct bytes type = ber_value(&typed, BER_OID);
	struct bytes octets = ber_value(&typed, BER_OCTET_STRING);

	if (!x509_oid_is(&type, id_basic, sizeof(id_basic)))
		return;
	pkt_protocol(x->pkt, "ocsp");
	struct bytes basic = ber_value(&octets, BER_SEQUENCE);
	put_data(x, ber_value(&basic, BER_SEQUENCE));
	put_signed(x, basic);
}

static void put_request(struct x509 *x, struct bytes b)
{
	struct bytes data = ber_value(&b, BER_SEQUENCE);
	struct ber e;

	(void)ber_value(&data, BER_CTX(0));
	(void)ber_value(&data, BER_CTX(1));
	struct bytes questions = ber_value(&data, BER_SEQUENCE);
	for (unsigned i = 0; i < ANSWERS_MAX && ber_take(&questions, BER_SEQUENCE, &e); i++) {
		put_id(x, &e.value);
		put_extensions(x, &e.value, BER_CTX(0));
	}
	put_extensions(x, &data, BER_CTX(2));
	struct bytes outer = ber_value(&b, BER_CTX(0)), signature = ber_value(&outer, BER_SEQUENCE);
	if (bytes_left(&signature))
		put_signed(x, signature);
}

void x509_ocsp(struct x509 *x, struct bytes b)
{
	struct ber status;

	b = ber_value(&b, BER_SEQUENCE);
	if (ber_take(&b, BER_ENUMERATED, &status))
		put_response(x, b);
	else
		put_request(x, b);
}
