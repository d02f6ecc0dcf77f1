/* proto_dns.c -- Domain Name System, multicast DNS and link-local multicast name resolution.
 * RFC 1035, 4.1:  0-1 id | 2-3 flags | 4-11 counts of questions, answers, authority and additional
 *                 records (RFC 2136: zones, prerequisites, updates) | questions | records
 *   flags (RFC 2535, 6895):  QR opcode(4) AA TC RD RA Z AD CD rcode(4); in LLMNR (RFC 4795) the
 *                 places of AA and RD are C (conflict) and T (tentative)
 *   question:     name | type | class (RFC 6762: its first bit asks for unicast)
 *   record:       name | type | class (RFC 6762: first bit, cache flush) | TTL (4) | length | data
 * Over TCP each message follows its length (2 bytes). The data is read in dns_rdata.c. A question
 * or record is put when all of it is there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_ecs.h"
#include "dns_rdata.h"

enum {
	TCP = 6,
	HEADER = 12,
	QUESTION_MIN = 5,
	RECORD_MIN = 11,
	COUNTS = 4,
	MESSAGES_MAX = 256,
	NETBIOS_LEN = 32
};

enum {
	RESPONSE = 0x8000,
	AUTHORITATIVE = 0x0400,
	TRUNCATED = 0x0200,
	RECDESIRED = 0x0100,
	RECAVAIL = 0x0080,
	Z = 0x0040,
	AUTHENTICATED = 0x0020,
	CHECKDISABLE = 0x0010,
	OPCODE_SHIFT = 11,
	OPCODE_MASK = 15,
	OPCODE_UPDATE = 5,
	TOP_BIT = 0x8000
};

static const struct proto_bind binds[] = { { BY_UDP_PORT, 53, NULL }, { BY_TCP_PORT, 53, NULL },
	{ BY_UDP_PORT, 5353, "mdns" }, { BY_TCP_PORT, 5353, NULL }, { BY_UDP_PORT, 5355, "llmnr" },
	{ BY_TCP_PORT, 5355, "llmnr" }, { 0 } };

/* --- header --- */

static unsigned opcode_of(const struct dns *d)
{
	return d->flags >> OPCODE_SHIFT & OPCODE_MASK;
}

static void put_llmnr_flags(struct packet *pkt, uint16_t flags)
{
	put_bool(pkt, DNS_CONFLICT, flags & AUTHORITATIVE);
	put_bool(pkt, DNS_TRUNCATED, flags & TRUNCATED);
	put_bool(pkt, DNS_TENTATIVE, flags & RECDESIRED);
}

static void put_dns_flags(struct packet *pkt, uint16_t flags)
{
	bool response = flags & RESPONSE;

	if (response)
		put_bool(pkt, DNS_AUTHORITATIVE, flags & AUTHORITATIVE);
	put_bool(pkt, DNS_TRUNCATED, flags & TRUNCATED);
	put_bool(pkt, DNS_RECDESIRED, flags & RECDESIRED);
	if (response)
		put_bool(pkt, DNS_RECAVAIL, flags & RECAVAIL);
	put_bool(pkt, DNS_Z, flags & Z);
	if (response || flags & AUTHENTICATED)
		put_bool(pkt, DNS_AUTHENTICATED, flags & AUTHENTICATED);
	put_bool(pkt, DNS_CHECKDISABLE, flags & CHECKDISABLE);
}

static void put_flags(struct dns *d)
{
	struct packet *pkt = d->pkt;

	put_u64(pkt, DNS_FLAGS, d->flags);
	put_bool(pkt, DNS_RESPONSE, d->flags & RESPONSE);
	put_u64(pkt, DNS_OPCODE, opcode_of(d));
	if (d->kind == DNS_KIND_LLMNR)
		put_llmnr_flags(pkt, d->flags);
	else
		put_dns_flags(pkt, d->flags);
	if (d->flags & RESPONSE)
		put_u64(pkt, DNS_RCODE, d->flags & 15);
}

static bool get_header(struct dns *d, struct bytes *b, uint16_t *counts)
{
	uint16_t id = bytes_be16(b);

	d->flags = bytes_be16(b);
	if (!bytes_ok(b))
		return false;
	put_u64(d->pkt, DNS_ID, id);
	put_flags(d);
	dns_ecs_header(d);
	bool update = opcode_of(d) == OPCODE_UPDATE;
	for (unsigned i = 0; i < COUNTS; i++) {
		bool renamed = update && i < COUNTS - 1;
		counts[i] = get_be16(d->pkt, b, (renamed ? DNS_ZONES : DNS_QUERIES) + i);
	}
	return bytes_ok(b);
}

