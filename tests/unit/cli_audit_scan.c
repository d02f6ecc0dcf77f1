/* cli_audit_scan.c -- tests of the search for holes and doubles, over a counter that counts itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_scan.h"
#include "rnd.h"

enum { SPECIAL_MAX = 4000, FOUND_MAX = 8000 };

/* Documents of numbers: one each from first to last, but for the special ones. */
struct world {
	struct audit_range all;
	struct audit_range gaps[SPECIAL_MAX]; /* rising, apart: none of these is there */
	size_t ngaps;
	struct audit_double doubles[SPECIAL_MAX]; /* rising, in no gap */
	size_t ndoubles;
	uint64_t late; /* comes when `next` has been asked for */
	unsigned blocks, counts, lists, nexts;
};

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t common(struct audit_range a, struct audit_range b)
{
	uint64_t first = most(a.first, b.first), last = least(a.last, b.last);

	return first <= last ? last - first + 1 : 0;
}

static bool is_there(const struct world *w, uint64_t seq)
{
	const struct audit_range one = { seq, seq };

	for (size_t i = 0; i < w->ngaps; i++)
		if (common(w->gaps[i], one))
			return false;
	return common(w->all, one);
}

static uint64_t count(const struct world *w, struct audit_range r)
{
	uint64_t n = common(w->all, r);

	for (size_t i = 0; i < w->ngaps; i++)
		n -= common(w->gaps[i], r);
	for (size_t i = 0; i < w->ndoubles; i++)
		if (w->doubles[i].seq >= r.first && w->doubles[i].seq <= r.last)
			n += w->doubles[i].documents - 1;
	return n;
}

static int block(void *arg, struct audit_range r, uint64_t *documents, struct audit_double *doubles,
	size_t *ndoubles)
{
	struct world *w = arg;

	assert_true(r.last - r.first < AUDIT_BLOCK);
	w->blocks++;
	*documents = count(w, r);
	*ndoubles = 0;
	for (size_t i = 0; i < w->ndoubles; i++)
		if (w->doubles[i].seq >= r.first && w->doubles[i].seq <= r.last)
			doubles[(*ndoubles)++] = w->doubles[i];
	return 0;
}

static int counts(void *arg, const struct audit_range *ranges, size_t n, uint64_t *documents)
{
	struct world *w = arg;

	assert_true(n > 0 && n <= AUDIT_PARTS);
	w->counts++;
	for (size_t i = 0; i < n; i++)
		documents[i] = count(w, ranges[i]);
	return 0;
}

static int present(void *arg, struct audit_range r, uint64_t *seqs, size_t *n)
{
	struct world *w = arg;

	assert_true(r.last - r.first < AUDIT_PART);
	w->lists++;
	*n = 0;
	for (uint64_t seq = r.first; seq <= r.last; seq++)
		if (is_there(w, seq))
			seqs[(*n)++] = seq;
	return 0;
}

static int next(void *arg, struct audit_range r, uint64_t *seq)
{
	struct world *w = arg;

	w->nexts++;
	*seq = most(r.first, w->all.first);
	for (size_t i = 0; i < w->ngaps; i++)
		if (*seq >= w->gaps[i].first && *seq <= w->gaps[i].last)
			*seq = w->gaps[i].last + 1;
	if (*seq > least(r.last, w->all.last))
		*seq = 0;
	if (w->late && w->late == r.first) {
		*seq = w->late;
		w->gaps[0].first = w->late + 1;
	}
	return 0;
}

/* --- what was found --- */

static struct audit_range holes[FOUND_MAX];
static struct audit_double twice[FOUND_MAX];
static size_t nholes, ntwice;
static uint64_t counted;

static int on_hole(void *arg, struct audit_range hole)
{
	(void)arg;
	assert_true(nholes < FOUND_MAX);
	holes[nholes++] = hole;
	return 0;
}

static int on_double(void *arg, const struct audit_double *d)
{
	(void)arg;
	assert_true(ntwice < FOUND_MAX);
	twice[ntwice++] = *d;
	return 0;
}

static int on_count(void *arg, uint64_t documents)
{
	(void)arg;
	counted += documents;
	return 0;
}

