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
	NAME_CONSTRAINTS = 30,
	DISTRIBUTION_POINTS = 31,
	POLICIES = 32,
	AUTHORITY_KEY = 35,
	KEY_PURPOSES = 37,
	FRESHEST_LIST = 46,
};

enum general_name {
	NAME_OTHER = BER_CTX(0),
	NAME_HOST = BER_CONTEXT | 2,
	NAME_DIRECTORY = BER_CTX(4),
	NAME_URI = BER_CONTEXT | 6,
	NAME_ADDRESS = BER_CONTEXT | 7,
	NAME_MAIL = BER_CONTEXT | 1,
};

static const uint8_t id_ce[] = { 0x55, 0x1d };                                     /* 2.5.29 */
static const uint8_t id_pe[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01 }; /* access */
static const uint8_t id_smime[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0f };
static const uint8_t id_rc2[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x02 };
static const uint8_t id_rc4[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x04 };

/* Whose modules name other object identifiers: of extensions, other names and qualifiers. */
#define PKIX      0x2b, 6, 1, 5, 5, 7
#define MICROSOFT 0x2b, 6, 1, 4, 1, 0x82, 0x37
#define GOOGLE    0x2b, 6, 1, 4, 1, 0xd6, 0x79
static const struct {
	uint8_t n, oid[11];
	const char *token;
} modules[] = {
	{ 8, { PKIX, 1, 2 }, "pkixqualified" },       /* biometric information */
	{ 8, { PKIX, 1, 3 }, "pkixqualified" },       /* statements of qualified certificates */
	{ 8, { PKIX, 1, 7 }, "pkix1explicit" },       /* blocks of addresses */
	{ 8, { PKIX, 1, 8 }, "pkix1explicit" },       /* autonomous systems */
	{ 8, { PKIX, 1, 12 }, "logotypecertextn" },   /* logotypes */
	{ 8, { PKIX, 1, 14 }, "pkixproxy" },          /* proxies */
	{ 8, { PKIX, 1, 24 }, "pkix1explicit" },      /* TLS features */
	{ 8, { PKIX, 2, 1 }, "pkix1explicit" },       /* where a policy stands */
	{ 8, { PKIX, 2, 2 }, "pkix1implicit" },       /* the notice of a policy */
	{ 8, { PKIX, 8, 7 }, "pkixqualified" },       /* a name of DNS SRV */
	{ 9, { PKIX, 0x30, 1, 2 }, "ocsp" },          /* nonce */
	{ 9, { PKIX, 0x30, 1, 5 }, "ocsp" },          /* no check */
	{ 6, { 0x2b, 6, 1, 5, 2, 2 }, "pkinit" },     /* a name of Kerberos */
	{ 9, { MICROSOFT, 0x14, 2 }, "x509sat" },     /* name of a template */
	{ 10, { MICROSOFT, 0x14, 2, 3 }, "x509sat" }, /* a user's name */
	{ 9, { MICROSOFT, 0x15, 1 }, "x509sat" },     /* version of a CA */
	{ 9, { MICROSOFT, 0x15, 2 }, "x509sat" },     /* hash of its certificate before */
	{ 9, { MICROSOFT, 0x15, 7 }, "x509ce" },      /* template */
	{ 9, { MICROSOFT, 0x15, 10 }, "x509ce" },     /* policies of applications */
	{ 10, { GOOGLE, 2, 4, 2 }, "tls" },           /* SCTs */
	{ 10, { GOOGLE, 2, 4, 5 }, "tls" },
	{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf6, 0x7d, 7, 0x41, 0 }, "x509ce" }, /* Entrust's version */
	{ 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x0f }, "cms" },    /* S/MIME */
};

static const uint8_t id_netscape[] = { 0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x01 };

static void name_module(struct x509 *x, const struct bytes *oid)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (x509_oid_is(oid, modules[i].oid, modules[i].n))
			pkt_protocol(x->pkt, modules[i].token);
}

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
	else if (e->tag == NAME_OTHER) {
		struct bytes oid = ber_value(&e->value, BER_OID);
		name_module(x, &oid);
	}
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

/* { [0] { { name, ... } ... } that may be certified, [1] that may not }; an address has a mask. */
static void put_name_constraints(struct x509 *x, struct bytes b)
{
	struct ber list, one, name;

	for (unsigned i = 0; i < 2 && ber_next(&b, &list); i++)
		for (unsigned k = 0; k < NAMES_MAX && ber_take(&list.value, BER_SEQUENCE, &one);
			k++)
			if (ber_next(&one.value, &name) && name.tag != NAME_ADDRESS)
				put_general_name(x, &name, false);
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

/* { policy, { { what, it } ... } } ... */
static void put_policies(struct x509 *x, struct bytes b)
{
	struct ber policy, one;

	for (unsigned i = 0; i < NAMES_MAX && ber_take(&b, BER_SEQUENCE, &policy); i++) {
		(void)ber_value(&policy.value, BER_OID);
		struct bytes list = ber_value(&policy.value, BER_SEQUENCE);
		for (unsigned k = 0; k < NAMES_MAX && ber_take(&list, BER_SEQUENCE, &one); k++) {
			struct bytes oid = ber_value(&one.value, BER_OID);
			name_module(x, &oid);
		}
	}
}

/* { { algorithm, length of its key } ... } */
static void put_capabilities(struct x509 *x, struct bytes b)
{
	struct ber one;

	for (unsigned i = 0; i < NAMES_MAX && ber_take(&b, BER_SEQUENCE, &one); i++) {
		struct bytes oid = ber_value(&one.value, BER_OID);
		if (bytes_left(&one.value) && (x509_oid_is(&oid, id_rc2, sizeof(id_rc2)) ||
						      x509_oid_is(&oid, id_rc4, sizeof(id_rc4))))
			pkt_protocol(x->pkt, "cms");
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
	case POLICIES:
		put_policies(x, ber_value(&b, BER_SEQUENCE));
		break;
	case NAME_CONSTRAINTS:
		put_name_constraints(x, ber_value(&b, BER_SEQUENCE));
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
	} else {
		name_module(x, &oid);
		if (x509_oid_is(&oid, id_smime, sizeof(id_smime)))
			put_capabilities(x, ber_value(&contents, BER_SEQUENCE));
	}
}

void x509_extensions(struct x509 *x, struct bytes b)
{
	struct ber e;

	for (unsigned i = 0; i < EXTENSIONS_MAX && ber_take(&b, BER_SEQUENCE, &e); i++)
		put_extension(x, e.value);
}
