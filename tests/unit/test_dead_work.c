/* test_dead_work.c -- letters that go again or are given up: each once, however often it is begun. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "chain.h"
#include "dead_index.h"
#include "record_id.h"

enum { RUN = 0x77, LETTERS = 24, BIG = 40000 };

struct site {
	struct box *box;
	struct chain *chains[ACK_CHAINS];
	struct ack ack;
	int stores_left; /* then a store fails, as if by a kill */
	bool keeps;
};

static void open_chain(struct site *t, enum ack_chain_id id)
{
	static const char *const names[ACK_CHAINS] = { "rec", "loss", "parked", "dead" };
	struct chain_conf conf = { .name = names[id], .map_size = CHAIN_MAP_SMALL };

	assert_int_equal(chain_open(&t->box->spool, &conf, &t->chains[id], NULL), 0);
}

static struct site begin(void **state)
{
	struct site t = { .box = *state, .stores_left = 1000 };

	open_chain(&t, ACK_LOSS);
	open_chain(&t, ACK_PARKED);
	open_chain(&t, ACK_DEAD);
	t.ack.chain[ACK_REC].frontier = LETTERS;
	return t;
}

static void end(struct site *t)
{
	for (unsigned i = 0; i < ACK_CHAINS; i++)
		chain_close(t->chains[i]);
}

/* One frame of letters of the records [seq, seq + count). */
static void bury(struct site *t, enum ack_chain_id of, uint64_t seq, unsigned count)
{
	static char record[BIG];
	struct buf text;

	memset(record, 'x', sizeof(record));
	memcpy(record, "{\"a\":\"", 6);
	memcpy(record + sizeof(record) - 2, "\"}", 2);
	buf_init(&text, FRAME_RAW_MAX);
	for (unsigned i = 0; i < count; i++) {
		const struct dead_letter l = { .run = RUN,
			.seq = seq + i,
			.chain = of,
			.kind = FRAME_SLIM,
			.index = "p",
			.status = 400,
			.type = (seq + i) % 2 ? "odd" : "even",
			.reason = "",
			.time_ns = (int64_t)(seq + i),
			.attempts = 1,
			.record = record,
			.len = sizeof(record) };
		assert_int_equal(dead_letter_write(&l, &text), 0);
	}
	assert_int_equal(
		chain_append_text(t->chains[ACK_DEAD], FRAME_DEAD, &text, count, NULL, NULL), 0);
	buf_done(&text);
}

static int append(void *site, enum ack_chain_id id, const struct buf *text, uint32_t count)
{
	struct site *t = site;

	if (t->stores_left-- <= 0)
		return ERR_SPOOL_IO;
	return chain_append_text(t->chains[id], id == ACK_PARKED ? FRAME_PARKED : FRAME_DEAD, text,
		count, NULL, NULL);
}

static int lose(void *site, const struct loss *loss)
{
	struct site *t = site;

	if (t->stores_left-- <= 0)
		return ERR_SPOOL_IO;
	return chain_append_loss(t->chains[ACK_LOSS], loss, "box", 1, NULL);
}

static void ask(struct site *t, enum request_action action, const char *type)
{
	static struct request r;

	r = (struct request){ .action = action,
		.until = chain_next_seq(t->chains[ACK_DEAD]) - 1,
		.loss_after = chain_next_seq(t->chains[ACK_LOSS]) - 1,
		.before_ns = INT64_MAX };
	(void)snprintf(r.type, sizeof(r.type), "%s", type);
	assert_int_equal(request_put(&t->box->spool, &r, NULL), 0);
}

/* What an ack that is durable names, up to an error; the steps it took. */
static int work(struct site *t, unsigned *steps)
{
	const struct dead_work_sink sink = { append, lose, t, t->keeps };
	struct ack ack = t->ack;
	struct dead_work *w;
	int err = dead_work_begin(&t->box->spool, &t->ack, &sink, &w);

	assert_int_equal(err, 0);
	for (*steps = 0; !(err = dead_work_step(w, &ack)); (*steps)++) {
	}
	dead_work_free(w);
	if (err == ERR_END) {
		t->ack = ack;
		assert_int_equal(request_remove(&t->box->spool), 0);
	}
	return err;
}

struct seen {
	unsigned times[LETTERS + 1], lines, letters; /* by record; with a letter's number */
	uint64_t lost;
};

static int see(void *seen, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct seen *s = seen;
	struct dead_line d;
	struct loss loss;

	(void)seq;
	if (f->header.kind == FRAME_EVENT) {
		assert_true(loss_read(line, len, &loss));
		assert_int_equal(loss.reason, LOSS_PURGED);
		s->lost += loss.count;
		return 0;
	}
	assert_int_equal(dead_line_read(line, len, &d), 0);
	assert_int_equal(d.run, RUN);
	assert_int_equal(d.record.len, BIG);
	assert_int_equal(d.kind, FRAME_SLIM);
	assert_in_range(d.seq, 1, LETTERS);
	s->times[d.seq]++;
	s->lines++;
	s->letters += d.letter != 0;
	return 0;
}

