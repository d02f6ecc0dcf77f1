/* power_retry.c -- a workload on letters: tried again, refused again, given up. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dead_work.h"
#include "power_work.h"
#include "reader.h"

enum { LIVES = 3, TURNS = 22 };

static struct chain *parked(struct work *w)
{
	if (!w->parked)
		w->parked = work_open_chain(w, "parked", ACK_PARKED, SMALL_MAP);
	return w->parked;
}

static int put_text(void *work, enum ack_chain_id id, const struct buf *text, uint32_t count)
{
	struct work *w = work;

	if (id == ACK_PARKED)
		work_append_text(w, parked(w), FRAME_PARKED, text, count);
	else
		work_append_text(w, w->dead, FRAME_DEAD, text, count);
	return 0;
}

static int put_loss(void *work, const struct loss *loss)
{
	struct work *w = work;

	return chain_append_loss(w->loss, loss, "power", 1, NULL);
}

/* False: it was stopped after some steps, with nothing of them acknowledged. */
bool retry_request(struct work *w, unsigned steps)
{
	const struct dead_work_sink sink = { put_text, put_loss, w, .keeps = false };
	struct ack ack = { 0 };
	struct dead_work *dead;

	window_ack(&w->parked_window, NULL, &ack.chain[ACK_PARKED]);
	ack.chain[ACK_DEAD] = w->letters;
	int err = dead_work_begin(&w->spool, &ack, &sink, &dead);
	if (err == ERR_END)
		return true;
	work_must(err, "request");
	ack.chain[ACK_REC].frontier = ack.chain[ACK_LOSS].frontier =
		ack.chain[ACK_PARKED].frontier = UINT64_MAX; /* all were heeded */
	while (steps-- && !(err = dead_work_step(dead, &ack))) {
	}
	dead_work_free(dead);
	if (err != ERR_END) {
		work_must(err, "a step");
		return false;
	}
	w->letters = ack.chain[ACK_DEAD];
	work_save(w);
	work_must(request_remove(&w->spool), "request");
	work_mark("done");
	return true;
}

/* Every second letter is named. */
static int name_letter(
	void *request, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct request *r = request;
	struct dead_line d;

	(void)f;
	if (seq % 2 == 0 && r->nids < REQUEST_IDS_MAX && !dead_line_read(line, len, &d))
		r->ids[r->nids++] = (struct request_id){ d.run, d.seq };
	return 0;
}

enum which { ALL, SOME_IDS, ONE_TYPE };

static void ask(struct work *w, enum request_action action, enum which which)
{
	static struct request r;
	struct err_detail why = { "" };
	uint64_t missing;

	r = (struct request){ .action = action,
		.until = chain_next_seq(w->dead) - 1,
		.loss_after = chain_next_seq(w->loss) - 1,
		.before_ns = INT64_MAX };
	if (which == ONE_TYPE)
		(void)snprintf(r.type, sizeof(r.type), "u");
	if (which == SOME_IDS)
		work_must(reader_each_line(&w->spool, "dead", w->letters.frontier + 1, name_letter,
				  &r, &missing),
			"dead");
	if (request_put(&w->spool, &r, &why))
		work_fail("power_work: %s", why.text);
}

/* What an espcap leaves that is killed before it has synced the folder: its request is there, and a cut
 * can take it away. */
static void unsync_request(struct work *w)
{
	char path[PATHS_MAX], other[PATHS_MAX];

	work_must(paths_join(path, w->spool.dir, "request"), "path");
	work_must(paths_join(other, w->spool.dir, "request.1"), "path");
	if (rename(path, other) != 0 || paths_sync(w->spool.dir) || rename(other, path) != 0)
		work_fail("power_work: %s cannot be renamed", path);
}

