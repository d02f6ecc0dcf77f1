/* ship_window_model.c -- the window against a model so plain that it can hardly be wrong.
 *
 * The model keeps the outcome of every sequence in one array, moves its frontier by looking at it,
 * and counts by walking. What a restart keeps is what the last ack names, nothing else. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "rnd.h"
#include "window.h"

enum { SEQS = 6000, STEPS = 1500, RUNS = 30, REACH = 300 };

struct model {
	uint64_t base; /* sequences are base + 1 to base + SEQS */
	enum outcome o[SEQS + 2];
	uint64_t frontier;
	struct ack_counts counts;
};

struct pair {
	struct rnd seed;
	struct window w;
	struct model m;
	struct ack_chain durable;
};

static enum outcome *at(struct model *m, uint64_t seq)
{
	assert_in_range(seq, m->base + 1, m->base + SEQS);
	return &m->o[seq - m->base];
}

static bool is_settled(enum outcome o)
{
	return o >= OUTCOME_SKIPPED;
}

static void tally(struct ack_counts *c, enum outcome o)
{
	if (o == OUTCOME_INDEXED || o == OUTCOME_STORED_FAILED)
		c->indexed++;
	if (o == OUTCOME_STORED_FAILED)
		c->failure_store++;
	if (o == OUTCOME_ALREADY)
		c->already_there++;
	if (o == OUTCOME_DEAD)
		c->dead++;
	if (o == OUTCOME_LOST)
		c->lost++;
	if (o == OUTCOME_LATE)
		c->late++;
	if (o == OUTCOME_APART)
		c->apart++;
}

static void advance(struct model *m)
{
	while (is_settled(*at(m, m->frontier + 1)))
		tally(&m->counts, *at(m, ++m->frontier));
}

static uint64_t lowest_unread(struct model *m)
{
	uint64_t seq = m->frontier + 1;

	while (*at(m, seq) != OUTCOME_UNREAD)
		seq++;
	return seq;
}

/* The settled runs above the frontier, lowest first, as an ack would name them. */
static void model_ack(struct model *m, struct ack_chain *out)
{
	uint64_t seq = m->frontier + 1, end = m->base + SEQS;

	memset(out, 0, sizeof(*out));
	out->frontier = m->frontier;
	out->counts = m->counts;
	while (seq <= end && out->nranges < ACK_RANGES_MAX) {
		struct ack_counts c = { 0 };
		uint64_t first = seq;
		while (seq <= end && is_settled(*at(m, seq)))
			tally(&c, *at(m, seq++));
		if (seq > first)
			out->ranges[out->nranges++] = (struct ack_range){ first, seq - 1,
				(uint32_t)c.indexed, (uint32_t)c.already_there, (uint32_t)c.dead,
				(uint32_t)c.lost, (uint32_t)c.failure_store, (uint32_t)c.apart };
		seq++;
	}
}

static void assert_same_ack(const struct ack_chain *a, const struct ack_chain *b)
{
	assert_int_equal(a->frontier, b->frontier);
	assert_memory_equal(&a->counts, &b->counts, sizeof(a->counts));
	assert_int_equal(a->nranges, b->nranges);
	for (unsigned i = 0; i < a->nranges; i++)
		assert_memory_equal(&a->ranges[i], &b->ranges[i], sizeof(a->ranges[i]));
}

/* --- what can happen --- */

static void take(struct pair *p)
{
	uint64_t seq = window_free(&p->w);

	assert_int_equal(seq, lowest_unread(&p->m));
	for (uint64_t n = 1 + rnd_below(&p->seed, 8); n > 0; seq++, n--) {
		if (*at(&p->m, seq) != OUTCOME_UNREAD)
			continue;
		assert_int_equal(window_get(&p->w, seq), OUTCOME_UNREAD);
		window_set(&p->w, seq, OUTCOME_TAKEN);
		*at(&p->m, seq) = OUTCOME_TAKEN;
	}
}

/* A record on its way, or 0. */
static uint64_t taken_one(struct pair *p)
{
	uint64_t seq = p->m.frontier + 1 + rnd_below(&p->seed, REACH);

	for (unsigned i = 0; i < REACH; i++, seq++)
		if (*at(&p->m, seq) == OUTCOME_TAKEN)
			return seq;
	return 0;
}

static void settle(struct pair *p)
{
	static const enum outcome outcomes[] = { OUTCOME_INDEXED, OUTCOME_INDEXED,
		OUTCOME_STORED_FAILED, OUTCOME_ALREADY, OUTCOME_DEAD, OUTCOME_LOST, OUTCOME_APART };
	uint64_t seq = taken_one(p);
	enum outcome outcome = outcomes[rnd_below(&p->seed, 7)];

	if (!seq)
		return;
	window_set(&p->w, seq, outcome);
	*at(&p->m, seq) = outcome;
}