static struct seen look(struct site *t, const char *chain, uint64_t from)
{
	struct seen s = { { 0 }, 0, 0, 0 };
	uint64_t missing;

	assert_int_equal(reader_each_line(&t->box->spool, chain, from, see, &s, &missing), 0);
	assert_int_equal(missing, 0);
	return s;
}

static void bury_all(struct site *t)
{
	for (uint64_t seq = 1; seq <= LETTERS; seq += 4)
		bury(t, ACK_REC, seq, 4);
}

static void all_letters_go_to_parked_in_steps(void **state)
{
	struct site t = begin(state);
	unsigned steps;

	bury_all(&t);
	ask(&t, REQUEST_RETRY, "");
	assert_int_equal(work(&t, &steps), ERR_END);
	assert_int_equal(steps, LETTERS / 4); /* frames of 160 KB: one is a step */
	struct seen s = look(&t, "parked", 1);
	assert_int_equal(s.lines, LETTERS);
	assert_int_equal(s.letters, LETTERS);
	for (unsigned i = 1; i <= LETTERS; i++)
		assert_int_equal(s.times[i], 1);
	const struct ack_chain *dead = &t.ack.chain[ACK_DEAD];
	assert_int_equal(dead->frontier, LETTERS);
	assert_int_equal(dead->counts.indexed, LETTERS);
	assert_int_equal(dead->counts.lost + dead->counts.apart, 0);
	assert_int_equal(look(&t, "dead", dead->frontier + 1).lines, 0);
	end(&t);
}

static void those_that_stay_lie_behind_the_frontier_once_more(void **state)
{
	struct site t = begin(state);
	unsigned steps;

	bury_all(&t);
	ask(&t, REQUEST_PURGE, "odd");
	assert_int_equal(work(&t, &steps), ERR_END);
	struct seen s = look(&t, "dead", t.ack.chain[ACK_DEAD].frontier + 1);
	assert_int_equal(s.lines, LETTERS / 2);
	for (unsigned i = 1; i <= LETTERS; i++)
		assert_int_equal(s.times[i], i % 2 == 0);
	assert_int_equal(look(&t, "loss", 1).lost, LETTERS / 2);
	assert_int_equal(t.ack.chain[ACK_DEAD].counts.lost, LETTERS / 2);
	assert_int_equal(chain_totals(t.chains[ACK_LOSS])->lost[LOSS_PURGED], LETTERS / 2);
	end(&t);
}

/* After each store in turn the process dies and nothing of the ack was written; then all is done
 * again: each letter counts once, lies in parked/ once, and in one loss document. */
static void what_is_begun_again_is_done_once(enum request_action action, void **state)
{
	for (int stores = 0; stores < 16; stores++) {
		struct site t = begin(state);
		unsigned steps;
		uint64_t behind = t.ack.chain[ACK_DEAD].frontier =
			chain_next_seq(t.chains[ACK_DEAD]) - 1;
		uint64_t parked = chain_next_seq(t.chains[ACK_PARKED]);
		uint64_t lost = chain_next_seq(t.chains[ACK_LOSS]);

		t.ack.chain[ACK_PARKED].frontier = parked - 1;
		bury_all(&t);
		ask(&t, action, "odd");
		t.stores_left = stores;
		int err = work(&t, &steps);
		t.stores_left = 1000;
		if (err == ERR_SPOOL_IO)
			err = work(&t, &steps);
		assert_int_equal(err, ERR_END);
		const struct ack_chain *dead = &t.ack.chain[ACK_DEAD];
		assert_int_equal(dead->counts.indexed + dead->counts.lost, LETTERS / 2);
		assert_true(dead->frontier > behind);
		if (action == REQUEST_RETRY)
			assert_int_equal(look(&t, "parked", parked).lines, LETTERS / 2);
		else
			assert_int_equal(look(&t, "loss", lost).lost, LETTERS / 2);
		struct dead_index *x;
		assert_int_equal(dead_index_new(&t.box->spool, dead->frontier, &x), 0);
		assert_int_equal(dead_index_count(x), LETTERS / 2);
		dead_index_free(x);
		end(&t);
	}
}

static void a_retry_that_is_begun_again_is_done_once(void **state)
{
	what_is_begun_again_is_done_once(REQUEST_RETRY, state);
}

static void a_purge_that_is_begun_again_is_done_once(void **state)
{
	what_is_begun_again_is_done_once(REQUEST_PURGE, state);
}

