/* dns_name.c -- domain names of a message, with compression. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_name.h"

#include "dns_text.h"

enum { LABEL, POINTER = 3, OFFSET_MASK = 0x3fff, STEPS_FLOOR = 512 };

static const char root_text[] = "<Root>";
enum { ROOT_LEN = sizeof(root_text) - 1 };

/* A name on its way to text. */
struct walk {
	struct packet *pkt;
	struct dns_message *m;
	struct bytes *at; /* the caller's cursor, then `away` */
	struct bytes away;
	size_t below; /* where the next pointer must point to before */
	unsigned jumps, wire;
	struct dns_name *name;
	char *out;
	char text[DNS_TEXT_GROWTH * DNS_NAME_MAX];
};

void dns_name_init(struct dns_message *m, size_t n)
{
	m->steps = 2 * (unsigned)(n < UINT16_MAX ? n : UINT16_MAX) + STEPS_FLOOR;
	m->full = false;
}

void dns_name_begin(struct dns_message *m, struct bytes whole)
{
	m->whole = whole;
	m->nknown = 0;
}

static void spoil(struct walk *w, const char *reason)
{
	if (!w->name->bad)
		pkt_anomaly(w->pkt, reason);
	w->name->bad = true;
}

static void add_label(struct walk *w, const uint8_t *label, size_t n)
{
	struct dns_name *name = w->name;

	w->wire += (unsigned)n + 1;
	if (w->wire >= DNS_NAME_MAX)
		spoil(w, "name too long");
	if (name->bad || w->m->full)
		return;
	if (name->wire_len) {
		*w->out++ = '.';
		name->wire_len++;
	}
	name->wire_len += (uint16_t)n;
	w->out = dns_text_label(w->out, label, n, &name->clean);
}

/* The view ended within the name. Where that is the record's own, its reader says so. */
static bool end_cut(struct walk *w)
{
	if (w->at == &w->away)
		spoil(w, "name beyond the message");
	w->name->bad = true;
	return false;
}

/* A name that is bad goes on only to find its end. */
static bool take_label(struct walk *w, size_t n)
{
	const uint8_t *label = bytes_take(w->at, n);

	if (!label)
		return end_cut(w);
	add_label(w, label, n);
	return w->at != &w->away || !w->name->bad;
}

/* Goes on where a pointer points to; the caller's cursor stays behind the pointer. */
static bool take_pointer(struct walk *w, uint8_t first)
{
	size_t target = (size_t)(first << 8 | bytes_u8(w->at)) & OFFSET_MASK;

	if (!bytes_ok(w->at))
		return end_cut(w);
	if (w->name->bad)
		return false;
	if (target >= w->below) {
		spoil(w, "name pointer does not point back");
		return false;
	}
	if (w->jumps++ == DNS_JUMPS_MAX) {
		spoil(w, "too many name pointers");
		return false;
	}
	w->away = w->m->whole;
	bytes_skip(&w->away, target);
	w->at = &w->away;
	w->below = target;
	return true;
}

/* One label, pointer or end. False when the name is over. */
static bool take_step(struct walk *w)
{
	uint8_t first = bytes_u8(w->at);

	if (!bytes_ok(w->at))
		return end_cut(w);
	if (w->at == &w->away && w->m->steps == 0) {
		spoil(w, "too many name pointers");
		return false;
	}
	w->m->steps -= w->at == &w->away;
	switch (first >> 6) {
	case LABEL:
		return first && take_label(w, first);
	case POINTER:
		return take_pointer(w, first);
	default: /* two bits have other meanings in no living RFC: nobody knows where it ends */
		spoil(w, "unknown kind of label");
		bytes_skip(w->at, SIZE_MAX);
		return false;
	}
}

/* The name that a lone pointer means, where it was read lately. */
static bool recall(struct dns_message *m, struct bytes *b, struct dns_name *name)
{
	int first = bytes_peek(b, 0), second = bytes_peek(b, 1);

	if (second < 0 || first >> 6 != POINTER)
		return false;
	size_t target = (size_t)(first << 8 | second) & OFFSET_MASK;
	unsigned count = m->nknown < DNS_KNOWN_MAX ? m->nknown : DNS_KNOWN_MAX;
	for (unsigned i = 0; i < count; i++) {
		if (m->known[i].offset != target)
			continue;
		*name = m->known[i].name;
		bytes_skip(b, 2);
		return true;
	}
	return false;
}

static void remember(struct dns_message *m, size_t offset, const struct dns_name *name)
{
	unsigned i = m->nknown++ % DNS_KNOWN_MAX;

	m->known[i].offset = offset;
	m->known[i].name = *name;
}

/* Where the text goes: to scratch, for as long as that has room. */
static void keep(struct walk *w)
{
	struct dns_name *name = w->name;
	size_t n = (size_t)(w->out - w->text);

	if (n == 0 && !name->bad) {
		name->root = true;
		name->text = root_text;
		name->len = ROOT_LEN;
		return;
	}
	name->text = n ? pkt_copy(w->pkt, w->text, n) : NULL;
	if (n && !name->text) {
		w->m->full = true;
		name->bad = true;
		return;
	}
	name->len = (uint16_t)n;
}

void dns_name_get(struct packet *pkt, struct dns_message *m, struct bytes *b, struct dns_name *name)
{
	if (recall(m, b, name))
		return;
	struct walk w;
	size_t start = (size_t)(b->p - m->whole.p);

	w.pkt = pkt;
	w.m = m;
	w.at = b;
	w.below = start;
	w.jumps = w.wire = 0;
	w.name = name;
	w.out = w.text;
	*name = (struct dns_name){ .bad = m->full, .clean = true };
	/* Every step eats a byte of the message, takes one of the steps, or is one of the jumps. */
	while (take_step(&w))
		;
	keep(&w);
	if (!name->bad)
		remember(m, start, name);
}

void dns_name_put(struct packet *pkt, unsigned field, const struct dns_name *name)
{
	if (!name->text)
		return;
	if (name->clean)
		put_clean(pkt, field, name->text, name->len);
	else
		put_str(pkt, field, name->text, name->len);
}

void dns_name_read(struct packet *pkt, struct dns_message *m, struct bytes *b, unsigned field,
	struct dns_name *name)
{
	dns_name_get(pkt, m, b, name);
	dns_name_put(pkt, field, name);
}
