/* put.c -- the rarer ways of writing a value. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

/* Counts the values of a field that occurs again, and from then on lets its array grow no more. */
void put_again(struct packet *pkt, unsigned row)
{
	pkt->repeats = true;
	pkt->again[row >> 6] |= UINT64_C(1) << (row & 63);
}

static const uint8_t *bytes_of_value(const struct value *v, uint16_t type, size_t *n)
{
	static const uint8_t sizes[FIELD_TYPES] = {
		[FIELD_IPV4] = 4, [FIELD_IPV6] = 16, [FIELD_MAC] = 6
	};

	*n = sizes[type] ? sizes[type] : v->len;
	return v->p;
}

static bool is_bytes(uint16_t type)
{
	return type >= FIELD_STR && type <= FIELD_MAC;
}

static bool same(const struct value *a, const struct value *b)
{
	size_t na, nb;

	if (a->next != b->next)
		return false;
	if (!is_bytes(a->next))
		return a->u == b->u;
	const uint8_t *pa = bytes_of_value(a, a->next, &na), *pb = bytes_of_value(b, b->next, &nb);
	return na == nb && memcmp(pa, pb, na) == 0;
}

static void add_many(struct packet *pkt, enum ecs_id id, const struct value *v)
{
	for (unsigned i = 0; i < pkt->nmany; i++)
		if (pkt->many[i].id == id && same(&pkt->many[i].value, v))
			return;
	if (pkt->nmany == PKT_MANY_MAX) {
		pkt->overflow = true;
		return;
	}
	pkt->many[pkt->nmany].value = *v;
	pkt->many[pkt->nmany++].id = (uint8_t)id;
}

static void set(struct packet *pkt, enum ecs_id id, struct value v, enum field_type type)
{
	uint64_t bit = UINT64_C(1) << (id & 63);

	if (pkt->quoted)
		return;
	v.next = (uint16_t)type;
	if (ecs_rows[id].flags == ECS_FLAG_MANY)
		add_many(pkt, id, &v);
	else if (!(pkt->ecs_set[id >> 6] & bit))
		pkt->ecs[id] = v;
	pkt->ecs_set[id >> 6] |= bit;
}

void put_ecs(struct packet *pkt, enum ecs_id id, const struct value *v)
{
	set(pkt, id, *v, (enum field_type)pkt->info[v->field].type);
}

static size_t text_len(struct packet *pkt, const void *p, size_t n)
{
	const uint8_t *nul = n ? memchr(p, '\0', n) : NULL;

	if (nul)
		n = (size_t)(nul - (const uint8_t *)p);
	if (n > PKT_TEXT_MAX) {
		n = PKT_TEXT_MAX;
		pkt_anomaly(pkt, "text cut");
	}
	return n;
}

void put_str(struct packet *pkt, unsigned field, const void *p, size_t n)
{
	n = text_len(pkt, p, n);
	if (n == 0)
		return;
	struct value *v = put_value(pkt, field);
	v->p = p;
	v->len = (uint32_t)n;
	if (pkt->info[v->field].class == SECRET)
		pkt_secret(pkt, p, n);
	put_done(pkt, v);
}

void put_text(struct packet *pkt, unsigned field, const char *text)
{
	if (text)
		put_str(pkt, field, text, strlen(text));
}

void put_bytes(struct packet *pkt, unsigned field, const void *p, size_t n)
{
	if (n == 0 || !p)
		return;
	if (n > PKT_BYTES_MAX)
		n = PKT_BYTES_MAX;
	struct value *v = put_value(pkt, field);
	v->p = p;
	v->len = (uint32_t)n;
	put_done(pkt, v);
}

void put_time(struct packet *pkt, unsigned field, int64_t seconds, uint32_t nanoseconds)
{
	const int64_t limit = INT64_MAX / 1000000000 - 1;

	if (seconds < -limit || seconds > limit || nanoseconds > 999999999)
		return;
	put_i64(pkt, field, seconds * 1000000000 + nanoseconds);
}

void ecs_u64(struct packet *pkt, enum ecs_id id, uint64_t value)
{
	set(pkt, id, (struct value){ .u = value }, FIELD_U64);
}

void ecs_bool(struct packet *pkt, enum ecs_id id, bool value)
{
	set(pkt, id, (struct value){ .u = value }, FIELD_BOOL);
}

void ecs_str(struct packet *pkt, enum ecs_id id, const void *p, size_t n)
{
	n = text_len(pkt, p, n);
	if (n)
		set(pkt, id, (struct value){ .p = p, .len = (uint32_t)n }, FIELD_STR);
}

void ecs_text(struct packet *pkt, enum ecs_id id, const char *text)
{
	if (text)
		ecs_str(pkt, id, text, strlen(text));
}

void ecs_addr(struct packet *pkt, enum ecs_id id, enum field_type type, const uint8_t *p)
{
	if (p)
		set(pkt, id, (struct value){ .p = p }, type);
}

void ecs_json(struct packet *pkt, enum ecs_id id, const char *json, size_t n)
{
	if (n)
		set(pkt, id, (struct value){ .p = (const uint8_t *)json, .len = (uint32_t)n },
			FIELD_JSON);
}