static void two_letters_of_one_record_are_one(void **state)
{
	struct site t = begin(state);
	unsigned steps;

	bury(&t, ACK_REC, 1, 4);
	bury(&t, ACK_REC, 3, 4);
	ask(&t, REQUEST_RETRY, "");
	assert_int_equal(work(&t, &steps), ERR_END);
	struct seen s = look(&t, "parked", 1);
	assert_int_equal(s.lines, 6);
	for (unsigned i = 1; i <= 6; i++)
		assert_int_equal(s.times[i], 1);
	assert_int_equal(t.ack.chain[ACK_DEAD].counts.indexed, 6);
	end(&t);
}

static void letters_of_loss_documents_do_not_count_among_the_records(void **state)
{
	struct site t = begin(state);
	unsigned steps;

	bury(&t, ACK_REC, 1, 1);
	bury(&t, ACK_LOSS, 2, 2);
	t.ack.chain[ACK_LOSS].frontier = 3;
	ask(&t, REQUEST_RETRY, "");
	assert_int_equal(work(&t, &steps), ERR_END);
	assert_int_equal(t.ack.chain[ACK_DEAD].counts.indexed, 1);
	assert_int_equal(t.ack.chain[ACK_DEAD].counts.apart, 2);
	assert_int_equal(look(&t, "parked", 1).lines, 3);
	end(&t);
}

static void a_letter_that_came_later_is_not_meant(void **state)
{
	struct site t = begin(state);
	unsigned steps;

	bury(&t, ACK_REC, 1, 4);
	ask(&t, REQUEST_RETRY, "");
	bury(&t, ACK_REC, 5, 4);
	assert_int_equal(work(&t, &steps), ERR_END);
	assert_int_equal(t.ack.chain[ACK_DEAD].frontier, 4);
	assert_int_equal(look(&t, "parked", 1).lines, 4);
	assert_int_equal(look(&t, "dead", 5).lines, 4);
	end(&t);
}

/* As a ship leaves it that was killed before its ack: done now, the record would go again, too. */
static void a_letter_whose_record_is_not_settled_waits(void **state)
{
	static const enum ack_chain_id chains[] = { ACK_REC, ACK_LOSS };

	for (unsigned i = 0; i < 2; i++) {
		struct site t = begin(state);
		uint64_t behind = t.ack.chain[ACK_DEAD].frontier =
			chain_next_seq(t.chains[ACK_DEAD]) - 1;
		struct ack_chain *of = &t.ack.chain[chains[i]];
		unsigned steps;

		bury(&t, chains[i], 1, 4);
		ask(&t, i ? REQUEST_PURGE : REQUEST_RETRY, "");
		of->frontier = 2;
		of->ranges[0] = (struct ack_range){ .first = 4, .last = 4 };
		of->nranges = 1;
		assert_int_equal(work(&t, &steps), ERR_AGAIN);
		assert_int_equal(t.ack.chain[ACK_DEAD].frontier, behind);
		assert_int_equal(look(&t, "dead", behind + 1).lines, 4);
		of->frontier = 3;
		assert_int_equal(work(&t, &steps), ERR_END);
		assert_int_equal(look(&t, "dead", t.ack.chain[ACK_DEAD].frontier + 1).lines, 0);
		end(&t);
	}
}

/* A ship keeps it: its ack may have no room for all that is settled. */
static void a_ship_keeps_a_letter_whose_record_is_not_settled(void **state)
{
	struct site t = begin(state);
	unsigned steps;

	bury(&t, ACK_REC, 1, 4);
	ask(&t, REQUEST_RETRY, "");
	t.ack.chain[ACK_REC].frontier = 3;
	t.keeps = true;
	assert_int_equal(work(&t, &steps), ERR_END);
	assert_int_equal(t.ack.chain[ACK_DEAD].frontier, 4);
	assert_int_equal(t.ack.chain[ACK_DEAD].counts.indexed, 3);
	assert_int_equal(look(&t, "parked", 1).lines, 3);
	struct seen s = look(&t, "dead", 5);
	assert_int_equal(s.lines, 1);
	assert_int_equal(s.times[4], 1);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(all_letters_go_to_parked_in_steps),
		BOX_TEST(those_that_stay_lie_behind_the_frontier_once_more),
		BOX_TEST(a_retry_that_is_begun_again_is_done_once),
		BOX_TEST(a_purge_that_is_begun_again_is_done_once),
		BOX_TEST(two_letters_of_one_record_are_one),
		BOX_TEST(letters_of_loss_documents_do_not_count_among_the_records),
		BOX_TEST(a_letter_that_came_later_is_not_meant),
		BOX_TEST(a_letter_whose_record_is_not_settled_waits),
		BOX_TEST(a_ship_keeps_a_letter_whose_record_is_not_settled),
	};

	return TEST_RUN(tests);
}
