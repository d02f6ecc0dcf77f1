/* cmd_dead_request.c -- espcap dead retry and purge: letters that are tried again, or given up. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "dead_index.h"
#include "dead_words.h"
#include "dead_work.h"
#include "log.h"
#include "looks.h"
#include "record_id.h"
#include "stats.h"

enum { POLL_MS = 100, TELL_AFTER = 15 };

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

/* One call of the command. */
struct job {
	const struct command *command;
	const char *dir;
	struct spool spool;
	struct request request;
	bool all;
	struct dead_index *index;
	uint64_t found, letters; /* letters that are meant, and all */
	uint64_t missing;        /* damaged ones: --all takes note of them, too */
	bool seen[REQUEST_IDS_MAX];
	unsigned polls; /* of a ship that has to do it */
	/* while we hold ship.lock */
	struct chain *chains[ACK_CHAINS];
	struct ack ack;
	char sensor[256];
	bool asked, waits; /* for a ship, which must say first what is settled */
};

/* --- what is there --- */

static int count_letter(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct job *job = arg;
	const struct request *r = &job->request;
	struct dead_line d;

	(void)f;
	if (dead_line_read(line, len, &d) || !dead_index_is_last(job->index, &d, seq))
		return 0;
	job->letters++;
	job->found += request_means(r, &d);
	for (size_t i = 0; i < r->nids; i++)
		if (r->ids[i].run == d.run && r->ids[i].seq == d.seq)
			job->seen[i] = true;
	return 0;
}

static int look(struct job *job)
{
	uint64_t frontier;

	job->found = job->letters = 0;
	looks_settled(&job->spool, &job->ack, NULL);
	frontier = job->ack.chain[ACK_DEAD].frontier;
	int err = looks_last(&job->spool, "dead", &job->request.until);
	if (!err)
		err = looks_last(&job->spool, "loss", &job->request.loss_after);
	if (!err)
		err = dead_index_new(&job->spool, frontier, &job->index);
	if (!err)
		err = reader_each_line(
			&job->spool, "dead", frontier + 1, count_letter, job, &job->missing);
	dead_index_free(job->index);
	return err;
}

static bool all_seen(const struct job *job, struct err_detail *why)
{
	char id[RECORD_ID_LEN];

	for (size_t i = 0; i < job->request.nids; i++) {
		if (job->seen[i])
			continue;
		record_id_write(job->request.ids[i].run, job->request.ids[i].seq, id);
		(void)err_set(why, ERR_INPUT, "%s has no dead letter %.*s; nothing was changed",
			job->dir, RECORD_ID_LEN, id);
		return false;
	}
	return true;
}

/* --- while no ship runs --- */

static int open_chain(struct job *job, enum ack_chain_id id)
{
	static const char *const names[ACK_CHAINS] = { "rec", "loss", "parked", "dead" };
	struct chain_conf conf = { .name = names[id], .map_size = CHAIN_MAP_SMALL };
	struct err_detail why;

	if (job->chains[id])
		return 0;
	conf.settled_to = ack_highest(&job->ack.chain[id]);
	int err = chain_open(&job->spool, &conf, &job->chains[id], &why);
	if (err)
		log_error("%s", why.text);
	return err;
}

static int append(void *arg, enum ack_chain_id id, const struct buf *text, uint32_t count)
{
	struct job *job = arg;
	struct err_detail why;

	int err = open_chain(job, id);
	return err ? err
		   : chain_append_text(job->chains[id],
			     id == ACK_PARKED ? FRAME_PARKED : FRAME_DEAD, text, count, NULL, &why);
}

static int lose(void *arg, const struct loss *loss)
{
	struct job *job = arg;
	struct err_detail why;

	int err = open_chain(job, ACK_LOSS);
	return err ? err
		   : chain_append_loss(
			     job->chains[ACK_LOSS], loss, job->sensor, clock_wall_ns(), &why);
}