/* --- questions --- */

/* Multicast DNS has taken the first bit of a class for itself. */
static uint16_t bare_class(const struct dns *d, uint16_t class)
{
	return d->kind == DNS_KIND_MDNS ? class & (uint16_t)~TOP_BIT : class;
}

/* Labels are counted in the text, so a dot within a label begins another one; names of one byte
 * count as nothing and the root as the text it is shown as: so does the oracle. */
static void put_name_size(struct packet *pkt, const struct dns_name *name)
{
	bool counted = name->root || name->wire_len > 1;
	unsigned labels = counted;

	for (unsigned i = 0; counted && i < name->len; i++)
		labels += name->text[i] == '.';
	put_u64(pkt, DNS_QRY_NAME_LEN, name->root ? name->len : counted ? name->wire_len : 0);
	put_u64(pkt, DNS_QRY_LABELS, labels);
}

static bool get_question(struct dns *d, struct bytes *b, bool first)
{
	struct packet *pkt = d->pkt;
	struct dns_name name;

	dns_name_get(pkt, &d->message, b, &name);
	uint16_t type = bytes_be16(b), class = bytes_be16(b);
	if (!bytes_ok(b))
		return false;
	if (first)
		dns_ecs_question(d, &name, type, bare_class(d, class));
	dns_ecs_host(d, &name);
	dns_name_put(pkt, DNS_QRY_NAME, &name);
	if (!name.bad)
		put_name_size(pkt, &name);
	put_u64(pkt, DNS_QRY_TYPE, type);
	put_u64(pkt, DNS_QRY_CLASS, bare_class(d, class));
	if (d->kind == DNS_KIND_MDNS)
		put_bool(pkt, DNS_QRY_QU, class & TOP_BIT);
	return true;
}

/* --- records --- */

/* The owner of an SRV record is _service._protocol.name (RFC 2782). */
static void put_service(struct packet *pkt, const struct dns_name *owner)
{
	const char *part = owner->text, *end = part + owner->len;

	for (unsigned field = DNS_SRV_SERVICE; field < DNS_SRV_NAME; field++) {
		const char *dot = memchr(part, '.', (size_t)(end - part));
		put_str(pkt, field, part, (size_t)((dot ? dot : end) - part));
		if (!dot)
			return;
		part = dot + 1;
	}
	put_str(pkt, DNS_SRV_NAME, part, (size_t)(end - part));
}

static void put_record(struct dns *d, const struct dns_record *record, uint16_t class)
{
	struct packet *pkt = d->pkt;

	if (record->type == DNS_TYPE_SRV && record->owner.text)
		put_service(pkt, &record->owner);
	else
		dns_name_put(pkt, DNS_RESP_NAME, &record->owner);
	put_u64(pkt, DNS_RESP_TYPE, record->type);
	if (record->type != DNS_TYPE_OPT) {
		put_u64(pkt, DNS_RESP_CLASS, record->class);
		put_u64(pkt, DNS_RESP_TTL, record->ttl);
	}
	if (d->kind == DNS_KIND_MDNS)
		put_bool(pkt, DNS_RESP_FLUSH, class & TOP_BIT);
	put_u64(pkt, DNS_RESP_LEN, bytes_left(&record->data));
}

static bool get_record(struct dns *d, struct bytes *b, bool answer)
{
	struct dns_record record;

	dns_name_get(d->pkt, &d->message, b, &record.owner);
	record.type = bytes_be16(b);
	uint16_t class = bytes_be16(b);
	record.class = bare_class(d, class);
	record.ttl = bytes_be32(b);
	record.data = bytes_sub(b, bytes_be16(b));
	if (!bytes_ok(b))
		return false;
	put_record(d, &record, class);
	d->answer = answer && d->ecs && !d->answers_full;
	d->said_len = 0;
	dns_rdata_put(d, &record);
	dns_ecs_record(d, &record);
	return true;
}

/* All four sections. False when the message ends before them. */
static bool get_sections(struct dns *d, struct bytes *b, const uint16_t *counts)
{
	bool answers = d->flags & RESPONSE && opcode_of(d) != OPCODE_UPDATE;
	unsigned records = (unsigned)counts[1] + counts[2] + counts[3];

	for (unsigned i = 0; i < counts[0]; i++) {
		if (i == DNS_QUESTIONS_MAX) {
			pkt_anomaly(d->pkt, "too many questions");
			return true;
		}
		if (!get_question(d, b, i == 0))
			return false;
	}
	for (unsigned i = 0; i < records; i++) {
		if (i == DNS_RECORDS_MAX) {
			pkt_anomaly(d->pkt, "too many records");
			return true;
		}
		if (!get_record(d, b, answers && i < counts[1]))
			return false;
	}
	return true;
}

