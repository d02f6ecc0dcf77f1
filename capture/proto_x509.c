/* proto_x509.c -- certificates of X.509, as TLS carries them.
 * RFC 5280, section 4.1:  Certificate ::= { tbs, signature algorithm, signature }
 * tbs ::= { [0] version, serial number, signature algorithm, issuer, { not before, not after },
 * subject, { key algorithm, key }, [1] [2] unique ids, [3] extensions }
 * Layers have the fields of every certificate, ECS those of the first one, which is the peer's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "x509.h"

enum { VERSION_TAG = BER_CTX(0), EXTENSIONS_TAG = BER_CTX(3), UTC_TIME = 0x17, GENERALIZED = 0x18 };

static const struct proto_field fields[] = {
	[X509_VERSION] = { "x509af.version", FIELD_I32, "Version of a certificate, less 1", NULL,
		"0.1", DETAIL, PLAIN },
	[X509_SERIAL] = { "x509af.serialNumber", FIELD_BYTES, "Serial number", NULL, "0.1", CORE,
		PLAIN },
	[X509_ALGORITHM] = { "x509af.algorithm.id", FIELD_STR, "Algorithm of signature or key",
		NULL, "0.1", DETAIL, PLAIN },
	[X509_ATTRIBUTE] = { "x509if.oid", FIELD_STR, "Kind of a part of a name", NULL, "0.1",
		DETAIL, PLAIN },
	[X509_UTC_TIME] = { "x509af.utcTime", FIELD_STR, "Begin or end of its time", NULL, "0.1",
		CORE, PLAIN },
	[X509_GENERALIZED_TIME] = { "x509af.generalizedTime", FIELD_TIME,
		"Begin or end of its time", NULL, "0.1", CORE, PLAIN },
	[X509_COUNTRY] = { "x509sat.CountryName", FIELD_ASCII, "Country in a name", NULL, "0.1",
		CORE, PLAIN },
	[X509_PRINTABLE] = { "x509sat.printableString", FIELD_ASCII, "Part of a name", NULL, "0.1",
		CORE, NAME },
	[X509_UTF8] = { "x509sat.uTF8String", FIELD_STR, "Part of a name", NULL, "0.1", CORE,
		NAME },
	[X509_DNS_NAME] = { "x509ce.dNSName", FIELD_ASCII, "Host the certificate is for", NULL,
		"0.1", CORE, NAME },
	[X509_URI] = { "x509ce.uniformResourceIdentifier", FIELD_ASCII, "Address in an extension",
		NULL, "0.1", DETAIL, NAME },
	[X509_IP_ADDRESS] = { "x509ce.iPAddress", FIELD_BYTES,
		"Address that is neither IPv4 nor IPv6", NULL, "0.1", DETAIL, ADDRESS },
	[X509_KEY_USAGE] = { "x509ce.KeyUsage", FIELD_BYTES, "What the key may be used for", NULL,
		"0.1", DETAIL, PLAIN },
	[X509_KEY_PURPOSE] = { "x509ce.KeyPurposeId", FIELD_STR, "Purpose of the key", NULL, "0.1",
		DETAIL, PLAIN },
	[X509_CA] = { "x509ce.cA", FIELD_BOOL, "It may sign certificates", NULL, "0.1", CORE,
		PLAIN },
	{ 0 },
};

/* Certificates have no name in frame.protocols. */
static const struct proto_bind binds[] = { { BY_CONTENT, CONTENT_SERVER_CERTIFICATE, "" },
	{ BY_CONTENT, CONTENT_CLIENT_CERTIFICATE, "" },
	{ BY_CONTENT, CONTENT_OTHER_CERTIFICATE, "" }, { BY_CONTENT, CONTENT_NAME, "" },
	{ BY_CONTENT, CONTENT_OCSP, "" }, { 0 } };

static const struct x509_paths server_paths = { ECS_TLS_SERVER_SUBJECT, ECS_TLS_SERVER_ISSUER,
	ECS_TLS_SERVER_NOT_BEFORE, ECS_TLS_SERVER_NOT_AFTER, ECS_TLS_SERVER_HASH_SHA1,
	ECS_TLS_SERVER_HASH_SHA256, ECS_TLS_SERVER_X509_SERIAL_NUMBER,
	ECS_TLS_SERVER_X509_SUBJECT_COMMON_NAME, ECS_TLS_SERVER_X509_ISSUER_COMMON_NAME,
	ECS_TLS_SERVER_X509_ALTERNATIVE_NAMES, ECS_TLS_SERVER_X509_SIGNATURE_ALGORITHM,
	ECS_TLS_SERVER_X509_PUBLIC_KEY_ALGORITHM, ECS_TLS_SERVER_X509_PUBLIC_KEY_SIZE };
