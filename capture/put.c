/* put.c -- the rarer ways of writing a value. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "decode.h"
#include "json.h"

/* Links a value behind the one before it. An array that has reached its maximum grows no more. */
void put_again(struct packet *pkt, unsigned row, unsigned index)
{
	struct value *before = &pkt->values[pkt->stamps[row] & (PKT_VALUES_MAX - 1u)];

	pkt->counts[row] = before->field & VALUE_LATER ? (uint16_t)(pkt->counts[row] + 1) : 2;
	pkt->values[index].field |= VALUE_LATER;
	if (pkt->counts[row] <= PKT_REPEATS_MAX)
		before->next = (uint16_t)index;
	else
		pkt->overflow = true;
}

static const uint8_t *bytes_of_value(const struct value *v, uint16_t type, size_t *n)
{
	static const uint8_t sizes[FIELD_TYPES] = {
		[FIELD_IPV4] = 4, [FIELD_IPV6] = 16, [FIELD_MAC] = 6
	};

	*n = sizes[type] ? sizes[type] : value_len(v);
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

/* Tells most values apart without looking at their bytes. */
static uint8_t mark_of(const struct value *v)
{
	size_t n;

	if (!is_bytes(v->next))
		return (uint8_t)v->u;
	const uint8_t *p = bytes_of_value(v, v->next, &n);
	return n ? (uint8_t)(n + p[0] * 7u + p[n - 1] * 31u + p[n / 2] * 61u) : 0;
}

static void add_many(struct packet *pkt, enum ecs_id id, const struct value *v)
{
	unsigned of_row = 0;
	uint8_t mark = mark_of(v);
	uint64_t bit = UINT64_C(1) << (id & 63);

	if (pkt->ecs_full[id >> 6] & bit)
		return;
	for (unsigned i = 0; i < pkt->nmany; i++) {
		if (pkt->many[i].id == id && pkt->many[i].mark == mark &&
			same(&pkt->many[i].value, v))
			return;
		of_row += pkt->many[i].id == id;
	}
	if (pkt->nmany == PKT_MANY_MAX || of_row == PKT_REPEATS_MAX) {
		pkt->overflow = true;
		pkt->ecs_full[id >> 6] |= bit;
		return;
	}
	pkt->many[pkt->nmany].value = *v;
	pkt->many[pkt->nmany].mark = mark;
	pkt->many[pkt->nmany++].id = (uint8_t)id;
	pkt->ecs_set[id >> 6] |= UINT64_C(1) << (id & 63); /* never for an array of none */
}

/* The first value stays. */
static inline void set_one(
	struct packet *pkt, enum ecs_id id, const struct value *v, enum field_type type)
{
	uint64_t bit = UINT64_C(1) << (id & 63), *word = &pkt->ecs_set[id >> 6];
	struct value *to = &pkt->ecs[id];

	if (*word & bit)
		return;
	*word |= bit;
	to->u = v->u;
	to->len = v->len;
	to->next = (uint16_t)type;
}

static void set_many(
	struct packet *pkt, enum ecs_id id, const struct value *v, enum field_type type)
{
	struct value copy = *v;

	copy.next = (uint16_t)type;
	add_many(pkt, id, &copy);
}

static inline void set(
	struct packet *pkt, enum ecs_id id, const struct value *v, enum field_type type)
{
	if (pkt->quoted)
		return;
	if (ecs_is_many(id))
		set_many(pkt, id, v, type);
	else
		set_one(pkt, id, v, type);
}

void put_ecs(struct packet *pkt, unsigned row, const struct value *v)
{
	const struct field_info *info = &pkt->info[row];

	if (pkt->quoted)
		return;
	if (info->many)
		set_many(pkt, (enum ecs_id)info->ecs, v, (enum field_type)info->type);
	else
		set_one(pkt, (enum ecs_id)info->ecs, v, (enum field_type)info->type);
}

/* How much of a long text fits: every byte that is no UTF-8, or no ASCII where that is asked for,
 * is printed as the three of U+FFFD. */
static size_t that_fits(const uint8_t *s, size_t n, bool ascii)
{
	size_t i = 0, printed = 0;

	while (i < n) {
		unsigned len = json_utf8_len(s + i, n - i);
		bool replaced = len == 0 || (ascii && s[i] > 0x7f);
		printed += replaced ? 3 : len;
		if (printed > PKT_TEXT_MAX)
			break;
		i += replaced ? 1 : len;
	}
	return i;
}

static size_t text_len(struct packet *pkt, const void *p, size_t n, bool ascii)
{
	const uint8_t *nul = n ? memchr(p, '\0', n) : NULL;

	if (nul)
		n = (size_t)(nul - (const uint8_t *)p);
	if (n <= PKT_TEXT_MAX / 3)
		return n;
	size_t fits = that_fits(p, n, ascii);
	if (fits < n)
		pkt_anomaly(pkt, "text cut");
	return fits;
}

void put_str(struct packet *pkt, unsigned field, const void *p, size_t n)
{
	const struct field_info *info = &pkt->info[pkt->base + field];

	n = text_len(pkt, p, n, info->type == FIELD_ASCII);
	if (n == 0)
		return;
	struct value *v = put_value(pkt, field);
	v->p = p;
	v->len = (uint32_t)n;
	if (info->class == SECRET)
		pkt_secret(pkt, p, n);
	put_done(pkt, field, v);
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
	put_done(pkt, field, v);
}

void put_f64(struct packet *pkt, unsigned field, double value)
{
	if (!isfinite(value)) {
		pkt_anomaly(pkt, "number without a value");
		return;
	}
	struct value *v = put_value(pkt, field);
	v->f = value;
	put_done(pkt, field, v);
}

void put_f32(struct packet *pkt, unsigned field, uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	put_f64(pkt, field, value);
}

/* Can nanoseconds in 64 bits hold it? */
static bool is_time(int64_t seconds, uint32_t nanoseconds)
{
	const int64_t limit = INT64_MAX / 1000000000 - 1;

	return seconds >= -limit && seconds <= limit && nanoseconds <= 999999999;
}

void put_time(struct packet *pkt, unsigned field, int64_t seconds, uint32_t nanoseconds)
{
	if (is_time(seconds, nanoseconds))
		put_i64(pkt, field, seconds * 1000000000 + nanoseconds);
}

void ecs_u64(struct packet *pkt, enum ecs_id id, uint64_t value)
{
	set(pkt, id, &(struct value){ .u = value }, FIELD_U64);
}

void ecs_time(struct packet *pkt, enum ecs_id id, int64_t seconds)
{
	if (seconds >= 0 && is_time(seconds, 0))
		set(pkt, id, &(struct value){ .i = seconds * 1000000000 }, FIELD_TIME);
}

void ecs_bool(struct packet *pkt, enum ecs_id id, bool value)
{
	set(pkt, id, &(struct value){ .u = value }, FIELD_BOOL);
}

void ecs_str(struct packet *pkt, enum ecs_id id, const void *p, size_t n)
{
	n = text_len(pkt, p, n, false);
	if (n)
		set(pkt, id, &(struct value){ .p = p, .len = (uint32_t)n }, FIELD_STR);
}

void ecs_clean(struct packet *pkt, enum ecs_id id, const char *text, size_t n)
{
	set(pkt, id,
		&(struct value){ .p = (const uint8_t *)text, .len = (uint32_t)n | VALUE_CLEAN },
		FIELD_STR);
}

void ecs_join(struct packet *pkt, enum ecs_id from, enum ecs_id to)
{
	const struct value *v = &pkt->ecs[from];

	set_many(pkt, to, v, (enum field_type)v->next);
}

void ecs_addr(struct packet *pkt, enum ecs_id id, enum field_type type, const uint8_t *p)
{
	if (p)
		set(pkt, id, &(struct value){ .p = p }, type);
}

void ecs_json(struct packet *pkt, enum ecs_id id, const char *json, size_t n)
{
	if (n)
		set(pkt, id, &(struct value){ .p = (const uint8_t *)json, .len = (uint32_t)n },
			FIELD_JSON);
}