/* --- messages --- */

static enum decode_result get_message(struct dns *d, struct bytes b)
{
	uint16_t counts[COUNTS];

	dns_name_begin(&d->message, b);
	d->dnssec = d->listed = d->answers_full = d->answer = false;
	d->rcode_high = d->said_len = 0;
	bool whole = get_header(d, &b, counts) && get_sections(d, &b, counts);
	dns_ecs_end(d);
	d->ecs = false;
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

/* Could a message of this length begin so? The counts need room; the middle of a message, or of
 * something else, mostly claims more than there is. */
static bool may_begin(struct bytes b, uint16_t length)
{
	bytes_skip(&b, 4);
	size_t questions = bytes_be16(&b), records = bytes_be16(&b);

	records += bytes_be16(&b);
	records += bytes_be16(&b);
	return HEADER + QUESTION_MIN * questions + RECORD_MIN * records <= length;
}

/* Messages behind one another, the last one as far as the segment goes. */
static enum decode_result get_stream(struct dns *d, struct bytes b)
{
	enum decode_result result = DECODE_OK;

	for (unsigned i = 0; bytes_left(&b); i++) {
		uint16_t length = bytes_be16(&b);
		struct bytes message = bytes_upto(&b, length);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		if (i == MESSAGES_MAX) {
			pkt_anomaly(d->pkt, "too many messages");
			break;
		}
		if (!may_begin(message, length)) {
			pkt_anomaly(d->pkt, "not the beginning of a message");
			break;
		}
		if (bytes_left(&message) >= 4)
			put_u64(d->pkt, DNS_LENGTH, length);
		bool cut = bytes_left(&message) < length;
		if (get_message(d, message) != DECODE_OK || cut)
			result = DECODE_TRUNCATED;
	}
	return result;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct dns d; /* large, and nearly all of it is written before it is read */
	char kind = pkt->token[0];

	d.pkt = pkt;
	d.kind = kind == 'm' ? DNS_KIND_MDNS : kind == 'l' ? DNS_KIND_LLMNR : DNS_KIND_DNS;
	d.ecs = !pkt->quoted;
	d.related = 0;
	dns_name_init(&d.message, bytes_left(&b));
	return pkt->flow.proto == TCP ? get_stream(&d, b) : get_message(&d, b);
}

/* RFC 1002, 4.1: the same header, and a label of 32 letters A to P. */
static bool is_netbios(struct bytes b, uint8_t len)
{
	unsigned i = 0;

	while (i < NETBIOS_LEN && i < len && bytes_peek(&b, i) >= 'A' && bytes_peek(&b, i) <= 'P')
		i++;
	return len == NETBIOS_LEN && i == NETBIOS_LEN;
}

/* A standard query or its response on a port of its own: one question, or none in a response as
 * mDNS has it, a first name in full, a class that exists, and no more records than is usual. */
static bool is_usual(struct bytes b)
{
	enum {
		RECORDS_MAX = 10,
		LABELS_MAX = 128,
		LABEL_MAX = 63,
		IN = 1,
		CH = 3,
		ANY = 255,
		FLUSH = 0x8000
	};
	uint8_t len = 1;

	bytes_skip(&b, 2);
	uint16_t flags = bytes_be16(&b), questions = bytes_be16(&b), answers = bytes_be16(&b);
	uint16_t authority = bytes_be16(&b), additional = bytes_be16(&b);
	if (!bytes_ok(&b) || flags >> OPCODE_SHIFT & OPCODE_MASK || questions > 1 ||
		authority > RECORDS_MAX || additional > RECORDS_MAX)
		return false;
	if (flags & RESPONSE ? !questions && !answers : !questions || answers || authority)
		return false;
	for (unsigned i = 0; i < LABELS_MAX && len; i++) {
		len = bytes_u8(&b);
		if (len > LABEL_MAX || is_netbios(b, len))
			return false;
		bytes_skip(&b, len);
	}
	uint16_t type = bytes_be16(&b), class = bytes_be16(&b);
	return bytes_ok(&b) && len == 0 && type &&
	       ((class & ~FLUSH) == IN || class == CH || class == ANY);
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	if (pkt->flow.proto != TCP)
		return is_usual(b);
	uint16_t length = bytes_be16(&b);
	struct bytes message = bytes_upto(&b, length);
	return may_begin(message, length) && is_usual(message);
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, 0, 255 }, { BY_TCP_PORT, 0, 255 },
	{ 0 } };

const struct proto proto_dns = { .name = "dns",
	.binds = binds,
	.fields = dns_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "dns" };