static const struct audit_sink sink = { on_hole, on_double, on_count, NULL };

static int scan(struct world *w, uint64_t first, uint64_t last)
{
	const struct audit_counter counter = { block, counts, present, next, w };

	nholes = ntwice = 0;
	counted = 0;
	w->blocks = w->counts = w->lists = w->nexts = 0;
	return audit_scan(&counter, (struct audit_range){ first, last }, &sink);
}

static void check(struct world *w)
{
	assert_int_equal(scan(w, w->all.first, w->all.last), 0);
	assert_int_equal(nholes, w->ngaps);
	for (size_t i = 0; i < nholes; i++) {
		assert_true(holes[i].first == w->gaps[i].first);
		assert_true(holes[i].last == w->gaps[i].last);
	}
	assert_int_equal(ntwice, w->ndoubles);
	for (size_t i = 0; i < ntwice; i++)
		assert_true(twice[i].seq == w->doubles[i].seq &&
			    twice[i].documents == w->doubles[i].documents);
	assert_true(counted == count(w, w->all));
}

/* --- tests --- */

static void a_complete_run_costs_one_question_a_block(void **state)
{
	static struct world w = { .all = { 1, 100000000 } };

	(void)state;
	check(&w);
	assert_int_equal(w.blocks, 100000000 / AUDIT_BLOCK);
	assert_int_equal(w.counts + w.lists + w.nexts, 0);
}

static void one_hole_costs_two_more(void **state)
{
	static struct world w = {
		.all = { 1, 100000000 }, .gaps = { { 77777777, 77777777 } }, .ngaps = 1
	};

	(void)state;
	check(&w);
	assert_int_equal(w.blocks, 100000000 / AUDIT_BLOCK);
	assert_int_equal(w.counts, 1);
	assert_int_equal(w.lists, 1);
}

static void a_desert_costs_two_questions(void **state)
{
	static struct world w = { .all = { 1, UINT64_C(1) << 62 },
		.gaps = { { 2, (UINT64_C(1) << 62) - 1 } },
		.ngaps = 1 };

	(void)state;
	check(&w);
	assert_in_range(w.blocks + w.nexts + w.counts + w.lists, 1, 8);
}

static void a_hole_behind_a_double_is_seen(void **state)
{
	static struct world w = { .all = { 1, 3 * AUDIT_BLOCK },
		.gaps = { { 500, 500 }, { AUDIT_BLOCK + 1, AUDIT_BLOCK + 3 } },
		.ngaps = 2,
		.doubles = { { 501, 2 }, { AUDIT_BLOCK + 4, 4 } },
		.ndoubles = 2 };

	(void)state;
	assert_true(count(&w, w.all) == 3 * AUDIT_BLOCK);
	check(&w);
}

static void check_edge(uint64_t first, uint64_t at)
{
	static struct world w;

	for (uint64_t n = 1; n <= 3; n++) {
		w = (struct world){ .all = { first, first + 3 * AUDIT_BLOCK },
			.gaps = { { first + at, first + at + n - 1 } },
			.ngaps = 1 };
		check(&w);
	}
}

static void holes_at_every_edge(void **state)
{
	static const int64_t edges[] = { 0, AUDIT_PART, AUDIT_BLOCK, 2 * AUDIT_BLOCK,
		AUDIT_BLOCK - AUDIT_PART };
	static const uint64_t firsts[] = { 1, 1000, (UINT64_C(1) << 53) - 7, UINT64_C(1) << 62 };

	(void)state;
	for (size_t f = 0; f < sizeof(firsts) / sizeof(firsts[0]); f++)
		for (size_t e = 0; e < sizeof(edges) / sizeof(edges[0]); e++)
			for (int64_t shift = -2; shift <= 2; shift++)
				if (edges[e] + shift > 0)
					check_edge(firsts[f], (uint64_t)(edges[e] + shift));
}

