/* print.c -- one value as JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include <stdlib.h>

#include "json.h"

static const char mask[] = "***";

static bool is_sized(enum field_type type)
{
	return type == FIELD_STR || type == FIELD_ASCII || type == FIELD_BYTES ||
	       type == FIELD_JSON;
}

size_t print_max(const struct value *v, enum field_type type)
{
	return 2 * TEXT_MAX + (is_sized(type) ? json_text_max(value_len(v)) : 0);
}

/* The secret that covers s or begins first behind it, before end. Returns where it begins and in
 * *after where all that overlaps it ends; end when there is none. */
static const uint8_t *next_secret(
	const struct packet *pkt, const uint8_t *s, const uint8_t *end, const uint8_t **after)
{
	const uint8_t *first = end;

	*after = end;
	for (unsigned i = 0; i < pkt->nsecrets; i++) {
		const uint8_t *from = pkt->secrets[i].p, *to = pkt->secrets[i].end;
		if (from >= end || to <= s)
			continue;
		from = from < s ? s : from;
		if (from < first || (from == first && to > *after)) {
			first = from;
			*after = to < end ? to : end;
		}
	}
	return first;
}

static inline char *emit(char *out, const uint8_t *s, size_t n, bool ascii)
{
	return ascii ? json_emit_ascii(out, s, n) : json_emit_text(out, s, n);
}

/* Text with each secret stretch as ***. Every stretch has at least one byte, which has room for
 * six, so the mask fits. */
static char *emit_masked(char *out, const struct packet *pkt, const struct value *v, bool ascii)
{
	const uint8_t *s = v->p, *end = v->p + v->len;

	while (s < end) {
		const uint8_t *after;
		const uint8_t *secret = next_secret(pkt, s, end, &after);
		out = emit(out, s, (size_t)(secret - s), ascii);
		if (secret == end)
			break;
		memcpy(out, mask, 3);
		out += 3;
		s = after;
	}
	return out;
}

static bool touches_secret(const struct packet *pkt, const struct value *v)
{
	const uint8_t *after;

	return next_secret(pkt, v->p, v->p + v->len, &after) != v->p + v->len;
}

static char *print_text(const struct printer *p, char *out, const struct packet *pkt,
	const struct value *v, bool ascii, bool secret)
{
	*out++ = '"';
	if (v->len & VALUE_CLEAN && !secret) {
		memcpy(out, v->p, value_len(v));
		out += value_len(v);
	} else if (p->show_secrets || (!secret && pkt->nsecrets == 0)) {
		out = emit(out, v->p, value_len(v), ascii);
	} else if (secret) {
		memcpy(out, mask, 3);
		out += 3;
	} else {
		out = emit_masked(out, pkt, v, ascii);
	}
	*out++ = '"';
	return out;
}

static char *print_bytes(const struct printer *p, char *out, const struct packet *pkt,
	const struct value *v, bool secret)
{
	if (!p->show_secrets && (secret || (pkt->nsecrets && touches_secret(pkt, v))))
		return NULL;
	*out++ = '"';
	out = json_emit_hex(out, v->p, v->len);
	*out++ = '"';
	return out;
}

static char *quoted(char *out, const uint8_t *addr, char *(*text)(char *, const uint8_t *))
{
	*out++ = '"';
	out = text(out, addr);
	*out++ = '"';
	return out;
}

static char *print_word(char *out, const char *word, size_t n)
{
	memcpy(out, word, 8);
	return out + n;
}

/* Eight digits hold every 256th; zeros at their end are left out. */
static char *print_256ths(char *out, uint64_t value)
{
	enum { ONE = 256, DIGITS = 8, LAST_DIGITS = 100000000 / ONE };
	uint32_t rest = (uint32_t)(value % ONE) * LAST_DIGITS, scale = 100000000;

	out = json_emit_u64(out, value / ONE);
	if (rest)
		*out++ = '.';
	for (unsigned i = 0; i < DIGITS && rest; i++) {
		scale /= 10;
		*out++ = (char)('0' + rest / scale);
		rest %= scale;
	}
	return out;
}

/* Fifteen digits, as tshark prints it. Such fields are rare: radio, and what sensors measure. */
static char *print_f64(char *out, double value)
{
	return out + strfromd(out, TEXT_MAX, "%.15g", value);
}

char *print_value(struct printer *p, char *out, const struct packet *pkt, const struct value *v,
	enum field_type type, bool secret)
{
	if (secret && !p->show_secrets && !is_sized(type)) /* a number has no mask */
		return NULL;
	switch (type) {
	case FIELD_BOOL:
		return v->u & 1 ? print_word(out, "true   ", 4) : print_word(out, "false  ", 5);
	case FIELD_TRUE:
		return print_word(out, "true   ", 4);
	case FIELD_I8:
	case FIELD_I16:
	case FIELD_I32:
	case FIELD_I64:
		return json_emit_i64(out, v->i);
	case FIELD_256THS:
		return print_256ths(out, v->u);
	case FIELD_F64:
		return print_f64(out, v->f);
	case FIELD_STR:
		return print_text(p, out, pkt, v, false, secret);
	case FIELD_ASCII:
		return print_text(p, out, pkt, v, true, secret);
	case FIELD_BYTES:
		return print_bytes(p, out, pkt, v, secret);
	case FIELD_IPV4:
		return quoted(out, v->p, text_ipv4);
	case FIELD_IPV6:
		return quoted(out, v->p, text_ipv6);
	case FIELD_MAC:
		return quoted(out, v->p, text_mac);
	case FIELD_TIME:
		*out++ = '"';
		out = text_time(&p->times, out, v->i);
		*out++ = '"';
		return out;
	case FIELD_JSON:
		memcpy(out, v->p, v->len);
		return out + v->len;
	default:
		return json_emit_u64(out, v->u);
	}
}

char *print_ecs(struct printer *p, char *out, const struct packet *pkt, const struct value *v,
	enum ecs_type type)
{
	enum field_type from = (enum field_type)v->next;

	if (from == FIELD_MAC)
		return quoted(out, v->p, text_mac_upper);
	if (type != ECS_TYPE_KEYWORD || from > FIELD_I64)
		return print_value(p, out, pkt, v, from, false);
	*out++ = '"';
	out = print_value(p, out, pkt, v, from, false);
	*out++ = '"';
	return out;
}
