/* dns_ecs.c -- what a DNS message gives to ECS. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_ecs.h"

#include "dns_domain.h"
#include "dns_names.h"
#include "outcome.h"
#include "text.h"

/* Names and addresses of one packet that join related.* and dns.resolved_ip: these lists are
 * searched for each new one. */
enum { RELATED_MAX = 128 };

enum { RESPONSE = 0x8000, TRUNCATED = 0x0200, RCODE_MASK = 15, OPCODE_UPDATE = 5 };

static unsigned opcode_of(const struct dns *d)
{
	return d->flags >> 11 & 15;
}

static void add_flags(struct dns *d)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} names[] = { { 0x0400, "AA" }, { TRUNCATED, "TC" }, { 0x0100, "RD" }, { 0x0080, "RA" },
		{ 0x0020, "AD" }, { 0x0010, "CD" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (d->flags & names[i].bit &&
			(d->kind != DNS_KIND_LLMNR || names[i].bit == TRUNCATED))
			ecs_text(d->pkt, ECS_DNS_HEADER_FLAGS, names[i].name);
}

/* A response to a multicast address is for everyone, so it names no client. */
static bool to_a_group(const struct flow *flow)
{
	return flow->dst && (flow->addr_len == 4 ? flow->dst[0] >> 4 == 14 : flow->dst[0] == 0xff);
}

void dns_ecs_header(struct dns *d)
{
	static const char *const actions[] = { "query", "iquery", "status", NULL, "notify",
		"update", "dso" };
	bool response = d->flags & RESPONSE;

	if (!d->ecs)
		return;
	ecs_text(d->pkt, ECS_DNS_TYPE, response ? "answer" : "query");
	ecs_text(d->pkt, ECS_DNS_OP_CODE, dns_names_opcode(opcode_of(d)));
	ecs_text(d->pkt, ECS_EVENT_ACTION, NAME_OF(actions, opcode_of(d)));
	add_flags(d);
	if (!response || !to_a_group(&d->pkt->flow))
		pkt_client(d->pkt, !response);
}

/* --- the question --- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* For names of the one tree that the list is about: those of a link have no registry. */
static void add_domain(struct dns *d, const struct dns_name *name)
{
	char *text = pkt_scratch(d->pkt, name->len + (size_t)1);

	if (!text)
		return;
	for (size_t i = 0; i < name->len; i++)
		text[i] = lower(name->text[i]);
	text[name->len] = '\0';
	struct dns_domain domain = dns_domain_split(text, name->len);
	size_t n = name->len;
	ecs_str(d->pkt, ECS_DNS_QUESTION_TOP_LEVEL_DOMAIN, text + domain.suffix, n - domain.suffix);
	ecs_str(d->pkt, ECS_DNS_QUESTION_REGISTERED_DOMAIN, text + domain.registered,
		n - domain.registered);
	if (domain.registered < n && domain.registered > 1)
		ecs_str(d->pkt, ECS_DNS_QUESTION_SUBDOMAIN, text, domain.registered - 1);
}

void dns_ecs_question(struct dns *d, const struct dns_name *name, uint16_t type, uint16_t class)
{
	if (!d->ecs)
		return;
	if (name->root)
		ecs_text(d->pkt, ECS_DNS_QUESTION_NAME, ".");
	else if (!name->bad && d->kind == DNS_KIND_DNS)
		add_domain(d, name);
	ecs_text(d->pkt, ECS_DNS_QUESTION_TYPE, dns_names_type(d->pkt, type));
	ecs_text(d->pkt, ECS_DNS_QUESTION_CLASS, dns_names_class(d->pkt, class));
}

/* --- what readers of record data say --- */

void dns_ecs_say(struct dns *d, const void *text, size_t n)
{
	size_t room = DNS_SAID_MAX - d->said_len;

	if (!d->answer || room < 2 || n == 0)
		return;
	if (d->said_len)
		d->said[d->said_len++] = ' ';
	room = DNS_SAID_MAX - d->said_len;
	n = n < room ? n : room;
	memcpy(d->said + d->said_len, text, n);
	d->said_len += (unsigned)n;
}

void dns_ecs_say_u64(struct dns *d, uint64_t value)
{
	char text[JSON_U64_MAX];

	if (d->answer)
		dns_ecs_say(d, text, (size_t)(json_emit_u64(text, value) - text));
}

void dns_ecs_say_name(struct dns *d, const struct dns_name *name)
{
	if (name->text)
		dns_ecs_say(d, name->root ? "." : name->text, name->root ? 1 : name->len);
}

static bool may_relate(struct dns *d)
{
	if (!d->ecs)
		return false;
	if (d->related++ < RELATED_MAX)
		return true;
	pkt_anomaly(d->pkt, "too many related names and addresses");
	return false;
}

void dns_ecs_host(struct dns *d, const struct dns_name *name)
{
	if (!name->text || name->root || name->bad || !may_relate(d))
		return;
	if (name->clean)
		ecs_clean(d->pkt, ECS_RELATED_HOSTS, name->text, name->len);
	else
		ecs_str(d->pkt, ECS_RELATED_HOSTS, name->text, name->len);
}

void dns_ecs_addr(struct dns *d, enum field_type type, const uint8_t *p)
{
	char text[TEXT_MAX];

	if (p && may_relate(d)) {
		ecs_addr(d->pkt, ECS_RELATED_IP, type, p);
		if (d->answer)
			ecs_addr(d->pkt, ECS_DNS_RESOLVED_IP, type, p);
	}
	if (!p || !d->answer)
		return;
	char *end = type == FIELD_IPV4 ? text_ipv4(text, p) : text_ipv6(text, p);
	dns_ecs_say(d, text, (size_t)(end - text));
}

/* --- the answers --- */

static void open_answers(struct dns *d)
{
	json_init(&d->answers, d->memory, sizeof(d->memory));
	json_array_open(&d->answers, NULL);
	d->listed = true;
}

/* One record as an object; the list ends at its last whole record. */
void dns_ecs_record(struct dns *d, const struct dns_record *record)
{
	struct json *j = &d->answers;
	const struct dns_name *owner = &record->owner;

	if (!d->answer)
		return;
	if (!d->listed)
		open_answers(d);
	char *mark = json_mark(j);
	json_open(j, NULL);
	if (owner->text)
		json_strn(j, "name", owner->root ? "." : owner->text, owner->root ? 1 : owner->len);
	const char *type = dns_names_type(d->pkt, record->type);
	const char *class = dns_names_class(d->pkt, record->class);
	if (type)
		json_str(j, "type", type);
	if (class)
		json_str(j, "class", class);
	json_u64(j, "ttl", record->ttl);
	if (d->said_len)
		json_strn(j, "data", d->said, d->said_len);
	json_close(j);
	if (!j->full && json_room(j, 1)) /* for the bracket */
		return;
	json_rewind(j, mark);
	d->answers_full = true;
	pkt_anomaly(d->pkt, "too many answers");
}

static void add_answers(struct dns *d)
{
	json_array_close(&d->answers);
	size_t n = json_len(&d->answers);
	char *kept = pkt_copy(d->pkt, d->memory, n);
	if (kept)
		ecs_json(d->pkt, ECS_DNS_ANSWERS, kept, n);
}

static void tell_response(struct dns *d)
{
	unsigned code = d->rcode_high << 4 | (d->flags & RCODE_MASK);
	const char *name = dns_names_rcode(d->pkt, code);

	ecs_text(d->pkt, ECS_DNS_RESPONSE_CODE, name);
	if (d->kind == DNS_KIND_MDNS) /* there it says nothing (RFC 6762, 18.11) */
		return;
	if (code)
		outcome_failure(d->pkt, code, name);
	else
		outcome_success(d->pkt);
}

void dns_ecs_end(struct dns *d)
{
	if (d->listed)
		add_answers(d);
	if (!d->ecs)
		return;
	if (d->dnssec)
		ecs_text(d->pkt, ECS_DNS_HEADER_FLAGS, "DO");
	if (d->flags & RESPONSE)
		tell_response(d);
}
