/* x509_extension.c -- extensions of X.509.
 * RFC 5280, section 4.2:  Extension ::= { OID, critical, OCTET STRING that holds the contents }
 * GeneralName ::= [1] mail, [2] host, [4] Name, [6] NAME_URI, [7] address and others */
/* SPDX-License-Identifier: Apache-2.0 */
#include "x509.h"

enum { EXTENSIONS_MAX = 64, NAMES_MAX = 256, BOOLEAN_LEN = 1 };

/* The last number of 2.5.29.n. */
enum extension {
	KEY_USAGE = 15,
	SUBJECT_NAMES = 17,
	ISSUER_NAMES = 18,
	BASIC_CONSTRAINTS = 19,
	DISTRIBUTION_POINTS = 31,
	POLICIES = 32,
	AUTHORITY_KEY = 35,
	KEY_PURPOSES = 37,
	FRESHEST_LIST = 46,
};

enum general_name {
	NAME_HOST = BER_CONTEXT | 2,
	NAME_DIRECTORY = BER_CTX(4),
	NAME_URI = BER_CONTEXT | 6,
	NAME_ADDRESS = BER_CONTEXT | 7,
	NAME_MAIL = BER_CONTEXT | 1,
};

static const uint8_t id_ce[] = { 0x55, 0x1d };                                     /* 2.5.29 */
static const uint8_t id_pe[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01 }; /* access */

static const uint8_t id_qualifier[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02 };
static const uint8_t id_ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
static const uint8_t id_netscape[] = { 0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x01 };

/* --- names --- */

static void put_address(struct x509 *x, struct bytes address, bool of_subject)
{
	size_t n = bytes_left(&address);

	if (n != 4 && n != 16)
		put_bytes(x->pkt, X509_IP_ADDRESS, address.p, n);
	else if (x->ecs && of_subject)
		ecs_addr(x->pkt, x->ecs->alternative_names, n == 4 ? FIELD_IPV4 : FIELD_IPV6,
			address.p);
}

static void put_general_name(struct x509 *x, struct ber *e, bool of_subject)
{
	const uint8_t *p = e->value.p;
	size_t n = bytes_left(&e->value);

	if (e->tag == NAME_HOST)
		put_str(x->pkt, X509_DNS_NAME, p, n);
	else if (e->tag == NAME_URI)
		put_str(x->pkt, X509_URI, p, n);
	else if (e->tag == NAME_DIRECTORY)
		x509_name(x, ber_value(&e->value, BER_SEQUENCE), X509_OF_NOBODY);
	else if (e->tag == NAME_ADDRESS)
		put_address(x, e->value, of_subject);
	if (x->ecs && of_subject &&
		(e->tag == NAME_HOST || e->tag == NAME_URI || e->tag == NAME_MAIL))
		ecs_str(x->pkt, x->ecs->alternative_names, p, n);
	if (x->ecs && of_subject && e->tag == NAME_HOST)
		ecs_str(x->pkt, ECS_RELATED_HOSTS, p, n);
}

static void put_general_names(struct x509 *x, struct bytes b, bool of_subject)
{
	struct ber e;

	for (unsigned i = 0; i < NAMES_MAX && ber_next(&b, &e); i++)
		put_general_name(x, &e, of_subject);
}

/* { [0] { [0] names, [1] part of a name }, [1] reasons, [2] names of the issuer } ... */
static void put_distribution_points(struct x509 *x, struct bytes b)
{
	struct ber point, name;

	for (unsigned i = 0; i < NAMES_MAX && ber_take(&b, BER_SEQUENCE, &point); i++) {
		struct bytes where = ber_value(&point.value, BER_CTX(0));
		if (ber_take(&where, BER_CTX(0), &name))
			put_general_names(x, name.value, false);
		(void)ber_value(&point.value, BER_CONTEXT | 1);
		put_general_names(x, ber_value(&point.value, BER_CTX(2)), false);
	}
}

/* { how, where } ... */
static void put_access(struct x509 *x, struct bytes b)
{
	struct ber one, name;

	for (unsigned i = 0; i < NAMES_MAX && ber_take(&b, BER_SEQUENCE, &one); i++) {
		(void)ber_value(&one.value, BER_OID);
		if (ber_next(&one.value, &name))
			put_general_name(x, &name, false);
	}
}

/* --- the others --- */

static void put_key_usage(struct x509 *x, struct bytes b)
{
	struct bytes bits = ber_value(&b, BER_BIT_STRING);

	bytes_skip(&bits, 1); /* number of bits not used */
	put_bytes(x->pkt, X509_KEY_USAGE, bits.p, bytes_left(&bits));
}

