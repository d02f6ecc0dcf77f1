/* ldap_value.c -- search filters, assertions and attributes of LDAP.
 * RFC 4511:  Filter, by its tag:  0 and, 1 or: SET OF Filter | 2 not: Filter | 3 equal, 5 greater,
 *   6 less, 8 alike: description, value | 4 substrings: type, SEQUENCE OF text |
 *   7 present: description | 9 extensible: [1] rule, [2] type, [3] value, [4] of names, too */
/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"
#include "ldap.h"
#include "line.h"

enum { AND, OR, NOT, EQUAL, SUBSTRINGS, GREATER, LESS, PRESENT, ALIKE, EXTENSIBLE };
enum { FILTERS_MAX = 200, TYPE = 2 };

static bool is_among(struct bytes name, const char *const *names)
{
	for (; *names; names++)
		if (line_is(name, *names))
			return true;
	return false;
}

/* Options such as ";binary" are no part of the name. */
static bool is_password(struct bytes type)
{
	static const char *const names[] = { "userPassword", "unicodePwd", "authPassword",
		"clearPassword", "sambaNTPassword", "sambaLMPassword", "krbPrincipalKey",
		"userPKCS12", NULL };

	return is_among(line_until(&type, ';'), names);
}

/* Attributes that tshark shows under names of their own. */
static bool is_shown_elsewhere(struct bytes type)
{
	static const char *const names[] = { "netlogon", "objectGUID", "objectSid",
		"supportedControl", "supportedCapabilities", "nTSecurityDescriptor", NULL };

	return is_among(type, names);
}

bool ldap_is_layer(struct bytes oid)
{
	static const char *const names[] = { "1.2.840.113556.1.4.319", "1.2.840.113556.1.4.473",
		"1.2.840.113556.1.4.474", "1.2.840.113556.1.4.841", "1.3.6.1.4.1.4203.1.11.1",
		"1.3.6.1.1.8", "1.3.6.1.4.1.4203.1.9.1.1", "1.3.6.1.4.1.4203.1.9.1.2",
		"1.3.6.1.4.1.4203.1.9.1.3", "1.3.6.1.4.1.4203.1.9.1.4", "1.3.6.1.4.1.42.2.27.8.5.1",
		NULL };

	return is_among(oid, names);
}

/* "00:ff:..." */
static void put_colons(struct packet *pkt, unsigned field, struct bytes value)
{
	size_t n = bytes_left(&value) < PKT_BYTES_MAX ? bytes_left(&value) : PKT_BYTES_MAX;
	char *text = n ? pkt_scratch(pkt, 3 * n) : NULL;

	for (size_t i = 0; text && i < n; i++)
		*json_emit_hex(text + 3 * i, value.p + i, 1) = ':';
	if (text)
		put_clean(pkt, field, text, 3 * n - 1);
}

static bool is_printable(struct bytes value)
{
	while (bytes_left(&value)) {
		uint8_t c = bytes_u8(&value);
		if (c < ' ' || c > '~')
			return false;
	}
	return true;
}

static bool begins(struct bytes name, const char *text)
{
	return bytes_starts(&name, text, strlen(text));
}

/* What a domain controller is asked by, of binary kind, tshark shows under names of its own. */
static void put_assertion_value(struct packet *pkt, struct bytes name, struct bytes value)
{
	if (value.cut || begins(name, "NtVer") || begins(name, "DomainSid"))
		return;
	if (begins(name, "DomainGuid") && bytes_left(&value) == 16)
		return;
	if (is_password(name))
		pkt_secret(pkt, value.p, bytes_left(&value));
	if (is_printable(value))
		put_str(pkt, LDAP_ASSERTION_VALUE, value.p, bytes_left(&value));
	else if (!is_password(name))
		put_colons(pkt, LDAP_ASSERTION_VALUE, value);
}

bool ldap_put_assertion(struct packet *pkt, struct bytes b)
{
	struct bytes name = ber_need(&b, BER_OCTET_STRING);

	(void)ber_put_str(pkt, LDAP_ATTRIBUTE_DESC, name);
	struct bytes value = ber_need(&b, BER_OCTET_STRING);
	if (bytes_ok(&value))
		put_assertion_value(pkt, name, value);
	return bytes_ok(&b);
}

static bool put_extensible(struct packet *pkt, struct bytes b)
{
	struct ber e;

	while (ber_next(&b, &e))
		if (e.tag == (BER_CONTEXT | TYPE))
			(void)ber_put_str(pkt, LDAP_TYPE, e.value);
	return bytes_ok(&b);
}

static bool put_item(struct packet *pkt, const struct ber *e)
{
	struct bytes value = e->value;

	switch (e->tag & 31) {
	case EQUAL:
	case GREATER:
	case LESS:
	case ALIKE:
		return ldap_put_assertion(pkt, value);
	case SUBSTRINGS:
		ber_get_str(pkt, &value, BER_OCTET_STRING, LDAP_TYPE);
		return bytes_ok(&value);
	case PRESENT:
		return ber_put_str(pkt, LDAP_PRESENT, value);
	case EXTENSIBLE:
		return put_extensible(pkt, value);
	default:
		return false;
	}
}

/* Filters within filters stand one behind the other, so going into one is going on behind its
 * head: that needs no recursion, however deep they are. */
bool ldap_put_filter(struct packet *pkt, struct bytes *b)
{
	struct ber e;

	if (!ber_next(b, &e))
		return false;
	put_u64(pkt, LDAP_FILTER, e.tag & 31);
	struct bytes rest = bytes_of(e.from, (size_t)(e.value.end - e.from));
	rest.cut = e.value.cut;
	for (unsigned i = 0; bytes_left(&rest); i++) {
		if (i > FILTERS_MAX) {
			pkt_anomaly(pkt, "too many filters");
			return true;
		}
		if (!ber_next(&rest, &e))
			return false;
		if ((e.tag & 31) <= NOT) {
			rest.cut += e.value.cut;
			rest.p = e.value.p;
		} else if (!put_item(pkt, &e)) {
			return false;
		}
	}
	return true;
}

bool ldap_put_attribute(struct packet *pkt, struct bytes *b)
{
	struct bytes attribute = ber_need(b, BER_SEQUENCE);
	struct bytes type = ber_need(&attribute, BER_OCTET_STRING);

	(void)ber_put_str(pkt, LDAP_TYPE, type);
	struct bytes values = ber_need(&attribute, BER_SET);
	while (bytes_left(&values)) {
		struct bytes value = ber_need(&values, BER_OCTET_STRING);
		if (!bytes_ok(&values) || value.cut)
			return false;
		if (is_password(type))
			pkt_secret(pkt, value.p, bytes_left(&value));
		if (!is_shown_elsewhere(type))
			put_bytes(pkt, LDAP_ATTRIBUTE_VALUE, value.p, bytes_left(&value));
	}
	return bytes_ok(&attribute);
}