/* All steps; then the ack, and then the request goes. */
static int work(struct job *job, struct slots *slots)
{
	const struct dead_work_sink sink = { append, lose, job, .keeps = false };
	struct dead_work *w;
	struct meter meter;
	struct lock trim;

	ack_read(slots, &job->ack, NULL);
	int err = dead_work_begin(&job->spool, &job->ack, &sink, &w);
	if (err == ERR_END)
		return 0; /* a ship has done it meanwhile */
	if (err)
		return err;
	meter_begin(&meter, "letter", job->request.until, false);
	while (!(err = dead_work_step(w, &job->ack)))
		meter_show(&meter, job->ack.chain[ACK_DEAD].frontier);
	meter_end(&meter);
	job->waits = dead_work_sum(w)->waits;
	dead_work_free(w);
	if (err != ERR_END)
		return err;
	err = spool_lock_trim(&job->spool, 60000, &trim);
	if (!err) {
		err = ack_write(slots, &job->ack);
		if (!err) /* both slots: else the letters come back when one is damaged */
			err = ack_write(slots, &job->ack);
		lock_drop(&trim);
	}
	return err ? err : request_remove(&job->spool);
}

/* ERR_SPOOL_LOCKED while a ship runs. */
static int work_as_ship(struct job *job)
{
	char path[PATHS_MAX];
	struct err_detail why = { "" };
	struct lock ship;
	struct slots slots;

	if (paths_join(path, job->spool.dir, "ship.lock"))
		return ERR_TOO_BIG;
	int err = lock_take(path, "espcap dead", 0, &ship, &why);
	if (err)
		return err;
	(void)gethostname(job->sensor, sizeof(job->sensor) - 1);
	err = ack_open(&slots, job->spool.dir, job->spool.epoch, true, &why);
	if (!err) {
		err = work(job, &slots);
		slots_close(&slots);
	}
	for (unsigned i = 0; i < ACK_CHAINS; i++) {
		chain_close(job->chains[i]);
		job->chains[i] = NULL;
	}
	lock_drop(&ship);
	return err;
}

/* --- with a ship, or without --- */

/* For the ship that holds the lock: one that is stopped or hangs is to be seen. */
static void wait_for_ship(struct job *job)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	const struct sigaction action = { .sa_handler = on_signal };
	char holder[LOCK_HOLDER_MAX];

	if (!job->polls)
		(void)sigaction(SIGINT, &action, NULL);
	if (job->polls++ == TELL_AFTER && spool_ship_runs(&job->spool, holder))
		log_info("waits for espcap-ship (%.*s); Ctrl-C leaves the request to it",
			(int)strcspn(holder, ","), holder);
	(void)nanosleep(&pause, NULL);
}

/* Until there is no request any more: whoever holds ship.lock does it. ERR_STOPPED by Ctrl-C. */
static int see_through(struct job *job)
{
	while (request_is_there(&job->spool)) {
		int err = work_as_ship(job);
		if (err && err != ERR_SPOOL_LOCKED)
			return err;
		if (err)
			wait_for_ship(job);
		if (err && interrupted)
			return ERR_STOPPED;
	}
	return 0;
}

/* Why the work is not done. */
static int say_undone(const struct job *job, int err, struct err_detail *why)
{
	const char *verb = job->request.action == REQUEST_PURGE ? "purge" : "retry";

	if (job->waits)
		return err_set(why, err,
			"cannot %s the dead letters of %s yet: espcap-ship was killed before it "
			"acknowledged all of them. The next one does so when it starts%s",
			verb, job->dir,
			job->asked ? ", and what was asked for" : "; ask again then");
	return err_set(why, err,
		"cannot %s the dead letters of %s: %s; what was begun is finished by the next "
		"espcap-ship or espcap dead",
		verb, job->dir, err == ERR_SPOOL_IO ? strerror(errno) : err_text(err));
}

static int leave(const struct job *job)
{
	log_error("interrupted; %s",
		job->asked
			? "the request stays in the spool, and espcap-ship does it as soon as it "
			  "goes on"
			: "nothing was asked for, since what was asked for before still waits for "
			  "espcap-ship");
	return EXIT_INTERRUPTED;
}