static void put_purposes(struct x509 *x, struct bytes b)
{
	struct bytes list = ber_value(&b, BER_SEQUENCE);
	struct ber e;

	for (unsigned i = 0; i < NAMES_MAX && ber_take(&list, BER_OID, &e); i++)
		put_oid(x->pkt, X509_KEY_PURPOSE, e.value);
}

static void put_constraints(struct x509 *x, struct bytes b)
{
	struct bytes list = ber_value(&b, BER_SEQUENCE);
	struct bytes ca = ber_value(&list, BER_BOOLEAN);

	if (bytes_left(&ca) == BOOLEAN_LEN)
		put_bool(x->pkt, X509_CA, *ca.p != 0);
}

static void put_authority(struct x509 *x, struct bytes b)
{
	struct bytes list = ber_value(&b, BER_SEQUENCE);

	(void)ber_value(&list, BER_CONTEXT | 0);
	put_general_names(x, ber_value(&list, BER_CTX(1)), false);
}

/* A statement's address (1), or a notice (2). Nothing of them is shown, but they have names in
 * frame.protocols. */
static void name_qualifier(struct x509 *x, struct bytes b)
{
	struct bytes oid = ber_value(&b, BER_OID);
	int kind = bytes_peek(&oid, sizeof(id_qualifier));

	if (bytes_starts(&oid, id_qualifier, sizeof(id_qualifier)) && (kind == 1 || kind == 2))
		pkt_protocol(x->pkt, kind == 1 ? "pkix1explicit" : "pkix1implicit");
}

/* Each policy: its OID, and its qualifiers. */
static void name_policies(struct x509 *x, struct bytes b)
{
	struct bytes list = ber_value(&b, BER_SEQUENCE);
	struct ber policy, e;

	for (unsigned i = 0; i < EXTENSIONS_MAX && ber_take(&list, BER_SEQUENCE, &policy); i++) {
		(void)ber_value(&policy.value, BER_OID);
		struct bytes all = ber_value(&policy.value, BER_SEQUENCE);
		for (unsigned j = 0; j < EXTENSIONS_MAX && ber_take(&all, BER_SEQUENCE, &e); j++)
			name_qualifier(x, e.value);
	}
}

static void put_contents(struct x509 *x, int number, struct bytes b)
{
	switch (number) {
	case KEY_USAGE:
		put_key_usage(x, b);
		break;
	case SUBJECT_NAMES:
	case ISSUER_NAMES:
		put_general_names(x, ber_value(&b, BER_SEQUENCE), number == SUBJECT_NAMES);
		break;
	case BASIC_CONSTRAINTS:
		put_constraints(x, b);
		break;
	case DISTRIBUTION_POINTS:
	case FRESHEST_LIST:
		put_distribution_points(x, ber_value(&b, BER_SEQUENCE));
		break;
	case AUTHORITY_KEY:
		put_authority(x, b);
		break;
	case KEY_PURPOSES:
		put_purposes(x, b);
		break;
	case POLICIES:
		name_policies(x, b);
		break;
	default:
		break;
	}
}

static void put_extension(struct x509 *x, struct bytes b)
{
	struct bytes oid = ber_value(&b, BER_OID);

	(void)ber_value(&b, BER_BOOLEAN);
	struct bytes contents = ber_value(&b, BER_OCTET_STRING);
	if (bytes_left(&oid) == 3 && bytes_starts(&oid, id_ce, sizeof(id_ce))) {
		pkt_protocol(x->pkt, "x509ce");
		put_contents(x, bytes_peek(&oid, 2), contents);
	} else if (bytes_left(&oid) == sizeof(id_netscape) + 1 &&
		   bytes_starts(&oid, id_netscape, sizeof(id_netscape))) {
		pkt_protocol(x->pkt, "ns_cert_exts");
	} else if (x509_oid_is(&oid, id_pe, sizeof(id_pe))) {
		pkt_protocol(x->pkt, "pkix1implicit");
		put_access(x, ber_value(&contents, BER_SEQUENCE));
	} else if (bytes_left(&oid) == sizeof(id_ocsp) + 1 &&
		   bytes_starts(&oid, id_ocsp, sizeof(id_ocsp))) {
		pkt_protocol(x->pkt, "ocsp");
	}
}

void x509_extensions(struct x509 *x, struct bytes b)
{
	struct ber e;

	for (unsigned i = 0; i < EXTENSIONS_MAX && ber_take(&b, BER_SEQUENCE, &e); i++)
		put_extension(x, e.value);
}