static const struct x509_paths client_paths = { ECS_TLS_CLIENT_SUBJECT, ECS_TLS_CLIENT_ISSUER,
	ECS_TLS_CLIENT_NOT_BEFORE, ECS_TLS_CLIENT_NOT_AFTER, ECS_TLS_CLIENT_HASH_SHA1,
	ECS_TLS_CLIENT_HASH_SHA256, ECS_TLS_CLIENT_X509_SERIAL_NUMBER,
	ECS_TLS_CLIENT_X509_SUBJECT_COMMON_NAME, ECS_TLS_CLIENT_X509_ISSUER_COMMON_NAME,
	ECS_TLS_CLIENT_X509_ALTERNATIVE_NAMES, ECS_TLS_CLIENT_X509_SIGNATURE_ALGORITHM,
	ECS_TLS_CLIENT_X509_PUBLIC_KEY_ALGORITHM, ECS_TLS_CLIENT_X509_PUBLIC_KEY_SIZE };

/* --- times --- */

static bool digits(struct bytes *b, unsigned n, unsigned *out)
{
	const uint8_t *p = bytes_take(b, n);

	*out = 0;
	for (unsigned i = 0; p && i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return p != NULL;
}

struct date {
	unsigned year, month, day, hour, minute, second;
	int zone;         /* minutes that it is ahead of UTC */
	const uint8_t *p; /* +hhmm or -hhmm, NULL: Z */
};

/* Seconds since 1970: days from the civil calendar, years counted from March. */
static int64_t seconds_of(const struct date *d)
{
	int64_t year = (int64_t)d->year - (d->month <= 2);
	int64_t era = year / 400, of_era = year - era * 400;
	int64_t of_year = (153 * ((int64_t)d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 + d->day -
			  1;
	int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;

	return ((days * 24 + d->hour) * 60 + d->minute - d->zone) * 60 + d->second;
}

/* Z, or what ASN.1 allows beside it. */
static bool read_zone(struct bytes *b, struct date *d)
{
	const uint8_t *p = b->p;
	unsigned hours = 0, minutes = 0;

	if (bytes_left(b) == 1)
		return *p == 'Z';
	uint8_t sign = bytes_u8(b);
	if ((sign != '+' && sign != '-') || !digits(b, 2, &hours) || !digits(b, 2, &minutes) ||
		bytes_left(b) || hours >= 24 || minutes >= 60)
		return false;
	d->zone = (int)(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
	d->p = p;
	return true;
}

/* YYMMDDhhmmssZ or YYYYMMDDhhmmssZ (RFC 5280, section 4.1.2.5), or with a zone. */
static bool read_date(struct bytes b, bool utc_time, struct date *d)
{
	if (!digits(&b, utc_time ? 2 : 4, &d->year) || !digits(&b, 2, &d->month) ||
		!digits(&b, 2, &d->day) || !digits(&b, 2, &d->hour) || !digits(&b, 2, &d->minute))
		return false;
	if (!digits(&b, 2, &d->second))
		return false;
	if (utc_time)
		d->year += d->year < 50 ? 2000 : 1900;
	return read_zone(&b, d) && d->month >= 1 && d->month <= 12 && d->day >= 1 && d->day <= 31 &&
	       d->hour < 24 && d->minute < 60 && d->second <= 60;
}

static char *print_two(char *p, unsigned n, char after)
{
	*p++ = (char)('0' + n / 10 % 10);
	*p++ = (char)('0' + n % 10);
	*p++ = after;
	return p;
}

static void put_utc_time(struct packet *pkt, const struct date *d)
{
	size_t n = d->p ? 30 : 25;
	char *text = pkt_scratch(pkt, n), *p = text;

	if (!text)
		return;
	p = print_two(p, d->year / 100, ' ') - 1;
	p = print_two(p, d->year, '-');
	p = print_two(p, d->month, '-');
	p = print_two(p, d->day, ' ');
	p = print_two(p, d->hour, ':');
	p = print_two(p, d->minute, ':');
	p = print_two(p, d->second, ' ');
	memcpy(p, "(UTC", 4);
	if (d->p)
		memcpy(p + 4, d->p, 5);
	text[n - 1] = ')';
	put_clean(pkt, X509_UTC_TIME, text, n);
}

static void put_time_of(struct x509 *x, struct bytes *b, bool begin)
{
	struct ber e;
	struct date date = { 0 };

	if (!ber_next(b, &e) || (e.tag != UTC_TIME && e.tag != GENERALIZED))
		return;
	if (!read_date(e.value, e.tag == UTC_TIME, &date)) {
		pkt_anomaly(x->pkt, "time that is none");
		return;
	}
	if (date.p)
		pkt_anomaly(x->pkt, "time with a zone");
	if (e.tag == UTC_TIME)
		put_utc_time(x->pkt, &date);
	else
		put_time(x->pkt, X509_GENERALIZED_TIME, seconds_of(&date), 0);
	if (x->ecs)
		ecs_time(x->pkt, begin ? x->ecs->not_before : x->ecs->not_after, seconds_of(&date));
}

/* --- the parts of a certificate --- */

struct bytes x509_algorithm(struct x509 *x, struct bytes b)
{
	static const uint8_t pss[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10 };
	static const uint8_t dsa[] = { 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1 };
	struct bytes oid = ber_value(&b, BER_OID);
	struct ber e;

	put_oid(x->pkt, X509_ALGORITHM, oid);
	if (x509_oid_is(&oid, dsa, sizeof(dsa)) && bytes_left(&b))
		pkt_protocol(x->pkt, "x509af");
	if (x509_oid_is(&oid, pss, sizeof(pss)) && ber_take(&b, BER_SEQUENCE, &e)) {
		pkt_protocol(x->pkt, "pkcs-1");
		(void)ber_value(&e.value, BER_CTX(0)); /* hash */
		struct bytes mask = ber_value(&e.value, BER_CTX(1));
		if (bytes_ok(&mask))
			pkt_protocol(x->pkt, "pkcs-1");
	}
	return oid;
}

static void put_version(struct x509 *x, struct bytes *tbs)
{
	struct bytes outer = ber_value(tbs, VERSION_TAG);
	int64_t version;

	if (ber_int(ber_value(&outer, BER_INTEGER), &version) && version >= INT32_MIN &&
		version <= INT32_MAX)
		put_i64(x->pkt, X509_VERSION, version);
}

static void put_serial(struct x509 *x, struct bytes serial)
{
	put_bytes(x->pkt, X509_SERIAL, serial.p, bytes_left(&serial));
	if (x->ecs)
		x509_ecs_serial(x, serial);
}

static void put_key(struct x509 *x, struct bytes b)
{
	static const uint8_t elliptic[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	struct bytes algorithm = ber_value(&b, BER_SEQUENCE);
	struct bytes oid = x509_algorithm(x, algorithm);
	struct bytes key = ber_value(&b, BER_BIT_STRING);

	(void)ber_value(&algorithm, BER_OID);
	if (x509_oid_is(&oid, elliptic, sizeof(elliptic)) && bytes_left(&algorithm))
		pkt_protocol(x->pkt, "pkcs-1"); /* whose reader tshark has for a curve's name */
	if (x->ecs)
		x509_ecs_key(x, oid, algorithm, key);
}

static void put_tbs(struct x509 *x, struct bytes tbs)
{
	struct ber e;

	put_version(x, &tbs);
	put_serial(x, ber_value(&tbs, BER_INTEGER));
	(void)x509_algorithm(x, ber_value(&tbs, BER_SEQUENCE));
	x509_name(x, ber_value(&tbs, BER_SEQUENCE), X509_OF_ISSUER);
	struct bytes validity = ber_value(&tbs, BER_SEQUENCE);
	put_time_of(x, &validity, true);
	put_time_of(x, &validity, false);
	x509_name(x, ber_value(&tbs, BER_SEQUENCE), X509_OF_SUBJECT);
	put_key(x, ber_value(&tbs, BER_SEQUENCE));
	for (unsigned i = 0; i < 3 && ber_next(&tbs, &e); i++)
		if (e.tag == EXTENSIONS_TAG)
			x509_extensions(x, ber_value(&e.value, BER_SEQUENCE));
}

static const struct x509_paths *paths_of(const struct packet *pkt)
{
	if (pkt->bind->value == CONTENT_SERVER_CERTIFICATE)
		return &server_paths;
	return pkt->bind->value == CONTENT_CLIENT_CERTIFICATE ? &client_paths : NULL;
}

bool x509_certificate(struct x509 *x, struct bytes b)
{
	struct bytes tbs = ber_value(&b, BER_SEQUENCE);

	if (!bytes_ok(&tbs)) {
		pkt_anomaly(x->pkt, "certificate that is none");
		return false;
	}
	put_tbs(x, tbs);
	struct bytes oid = x509_algorithm(x, ber_value(&b, BER_SEQUENCE));
	if (x->ecs)
		x509_ecs_signature(x, oid);
	return true;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct x509 x = { .pkt = pkt, .ecs = paths_of(pkt) };
	struct bytes whole = b;

	if (pkt->bind->value == CONTENT_NAME) {
		x509_name(&x, ber_value(&b, BER_SEQUENCE), X509_OF_NOBODY);
		return DECODE_OK;
	}
	if (pkt->bind->value == CONTENT_OCSP) {
		x509_ocsp(&x, b);
		return DECODE_OK;
	}
	if (!x509_certificate(&x, ber_value(&b, BER_SEQUENCE)))
		return DECODE_OK;
	if (x.ecs && !whole.cut)
		x509_ecs_digests(&x, whole);
	return whole.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_x509 = {
	.name = "x509",
	.binds = binds,
	.fields = fields,
	.decode = decode,
};
