/* settle_look.c -- may an answer be believed? Looked at before any of it counts.
 *
 * Items hold no name of their document unless it is asked for: 26 bytes an item instead of 61. Where
 * all documents fared alike, order means nothing. Where they did not, an answer in another order
 * would settle what was refused; so such an answer counts only with ids, and they decide. They are
 * asked for while answers mix, and at the start. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "record_id.h"
#include "settle.h"

enum { SETTLES = 1, WAITS = 2, ALONE = 4, DIES = 8 };

struct look {
	const struct batch *batch;
	unsigned fared; /* how documents fared, as a set */
	size_t named;
	struct deaths deaths;
	bool strange; /* an id of another document */
};

static unsigned how(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_INDEXED:
	case VERDICT_ALREADY_THERE:
		return SETTLES;
	case VERDICT_ALONE:
		return ALONE;
	case VERDICT_DEAD:
	case VERDICT_DEAD_TIME:
		return DIES;
	default:
		return WAITS;
	}
}

/* Does the id end with the record's sequence? */
static bool is_of(const char *id, uint64_t seq)
{
	char part[RECORD_ID_PART];

	record_id_part(seq, part);
	return strlen(id) == RECORD_ID_LEN &&
	       memcmp(id + RECORD_ID_LEN - RECORD_ID_PART, part, RECORD_ID_PART) == 0;
}

static void look_at(void *arg, size_t i, const struct verdict_item *item)
{
	struct look *l = arg;

	enum verdict verdict = verdict_of_item(item, NULL);

	l->fared |= how(verdict);
	deaths_note(&l->deaths, item, verdict, l->batch->alone || l->batch->count == 1);
	if (!*item->id)
		return;
	l->named++;
	l->strange = l->strange || !is_of(item->id, l->batch->id_seqs[i]);
}

int answer_look(struct tally *t, const char *body, size_t len, struct err_detail *why)
{
	const struct batch *b = t->batch;
	struct look l = { .batch = b };

	int err = verdict_read(body, len, b->count, look_at, &l, why);
	if (err)
		return err;
	if (l.strange)
		return err_set(why, ERR_INPUT,
			"the answer's items are not those of the documents, or in another order");
	if ((l.fared & (l.fared - 1)) == 0 || l.named == b->count) { /* alike, or named */
		brake_look(t, &l.deaths);
		return 0;
	}
	if (b->ask == ASK_LITTLE)
		return ERR_AGAIN;
	return err_set(why, ERR_INPUT, "the answer does not say which item is whose");
}
