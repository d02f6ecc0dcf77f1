/* ship_window_model.c -- the window against a model so plain that it can hardly be wrong.
 *
 * The model keeps the outcome of every sequence in one array, moves its frontier by looking at it,
 * and counts by walking. What a restart keeps is what the last ack names, nothing else. The newest
 * records may have a head of their own. Built a second time with a ring of 64, most lies outside. */
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
	uint64_t top; /* nothing above was ever looked at */
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

/* How many settled runs lie above the frontier. */
static unsigned runs_of(struct model *m)
{
	unsigned n = 0;

	for (uint64_t seq = m->frontier + 1; seq < m->base + SEQS; seq++)
		n += is_settled(*at(m, seq)) && !is_settled(*at(m, seq + 1));
	return n;
}

/* Each range is a settled run, whole and counted right; none is left out while there is room. Of what is
 * settled ahead of the rings an ack tells nothing. */
static void assert_tells(struct model *m, const struct ack_chain *a, const struct window *w)
{
	assert_int_equal(a->frontier, m->frontier);
	assert_memory_equal(&a->counts, &m->counts, sizeof(a->counts));
	for (unsigned i = 0; i < a->nranges; i++) {
		const struct ack_range *r = &a->ranges[i];
		struct ack_counts c = { 0 };
		assert_true(w->nahead || !is_settled(*at(m, r->last + 1)));
		for (uint64_t seq = r->first; seq <= r->last; seq++) {
			assert_true(is_settled(*at(m, seq)));
			tally(&c, *at(m, seq));
		}
		const struct ack_range expected = { r->first, r->last, (uint32_t)c.indexed,
			(uint32_t)c.already_there, (uint32_t)c.dead, (uint32_t)c.lost,
			(uint32_t)c.failure_store, (uint32_t)c.apart };
		assert_memory_equal(r, &expected, sizeof(expected));
	}
	if (!w->nahead && runs_of(m) < ACK_RANGES_MAX / 2)
		assert_int_equal(a->nranges, runs_of(m));
}

/* The head's range may touch what lies before it. */
static void join_ranges(struct ack_chain *a)
{
	unsigned n = 0;

	for (unsigned i = 1; i < a->nranges; i++) {
		struct ack_range *r = &a->ranges[n], *next = &a->ranges[i];
		if (r->last + 1 != next->first) {
			a->ranges[++n] = *next;
			continue;
		}
		r->last = next->last;
		r->indexed += next->indexed;
		r->already_there += next->already_there;
		r->dead += next->dead;
		r->lost += next->lost;
		r->failure_store += next->failure_store;
		r->apart += next->apart;
	}
	if (a->nranges)
		a->nranges = n + 1;
}

/* --- what can happen --- */