/* Beyond what is there: the spool knows of more at both ends. */
static void a_range_wider_than_the_documents(void **state)
{
	static struct world w = { .all = { 1000, 2000 } };

	(void)state;
	assert_int_equal(scan(&w, 1, 200000), 0);
	assert_int_equal(nholes, 2);
	assert_true(holes[0].first == 1 && holes[0].last == 999);
	assert_true(holes[1].first == 2001 && holes[1].last == 200000);
	w.all = (struct audit_range){ 1, 0 };
	assert_int_equal(scan(&w, 5, 90000), 0);
	assert_true(nholes == 1 && holes[0].first == 5 && holes[0].last == 90000);
	assert_int_equal(w.blocks + w.nexts, 2);
}

static void a_document_that_comes_meanwhile_ends_nothing(void **state)
{
	static struct world w = { .all = { 1, 3 * AUDIT_BLOCK },
		.gaps = { { AUDIT_BLOCK + 1, 3 * AUDIT_BLOCK - 1 } },
		.ngaps = 1,
		.late = AUDIT_BLOCK + 1 };

	(void)state;
	assert_int_equal(scan(&w, 1, 3 * AUDIT_BLOCK), 0);
	assert_true(nholes == 1 && holes[0].first == AUDIT_BLOCK + 2);
	assert_true(holes[0].last == 3 * AUDIT_BLOCK - 1);
}

static void make(struct world *w, struct rnd *r)
{
	uint64_t at = 1 + rnd_below(r, 5) * UINT64_C(1234567890123);

	*w = (struct world){ .all.first = at };
	for (uint64_t i = rnd_below(r, 40); i > 0; i--) {
		uint64_t wide = rnd_below(r, 3) ? 1 + rnd_below(r, 5) : 1 + rnd_below(r, 120000);
		at += 2 + rnd_below(r, rnd_below(r, 2) ? 30 : 60000);
		if (rnd_below(r, 2)) {
			w->gaps[w->ngaps++] = (struct audit_range){ at, at + wide - 1 };
			at += wide;
		} else {
			w->doubles[w->ndoubles++] =
				(struct audit_double){ at, 2 + rnd_below(r, 3) };
		}
	}
	w->all.last = at + 1 + rnd_below(r, 1000);
}

static void worlds_at_random(void **state)
{
	static struct world w;
	struct rnd r = rnd_start();

	(void)state;
	for (int i = 0; i < 300; i++) {
		make(&w, &r);
		check(&w);
	}
}

/* --- answers that cannot be true --- */

static int too_many(void *arg, struct audit_range r, uint64_t *documents,
	struct audit_double *doubles, size_t *ndoubles)
{
	(void)arg;
	(void)doubles;
	*ndoubles = 0;
	*documents = r.last - r.first + 2;
	return 0;
}

static int foreign_double(void *arg, struct audit_range r, uint64_t *documents,
	struct audit_double *doubles, size_t *ndoubles)
{
	(void)arg;
	*ndoubles = 1;
	doubles[0] = (struct audit_double){ r.last + 1, 2 };
	*documents = r.last - r.first + 2;
	return 0;
}

static int nowhere(void *arg, struct audit_range r, uint64_t *seq)
{
	(void)arg;
	*seq = r.first - 1;
	return 0;
}

static void answers_that_cannot_be_true_end_it(void **state)
{
	static struct world w = { .all = { 1, 0 } };
	struct audit_counter counter = { too_many, counts, present, next, &w };
	const struct audit_range range = { 10, 100 };

	(void)state;
	assert_int_equal(audit_scan(&counter, range, &sink), ERR_INPUT);
	counter.block = foreign_double;
	assert_int_equal(audit_scan(&counter, range, &sink), ERR_INPUT);
	counter.block = block;
	counter.next = nowhere;
	assert_int_equal(audit_scan(&counter, range, &sink), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_complete_run_costs_one_question_a_block),
		cmocka_unit_test(one_hole_costs_two_more),
		cmocka_unit_test(a_desert_costs_two_questions),
		cmocka_unit_test(a_hole_behind_a_double_is_seen),
		cmocka_unit_test(holes_at_every_edge),
		cmocka_unit_test(a_range_wider_than_the_documents),
		cmocka_unit_test(a_document_that_comes_meanwhile_ends_nothing),
		cmocka_unit_test(worlds_at_random),
		cmocka_unit_test(answers_that_cannot_be_true_end_it),
	};

	return TEST_RUN(tests);
}