/* One that was asked for before is finished first: what there is, is looked at behind it. */
static int ask(struct job *job, struct err_detail *why)
{
	int err;

	do {
		err = see_through(job);
		if (err == ERR_STOPPED)
			return err;
		if (err)
			return say_undone(job, err, why);
		err = look(job);
		if (err)
			return err_set(why, err, "cannot read the dead letters of %s: %s", job->dir,
				err_text(err));
		if (!all_seen(job, why))
			return ERR_INPUT;
		bool any = job->found || (job->all && job->missing);
		err = any ? request_put(&job->spool, &job->request, why) : 0;
		job->asked = any && !err;
	} while (err == ERR_AGAIN);
	return err;
}

/* --all of nothing is done; letters that were chosen and are not there are a mistake. */
static int tell_none(const struct job *job)
{
	char letters[STATS_TEXT];

	if (job->all) {
		(void)printf("there are no dead letters in %s\n", job->dir);
		return 0;
	}
	log_error("none of the %s dead letters of %s is meant; nothing was changed",
		stats_count(job->letters, letters), job->dir);
	return 1;
}

/* A ship keeps letters whose records its ack has no room for (dead_work.h). One that goes again may be
 * back already, and looks the same. */
static void heed_those_that_stay(struct job *job)
{
	uint64_t found = job->found, letters = job->letters;

	if (look(job))
		job->found = 0;
	if (job->found)
		log_warn("%llu of them stay: their records are not acknowledged yet; ask again "
			 "later",
			(unsigned long long)job->found);
	job->found = found - (job->found < found ? job->found : found);
	job->letters = letters;
}

static int run(struct job *job, int argc, char **argv)
{
	char found[STATS_TEXT], letters[STATS_TEXT];
	bool purge = job->request.action == REQUEST_PURGE;
	struct err_detail why = { "" };

	int code = dead_words_read(job->command, argc, argv, &job->dir, &job->all, &job->request);
	if (code)
		return code;
	if (looks_open(job->dir, &job->spool) || looks_become_owner(&job->spool))
		return 1;
	int err = ask(job, &why);
	if (!err && (err = see_through(job)) && err != ERR_STOPPED)
		(void)say_undone(job, err, &why);
	if (err == ERR_STOPPED)
		return leave(job);
	if (err) {
		log_error("%s", why.text);
		return 1;
	}
	if (!job->asked)
		return tell_none(job);
	uint64_t missing = job->missing;
	if (purge)
		heed_those_that_stay(job);
	if (job->found || !missing)
		(void)printf("%s of %s dead letters %s\n", stats_count(job->found, found),
			stats_count(job->letters, letters),
			purge ? "purged; a loss document says so" : "go again, by their own _id");
	if (missing)
		log_warn("%llu dead letters were damaged on the disk and are lost; a loss document "
			 "says so",
			(unsigned long long)missing);
	return 0;
}

static int run_as(const struct command *command, enum request_action action, int argc, char **argv)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job) {
		log_error("out of memory");
		return 1;
	}
	job->command = command;
	job->request.action = action;
	int code = run(job, argc, argv);
	free(job);
	return code;
}

static int run_retry(int argc, char **argv)
{
	return run_as(&command_dead_retry, REQUEST_RETRY, argc, argv);
}

static int run_purge(int argc, char **argv)
{
	return run_as(&command_dead_purge, REQUEST_PURGE, argc, argv);
}

#define ARGUMENTS "DIR --all | [--type TYPE] [--before TIME] [ID ...]"

const struct command command_dead_retry = { "dead retry", ARGUMENTS,
	"send these records again, when the reason is mended",
	"Records keep _id and index. While espcap-ship runs, it does this; else it is done at\n"
	"once, and the next espcap-ship sends them. --type takes the error's type, as dead list\n"
	"prints it, --before letters older than a time (2026-01-02 or 2026-01-02T03:04:05Z).\n",
	run_retry };
const struct command command_dead_purge = { "dead purge", ARGUMENTS,
	"give these records up, with a loss document",
	"They are gone: dead export prints them before. A loss document with the reason\n"
	"\"purged\" says how many. Options as for dead retry.\n",
	run_purge };