static void take(struct pair *p)
{
	bool of_head = p->w.head && rnd_below(&p->seed, 2);
	uint64_t seq = of_head ? window_head_free(&p->w) : window_free(&p->w);

	if (!of_head && window_holds(&p->w, seq))
		assert_int_equal(seq, lowest_unread(&p->m));
	for (uint64_t n = 1 + rnd_below(&p->seed, 8); n > 0 && window_holds(&p->w, seq);
		seq++, n--) {
		if (seq > p->top)
			p->top = seq;
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
	bool of_head = p->w.head && rnd_below(&p->seed, 2);
	uint64_t from = of_head ? p->w.head->state.frontier : p->m.frontier;
	uint64_t seq = from + 1 + rnd_below(&p->seed, REACH);

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
	window_untake(&p->w, seq);
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
	last = window_gap_end(&p->w, first, last);
	if (!window_holds(&p->w, first) || !window_holds(&p->w, last))
		return; /* the long ones have tests of their own */
	if (last > p->top)
		p->top = last;
	for (uint64_t seq = first; seq <= last; seq++)
		if (*at(&p->m, seq) == OUTCOME_UNREAD) {
			*at(&p->m, seq) = lost ? OUTCOME_LOST : OUTCOME_SKIPPED;
			records++;
		}
	window_pass_over(&p->w, first, last, lost ? records : 0);
}

static void save(struct pair *p)
{
	struct ack_chain got;

	(void)window_advance(&p->w);
	advance(&p->m);
	window_ack(&p->w, &p->durable, &got);
	for (unsigned i = 0; i < p->durable.nranges; i++)
		assert_true(
			ack_covers(&got, p->durable.ranges[i].first, p->durable.ranges[i].last));
	p->durable = got;
	join_ranges(&got);
	assert_tells(&p->m, &got, &p->w);
}

/* A range does not tell what was late. */
static enum outcome kept_by_ack(enum outcome o)
{
	return o == OUTCOME_LATE ? OUTCOME_SKIPPED : o;
}

static void begin_head(struct pair *p)
{
	uint64_t first = p->top + 1 + rnd_below(&p->seed, 200);

	if (p->w.head || p->w.jump.first || first <= p->m.frontier ||
		p->durable.nranges > ACK_RANGES_MAX - 2)
		return;
	assert_int_equal(window_head_begin(&p->w, first), 0);
	p->top = first;
}

/* Nobody has the records from a sequence on that the ack does not tell of, but for those of which
 * something was appended. */
static void forget(struct pair *p, uint64_t from)
{
	for (uint64_t seq = from; seq <= p->m.base + SEQS; seq++) {
		enum outcome *o = at(&p->m, seq);
		if (!ack_covers(&p->durable, seq, seq) && *o != OUTCOME_DEAD &&
			*o != OUTCOME_APART && *o != OUTCOME_LOST)
			*o = OUTCOME_UNREAD;
	}
}

static void end_head(struct pair *p)
{
	if (!p->w.head)
		return;
	for (uint64_t seq = p->w.head->first; seq <= p->top; seq++)
		if (*at(&p->m, seq) == OUTCOME_TAKEN) {
			window_untake(&p->w, seq);
			*at(&p->m, seq) = OUTCOME_UNREAD;
		}
	save(p);
	uint64_t first = p->w.head ? p->w.head->first : 0;
	if (first && window_head_end(&p->w, &p->durable) == 0) {
		assert_null(p->w.head);
		forget(p, first);
	}
}

static void restart(struct pair *p)
{
	struct model *m = &p->m;

	window_done(&p->w);
	assert_int_equal(window_init(&p->w, &p->durable), 0);
	m->frontier = p->durable.frontier;
	m->counts = p->durable.counts;
	if (rnd_below(&p->seed, 2))
		assert_int_equal(window_head_go_on(&p->w), p->w.ncarried ? 0 : ERR_END);
	for (uint64_t seq = m->frontier + 1; seq <= m->base + SEQS; seq++) {
		enum outcome *o = at(m, seq);
		if (ack_covers(&p->durable, seq, seq))
			*o = kept_by_ack(*o);
		else if (*o == OUTCOME_DEAD || *o == OUTCOME_APART) /* its line is there */
			assert_int_equal(window_settle_ahead(&p->w, seq, *o), 0);
		else
			*o = OUTCOME_UNREAD;
	}
}

static void give_up(struct pair *p)
{
	struct model *m = &p->m;
	uint64_t seq = m->frontier + 1 + rnd_below(&p->seed, rnd_below(&p->seed, 4) ? 40 : 400);

	if (seq > p->top)
		p->top = seq;

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
	else if (dice < 93)
		save(p);
	else if (dice < 95)
		begin_head(p);
	else if (dice < 97)
		end_head(p);
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
		p.m.frontier = p.durable.frontier = p.top = p.m.base;
		assert_int_equal(window_init(&p.w, &p.durable), 0);
		for (unsigned i = 0; i < STEPS && p.top < p.m.base + SEQS - 3 * REACH; i++)
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