static void release(struct pair *p)
{
	uint64_t seq = taken_one(p);

	if (!seq)
		return;
	window_set(&p->w, seq, OUTCOME_UNREAD);
	if (seq < p->w.free)
		p->w.free = seq; /* as batch_release() does */
	*at(&p->m, seq) = OUTCOME_UNREAD;
}

/* A gap begins at a free sequence and holds nothing that is on its way. All of it was records, or
 * nothing was. */
static void pass_over(struct pair *p)
{
	uint64_t first = lowest_unread(&p->m), last = first, records = 0;
	bool lost = rnd_below(&p->seed, 2) == 0;

	for (uint64_t n = rnd_below(&p->seed, 20); n && *at(&p->m, last + 1) != OUTCOME_TAKEN; n--)
		last++;
	for (uint64_t seq = first; seq <= last; seq++)
		if (*at(&p->m, seq) == OUTCOME_UNREAD) {
			*at(&p->m, seq) = lost ? OUTCOME_LOST : OUTCOME_SKIPPED;
			records++;
		}
	window_pass_over(&p->w, first, last, lost ? records : 0);
}

static void save(struct pair *p)
{
	struct ack_chain expected, got;

	(void)window_advance(&p->w);
	advance(&p->m);
	window_ack(&p->w, NULL, &got);
	model_ack(&p->m, &expected);
	assert_same_ack(&got, &expected);
	p->durable = got;
}

/* A range does not tell what was late. */
static enum outcome kept_by_ack(enum outcome o)
{
	return o == OUTCOME_LATE ? OUTCOME_SKIPPED : o;
}

static void restart(struct pair *p)
{
	struct model *m = &p->m;

	window_done(&p->w);
	assert_int_equal(window_init(&p->w, &p->durable), 0);
	m->frontier = p->durable.frontier;
	m->counts = p->durable.counts;
	for (uint64_t seq = m->frontier + 1; seq <= m->base + SEQS; seq++)
		*at(m, seq) = ack_covers(&p->durable, seq, seq) ? kept_by_ack(*at(m, seq))
								: OUTCOME_UNREAD;
}

static void give_up(struct pair *p)
{
	struct model *m = &p->m;
	uint64_t seq = m->frontier + 1 + rnd_below(&p->seed, 40);

	for (uint64_t s = m->frontier + 1; s < seq; s++) {
		enum outcome *o = at(m, s);
		if (ack_covers(&p->durable, s, s))
			continue;
		*o = *o == OUTCOME_UNREAD || *o == OUTCOME_TAKEN || *o == OUTCOME_SKIPPED
			     ? OUTCOME_SKIPPED
			     : OUTCOME_LATE;
	}
	window_give_up(&p->w, seq, &p->durable);
	advance(m);
	assert_true(p->w.state.frontier >= seq - 1);
}

static void step(struct pair *p)
{
	uint64_t before = p->w.state.frontier, dice = rnd_below(&p->seed, 100);

	if (dice < 30)
		take(p);
	else if (dice < 75)
		settle(p);
	else if (dice < 80)
		release(p);
	else if (dice < 83)
		pass_over(p);
	if (dice < 83)
		assert_int_equal(p->w.state.frontier, before);
	else if (dice < 97)
		save(p);
	else if (dice < 99)
		restart(p);
	else
		give_up(p);
	assert_int_equal(p->w.state.frontier, p->m.frontier);
	assert_memory_equal(&p->w.state.counts, &p->m.counts, sizeof(p->m.counts));
}

static void the_window_does_what_a_plain_model_does(void **state)
{
	static struct pair p;
	struct rnd seed = rnd_start();

	(void)state;
	for (unsigned run = 0; run < RUNS; run++) {
		memset(&p, 0, sizeof(p));
		p.seed.state = rnd_next(&seed) | 1;
		/* also where the ring begins anew, and beyond 32 bits */
		p.m.base = rnd_below(&p.seed, 5) * WINDOW_SIZE - (run ? rnd_below(&p.seed, 90) : 0);
		if (p.m.base > UINT64_C(1) << 40)
			p.m.base = UINT64_C(1) << 33;
		p.m.frontier = p.durable.frontier = p.m.base;
		assert_int_equal(window_init(&p.w, &p.durable), 0);
		for (unsigned i = 0; i < STEPS && p.m.frontier < p.m.base + SEQS - 3 * REACH; i++)
			step(&p);
		window_done(&p.w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_does_what_a_plain_model_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
