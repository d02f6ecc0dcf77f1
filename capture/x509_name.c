/* x509_name.c -- names of X.509.
 * RFC 5280, section 4.1.2.4:  Name ::= { SET { { attribute type, value } ... } ... }
 * As text the parts stand in the other order, as in RFC 4514: "CN=www.example.com, O=Example, C=US".
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "x509.h"

enum { PARTS_MAX = 32, PRINTABLE_STRING = 0x13, IA5_STRING = 0x16, TELETEX_STRING = 0x14 };
/* ACCOUNT: Wireshark has it elsewhere. UNNAMED: Wireshark 4.0 does not know it. */
enum kind { OTHER, DIRECTORY, COUNTRY, ACCOUNT, UNNAMED };

static const uint8_t id_at[] = { 0x55, 0x04 }; /* 2.5.4 */
static const uint8_t id_email[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 };
static const uint8_t id_domain[] = { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19 };
static const uint8_t id_user[] = { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01 };

/* Where a company with an EV certificate is registered: 1.3.6.1.4.1.311.60.2.1. */
static const uint8_t id_place[] = { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 1 };
static const uint8_t id_state[] = { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 2 };
static const uint8_t id_country[] = { 0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 3 };

enum { COMMON_NAME = 3 };

/* The last number of 2.5.4.n: what its value is, and its name in a text. */
static const struct {
	uint8_t number;
	enum kind kind;
	const char *name;
} attributes[] = {
	{ COMMON_NAME, DIRECTORY, "CN" },
	{ 4, DIRECTORY, "SN" },
	{ 5, OTHER, "serialNumber" },
	{ 6, COUNTRY, "C" },
	{ 7, DIRECTORY, "L" },
	{ 8, DIRECTORY, "ST" },
	{ 9, DIRECTORY, "street" },
	{ 10, DIRECTORY, "O" },
	{ 11, DIRECTORY, "OU" },
	{ 12, DIRECTORY, "title" },
	{ 13, DIRECTORY, "description" },
	{ 15, DIRECTORY, "businessCategory" },
	{ 17, DIRECTORY, "postalCode" },
	{ 18, DIRECTORY, "postOfficeBox" },
	{ 41, DIRECTORY, "name" },
	{ 42, DIRECTORY, "GN" },
	{ 43, DIRECTORY, "initials" },
	{ 44, DIRECTORY, "generationQualifier" },
	{ 46, OTHER, "dnQualifier" },
	{ 65, DIRECTORY, "pseudonym" },
	{ 97, UNNAMED, "organizationIdentifier" },
};

struct part {
	struct bytes oid, value;
	const char *name; /* NULL: the number itself */
	enum kind kind;
	uint8_t tag;
	bool common_name;
};

static void know_attribute(struct part *part)
{
	static const struct {
		const uint8_t *oid;
		size_t n;
		const char *name;
		enum kind kind;
	} others[] = { { id_email, sizeof(id_email), "emailAddress", OTHER },
		{ id_domain, sizeof(id_domain), "DC", OTHER },
		{ id_user, sizeof(id_user), "UID", ACCOUNT },
		{ id_place, sizeof(id_place), "jurisdictionL", DIRECTORY },
		{ id_state, sizeof(id_state), "jurisdictionST", DIRECTORY },
		{ id_country, sizeof(id_country), "jurisdictionC", COUNTRY } };
	int number = bytes_peek(&part->oid, 2);

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!x509_oid_is(&part->oid, others[i].oid, others[i].n))
			continue;
		part->name = others[i].name;
		part->kind = others[i].kind;
	}
	if (bytes_left(&part->oid) != 3 || !bytes_starts(&part->oid, id_at, sizeof(id_at)))
		return;
	for (unsigned i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (attributes[i].number != number)
			continue;
		part->name = attributes[i].name;
		part->kind = attributes[i].kind;
		part->common_name = number == COMMON_NAME;
	}
}

static void put_part(struct x509 *x, const struct part *part)
{
	size_t n = bytes_left(&part->value);

	put_oid(x->pkt, X509_ATTRIBUTE, part->oid);
	if (part->name && part->kind != UNNAMED)
		pkt_protocol(x->pkt, part->kind == ACCOUNT ? "x509af" : "x509sat");
	if (part->kind == COUNTRY)
		put_str(x->pkt, X509_COUNTRY, part->value.p, n);
	else if (part->kind == DIRECTORY && part->tag == PRINTABLE_STRING)
		put_str(x->pkt, X509_PRINTABLE, part->value.p, n);
	else if (part->kind == DIRECTORY && part->tag == BER_UTF8_STRING)
		put_str(x->pkt, X509_UTF8, part->value.p, n);
}

static unsigned put_parts(struct x509 *x, struct bytes b, struct part parts[])
{
	struct ber set, pair, value;
	unsigned n = 0;

	while (n < PARTS_MAX && ber_next(&b, &set)) {
		while (n < PARTS_MAX && ber_take(&set.value, BER_SEQUENCE, &pair)) {
			struct part *part = &parts[n];
			*part = (struct part){ .oid = ber_value(&pair.value, BER_OID) };
			if (!bytes_ok(&part->oid) || !ber_next(&pair.value, &value))
				break;
			part->value = value.value;
			part->tag = value.tag;
			know_attribute(part);
			put_part(x, part);
			n++;
		}
	}
	return n;
}

/* --- as text --- */

struct text {
	struct packet *pkt;
	char *start;
	size_t len;
	bool failed;
};

static void add(struct text *t, const void *p, size_t n)
{
	if (!pkt_copy(t->pkt, p, n))
		t->failed = true;
	t->len += n;
}

/* A comma within a value must not look like one between two (RFC 4514, section 2.4). */
static void add_value(struct text *t, struct bytes value)
{
	while (bytes_left(&value)) {
		const uint8_t *p = bytes_take(&value, 1);
		if (memchr(",+\"\\<>;", *p, 7))
			add(t, "\\", 1);
		add(t, p, 1);
	}
}

static bool is_text(uint8_t tag)
{
	return tag == BER_UTF8_STRING || tag == PRINTABLE_STRING || tag == IA5_STRING ||
	       tag == TELETEX_STRING;
}

static void add_part(struct text *t, const struct part *part)
{
	if (!part->name || !is_text(part->tag))
		return;
	if (t->len)
		add(t, ", ", 2);
	add(t, part->name, strlen(part->name));
	add(t, "=", 1);
	add_value(t, part->value);
}

void x509_name(struct x509 *x, struct bytes b, enum x509_whose whose)
{
	struct part parts[PARTS_MAX];
	unsigned n = put_parts(x, b, parts);
	struct text text = { .pkt = x->pkt };

	if (!x->ecs || whose == X509_OF_NOBODY)
		return;
	text.start = pkt_scratch(x->pkt, 0);
	for (unsigned i = n; i > 0; i--)
		add_part(&text, &parts[i - 1]);
	bool subject = whose == X509_OF_SUBJECT;
	if (text.start && !text.failed)
		ecs_str(x->pkt, subject ? x->ecs->subject : x->ecs->issuer, text.start, text.len);
	for (unsigned i = 0; i < n; i++)
		if (parts[i].common_name && is_text(parts[i].tag))
			ecs_str(x->pkt, subject ? x->ecs->subject_name : x->ecs->issuer_name,
				parts[i].value.p, bytes_left(&parts[i].value));
}