static void bury_again(struct work *w, uint64_t at, const struct dead_line *d)
{
	struct dead_letter letter = { .run = d->run,
		.seq = d->seq,
		.chain = d->chain,
		.kind = d->kind,
		.flags = d->flags,
		.parked = at,
		.index = "i",
		.status = 400,
		.type = "t",
		.reason = "again",
		.attempts = 1,
		.record = d->record.p,
		.len = d->record.len };
	struct buf text;

	buf_init(&text, FRAME_RAW_MAX);
	work_must(dead_letter_write(&letter, &text), "letter");
	work_append_text(w, w->dead, FRAME_DEAD, &text, 1);
	buf_done(&text);
}

static int ship_one(
	void *work, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct work *w = work;
	enum outcome outcome = seq % 4 == 1 ? OUTCOME_ALREADY : OUTCOME_INDEXED;
	struct dead_line d;

	(void)f;
	if (window_get(&w->parked_window, seq) != OUTCOME_UNREAD)
		return 0;
	work_must(dead_line_read(line, len, &d), "a parked record");
	if (seq % 4 == 3) {
		bury_again(w, seq, &d);
		outcome = OUTCOME_DEAD;
	}
	window_set(&w->parked_window, seq, outcome);
	return 0;
}

/* Nothing of it goes before a request is done. Sequences that were passed over are no records. */
void retry_ship(struct work *w)
{
	uint64_t missing, from = w->parked_window.state.frontier + 1;

	if (request_is_there(&w->spool))
		return;
	work_must(reader_each_line(&w->spool, "parked", from, ship_one, w, &missing), "parked");
	for (uint64_t seq = from; seq < w->parked_window.top; seq++)
		if (window_get(&w->parked_window, seq) == OUTCOME_UNREAD)
			window_set(&w->parked_window, seq, OUTCOME_SKIPPED);
}

void retry_trim(struct work *w)
{
	struct ack ack, older;

	ack_read(&w->acks, &ack, &older);
	work_must(chain_trim(w->dead, &ack.chain[ACK_DEAD], &older.chain[ACK_DEAD], NULL, NULL),
		"dead");
	if (w->parked)
		work_must(chain_trim(w->parked, &ack.chain[ACK_PARKED], &older.chain[ACK_PARKED],
				  NULL, NULL),
			"parked");
}

/* --- the workload --- */

static void retry_turn(struct work *w, unsigned i)
{
	static const enum which which[] = { SOME_IDS, ALL, ONE_TYPE, ALL, SOME_IDS };
	enum request_action action = i % 3 == 0 ? REQUEST_PURGE : REQUEST_RETRY;

	work_records(w, 1 + i % 3);
	work_settle(w, w->window.state.frontier + 1, chain_next_seq(w->rec) - 1);
	if (i % 2)
		work_save(w);
	if (i % 4 == 3) {
		ask(w, action, which[i / 4 % 5]);
		if (i % 8 == 3)
			unsync_request(w);
		(void)retry_request(w, UINT32_MAX);
	}
	retry_ship(w);
	if (i % 5 == 4)
		work_save(w);
	if (i % 3 == 2) {
		work_trim(w);
		retry_trim(w);
	}
}

/* The first life ends in the middle of a retry, the second one in that of a purge. */
static _Noreturn void retry_life(const char *dir, size_t map_size, unsigned life)
{
	struct work w;

	work_open(&w, dir, map_size);
	w.retries = true;
	if (request_is_there(&w.spool) && !retry_request(&w, UINT32_MAX))
		work_fail("power_work: a request cannot be finished");
	for (unsigned i = 0; i < TURNS; i++)
		retry_turn(&w, i);
	if (life < 2) {
		ask(&w, life ? REQUEST_PURGE : REQUEST_RETRY, ALL);
		(void)retry_request(&w, 1);
	}
	_exit(0);
}

void retry_workload(const char *dir, size_t map_size)
{
	int status = 0;

	for (unsigned life = 0; life < LIVES; life++) {
		pid_t pid = fork();
		if (pid == 0)
			retry_life(dir, map_size, life);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			work_fail("power_work: a life ended with %d", status);
	}
}
