/* power_work.c -- workloads on a spool for power_log.so, small and the same each time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"
#include "dead_work.h"
#include "reader.h"
#include "window.h"
#include "writer.h"

enum {
	SMALL_MAP = 64 << 10, /* of dead and loss */
	COMMITS = 45,         /* of one life */
	LIVES = 3,
	DEAD_EVERY = 10,
	LOST_EVERY = 37,
	AHEAD = 25,   /* settled above the frontier, as --order newest-first does */
	OUTAGE = 15,  /* turns without an uplink, from this one on */
	LAG_MAX = 50, /* more records unsettled: the oldest segment is given up */
	FEW = 8,
	TURNS = 22, /* of one life with retries */
	LARGE = 60000, /* of some records there: their letters take more than one step */
	LARGE_FROM = 18,
	LARGE_TO = 34,
	FILLING = 900000,
};

/* --- the log --- */

static void mark(const char *text)
{
	union {
		void *symbol;
		void (*call)(const char *);
	} to = { dlsym(RTLD_DEFAULT, "power_mark") };

	if (to.symbol)
		to.call(text);
}

__attribute__((format(printf, 1, 2))) static _Noreturn void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(1);
}

static void must(int err, const char *what)
{
	if (err)
		fail("power_work: %s: %s", what, err_text(err));
}

/* --- both sides of a spool --- */

static const struct event_head head = { .sensor = "power", .now_ns = 1 };

struct work {
	struct spool spool;
	size_t map_size;
	struct chain *rec, *dead, *loss, *parked; /* the last: when it is needed */
	struct slots acks, firsts;
	struct first first;
	struct window window, parked_window;
	struct ack_chain letters; /* what of dead/ is settled */
	bool retries;             /* more letters, and large ones among them */
	struct frame_coder *coder;
	struct loss reporting; /* given up, and not yet in a loss document */
};

static void append(
	struct work *w, struct chain *c, struct chain_frame *f, const char *text, size_t n)
{
	struct err_detail why = { "" };
	struct buf packed;

	buf_init(&packed, FRAME_RAW_MAX);
	must(frame_compress(w->coder, text, n, &packed, &f->header), "compress");
	f->payload = packed.data;
	if (chain_append(c, f, 1, &why))
		fail("power_work: %s", why.text);
	buf_done(&packed);
	mark("commit");
}

static void append_text(
	struct work *w, struct chain *c, enum frame_kind kind, const struct buf *text, uint32_t count)
{
	struct chain_frame f = { .header = { .kind = kind, .count = count } };

	append(w, c, &f, text->data, text->len);
}

/* What a record says depends on its number; of the rest zstd can save little, of a large one much. */
static int record(const struct work *w, char *out, size_t size, uint64_t seq)
{
	bool large = w->retries && seq >= LARGE_FROM && seq <= LARGE_TO;
	char filling[160];
	uint64_t x = seq;

	for (size_t i = 0; i < sizeof(filling) - 1; i++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		filling[i] = (char)('a' + (x >> 40) % 26);
	}
	filling[sizeof(filling) - 1] = '\0';
	return snprintf(out, size, "{\"n\":%" PRIu64 ",\"f\":\"%s\",\"g\":\"%*s\"}\n", seq, filling,
		large ? LARGE : 0, "");
}

static void write_records(struct work *w, unsigned count)
{
	static char text[FRAME_RAW_MAX];
	struct chain_frame f = { .header = { .kind = FRAME_FULL,
					 .count = count,
					 .file = 7,
					 .number = chain_next_seq(w->rec) } };
	size_t n = 0;

	for (unsigned i = 0; i < count; i++)
		n += (size_t)record(w, text + n, sizeof(text) - n, chain_next_seq(w->rec) + i);
	append(w, w->rec, &f, text, n);
}

/* As capture does: what was given up is reported by the next commit. */
static void report(struct work *w)
{
	char text[LOSS_DOCUMENT_MAX + 1];
	struct chain_frame f = { .header = { .kind = FRAME_EVENT, .count = 1 } };

	if (!w->reporting.count)
		return;
	size_t n = loss_document(&w->reporting, &head, text);
	text[n++] = '\n';
	f.lost[LOSS_TRIMMED] = w->reporting.count;
	append(w, w->rec, &f, text, n);
	w->reporting = (struct loss){ 0 };
}

/* The line of a record that is there. */
static const char *line_of(struct reader *r, uint64_t seq, struct reader_frame *f, size_t *len)
{
	must(reader_next(r, seq, f), "a record cannot be read");
	const char *line = f->text;
	for (uint64_t at = f->header.first_seq; at < seq; at++)
		line = (const char *)memchr(line, '\n', f->header.raw_len) + 1;
	*len = strcspn(line, "\n");
	return line;
}

static void bury(struct work *w, uint64_t seq)
{
	struct dead_letter letter = { .seq = seq,
		.chain = ACK_REC,
		.index = "i",
		.status = 400,
		.type = seq % 4 ? "t" : "u",
		.reason = "r" };
	struct reader_frame rec;
	struct reader *r;
	struct buf text;

	must(reader_new(&w->spool, "rec", &r), "reader");
	letter.record = line_of(r, seq, &rec, &letter.len);
	letter.run = rec.header.run;
	letter.kind = rec.header.kind;
	buf_init(&text, FRAME_RAW_MAX);
	must(dead_letter_write(&letter, &text), "letter");
	append_text(w, w->dead, FRAME_DEAD, &text, 1);
	buf_done(&text);
	reader_free(r);
}

static void lose(struct work *w, uint64_t seq)
{
	char text[LOSS_DOCUMENT_MAX + 1];
	struct chain_frame f = { .header = { .kind = FRAME_EVENT, .count = 1 } };
	struct loss loss = {
		.reason = LOSS_CORRUPT, .count = 1, .first_seq = seq, .last_seq = seq
	};

	size_t n = loss_document(&loss, &head, text);
	text[n++] = '\n';
	append(w, w->loss, &f, text, n);
}

/* Letters and loss documents come before what they stand for counts as settled (I10). */
static void settle(struct work *w, uint64_t first, uint64_t last)
{
	for (uint64_t seq = first; seq <= last; seq++) {
		enum outcome outcome = OUTCOME_INDEXED;
		if (!window_holds(&w->window, seq) || window_get(&w->window, seq) > OUTCOME_TAKEN)
			continue;
		if (seq % (w->retries ? 2 : DEAD_EVERY) == 0) {
			bury(w, seq);
			outcome = OUTCOME_DEAD;
		} else if (seq % LOST_EVERY == 0) {
			lose(w, seq);
			outcome = OUTCOME_LOST;
		}
		window_set(&w->window, seq, outcome);
	}
}

/* What was given up is its writer's to count. */
static void give_up(struct work *w)
{
	struct ack ack;

	ack_read(&w->acks, &ack, NULL);
	if (w->first.first_seq > w->window.state.frontier + 1)
		window_give_up(&w->window, w->first.first_seq, &ack.chain[ACK_REC]);
}

/* All that there is, gaps too: behind an unreadable segment sequences jump. */
static void settle_all(struct work *w)
{
	struct reader_frame f;
	struct reader *r;
	int err = reader_new(&w->spool, "rec", &r);

	give_up(w); /* what a cut kept from being unlinked is not ours either */
	while (!err) {
		err = reader_next(r, w->window.state.frontier + 1, &f);
		if (f.gap.first)
			window_pass_over(&w->window, f.gap.first, f.gap.last, f.gap.lost);
		if (!err)
			settle(w, f.header.first_seq, f.header.first_seq + f.header.count - 1);
		(void)window_advance(&w->window);
	}
	if (err != ERR_END)
		fail("power_work: rec cannot be read: %s", err_text(err));
	reader_free(r);
}

/* As ship does, under trim.lock. */
static void save(struct work *w)
{
	struct ack ack;
	struct lock lock;

	must(spool_lock_trim(&w->spool, 1000, &lock), "trim.lock");
	give_up(w);
	ack_read(&w->acks, &ack, NULL);
	(void)window_advance(&w->window);
	window_ack(&w->window, &ack.chain[ACK_REC]);
	(void)window_advance(&w->parked_window);
	window_ack(&w->parked_window, &ack.chain[ACK_PARKED]);
	ack.chain[ACK_DEAD] = w->letters;
	must(ack_write(&w->acks, &ack), "ack");
	lock_drop(&lock);
}

static void trim(struct work *w)
{
	struct ack ack, older;
	struct lock lock;

	must(spool_lock_trim(&w->spool, 1000, &lock), "trim.lock");
	ack_read(&w->acks, &ack, &older);
	must(chain_trim(w->rec, &ack.chain[ACK_REC], &older.chain[ACK_REC], &w->firsts, &w->first),
		"trim");
	lock_drop(&lock);
}

static void drop_oldest(struct work *w)
{
	struct ack ack;
	struct lock lock;
	struct loss loss;

	must(spool_lock_trim(&w->spool, 1000, &lock), "trim.lock");
	ack_read(&w->acks, &ack, NULL);
	int err = chain_drop_oldest(w->rec, &ack.chain[ACK_REC], &w->firsts, &w->first, &loss);
	lock_drop(&lock);
	if (err != ERR_END)
		must(err, "drop-oldest");
	if (!err && loss.count)
		loss_add(&w->reporting, &loss);
}

/* --- opening --- */

static struct chain *open_chain(struct work *w, const char *name, enum ack_chain_id id, size_t map)
{
	struct chain_conf conf = { .name = name, .map_size = map };
	struct err_detail why = { "" };
	struct chain *c;
	struct ack ack;

	ack_read(&w->acks, &ack, NULL);
	conf.settled_to = ack_highest(&ack.chain[id]);
	if (id == ACK_REC && w->first.first_seq - 1 > conf.settled_to)
		conf.settled_to = w->first.first_seq - 1;
	if (chain_open(&w->spool, &conf, &c, &why))
		fail("power_work: %s", why.text);
	return c;
}

/* As ship does: a record that has a letter is dead, whatever the ack says. */
static int heed_letter(
	void *work, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct work *w = work;
	struct dead_line d;

	(void)f;
	(void)seq;
	if (dead_line_read(line, len, &d) || d.chain != ACK_REC)
		return 0;
	struct window *of = d.parked ? &w->parked_window : &w->window;
	uint64_t at = d.parked ? d.parked : d.seq;
	if (window_get(of, at) == OUTCOME_UNREAD)
		window_set(of, at, OUTCOME_DEAD);
	return 0;
}

static void open_work(struct work *w, const char *dir, size_t map_size)
{
	uint64_t missing;
	struct err_detail why = { "" };
	struct ack ack;

	*w = (struct work){ .map_size = map_size };
	if (spool_open(&w->spool, dir, true, &why))
		fail("power_work: %s", why.text);
	mark("made");
	must(ack_open(&w->acks, w->spool.dir, w->spool.epoch, true, &why), "ack");
	must(first_open(&w->firsts, w->spool.dir, w->spool.epoch, true, &why), "first");
	first_read(&w->firsts, &w->first);
	ack_read(&w->acks, &ack, NULL);
	must(window_init(&w->window, &ack.chain[ACK_REC]), "window");
	must(window_init(&w->parked_window, &ack.chain[ACK_PARKED]), "window");
	w->letters = ack.chain[ACK_DEAD];
	must(reader_each_line(
		     &w->spool, "dead", w->letters.frontier + 1, heed_letter, w, &missing),
		"dead");
	must(frame_coder_new(&w->coder), "coder");
	w->rec = open_chain(w, "rec", ACK_REC, map_size);
	w->dead = open_chain(w, "dead", ACK_DEAD, SMALL_MAP);
	w->loss = open_chain(w, "loss", ACK_LOSS, SMALL_MAP);
	uint64_t reported = chain_totals(w->rec)->lost[LOSS_TRIMMED];
	if (w->first.to_tell > reported) {
		w->reporting = w->first.last;
		w->reporting.count = w->first.to_tell - reported;
	}
}

static void close_work(struct work *w)
{
	chain_close(w->rec);
	chain_close(w->dead);
	chain_close(w->loss);
	chain_close(w->parked);
	slots_close(&w->acks);
	slots_close(&w->firsts);
	window_done(&w->window);
	window_done(&w->parked_window);
	frame_coder_free(w->coder);
}

/* --- letters that are tried again, or given up --- */

static struct chain *parked(struct work *w)
{
	if (!w->parked)
		w->parked = open_chain(w, "parked", ACK_PARKED, SMALL_MAP);
	return w->parked;
}

static int put_text(void *work, enum ack_chain_id id, const struct buf *text, uint32_t count)
{
	struct work *w = work;

	if (id == ACK_PARKED)
		append_text(w, parked(w), FRAME_PARKED, text, count);
	else
		append_text(w, w->dead, FRAME_DEAD, text, count);
	return 0;
}

static int put_loss(void *work, const struct loss *loss)
{
	struct work *w = work;

	return chain_append_loss(w->loss, loss, head.sensor, head.now_ns, NULL);
}

/* False: it was stopped after some steps, with nothing of them acknowledged. */
static bool do_request(struct work *w, unsigned steps)
{
	const struct dead_work_sink sink = { put_text, put_loss, w };
	struct ack ack = { 0 };
	struct dead_work *dead;

	window_ack(&w->parked_window, &ack.chain[ACK_PARKED]);
	ack.chain[ACK_DEAD] = w->letters;
	int err = dead_work_begin(&w->spool, &ack, &sink, &dead);
	if (err == ERR_END)
		return true;
	must(err, "request");
	ack.chain[ACK_REC].frontier = ack.chain[ACK_LOSS].frontier =
		ack.chain[ACK_PARKED].frontier = UINT64_MAX; /* all were heeded */
	while (steps-- && !(err = dead_work_step(dead, &ack))) {
	}
	dead_work_free(dead);
	if (err != ERR_END) {
		must(err, "a step");
		return false;
	}
	w->letters = ack.chain[ACK_DEAD];
	save(w);
	must(request_remove(&w->spool), "request");
	mark("done");
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
		must(reader_each_line(&w->spool, "dead", w->letters.frontier + 1, name_letter, &r,
			     &missing),
			"dead");
	if (request_put(&w->spool, &r, &why))
		fail("power_work: %s", why.text);
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
	must(dead_letter_write(&letter, &text), "letter");
	append_text(w, w->dead, FRAME_DEAD, &text, 1);
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
	must(dead_line_read(line, len, &d), "a parked record");
	if (seq % 4 == 3) {
		bury_again(w, seq, &d);
		outcome = OUTCOME_DEAD;
	}
	window_set(&w->parked_window, seq, outcome);
	return 0;
}

/* Nothing of it goes before a request is done. Sequences that were passed over are no records. */
static void ship_parked(struct work *w)
{
	uint64_t missing, from = w->parked_window.state.frontier + 1;

	if (request_is_there(&w->spool))
		return;
	must(reader_each_line(&w->spool, "parked", from, ship_one, w, &missing), "parked");
	for (uint64_t seq = from; seq < w->parked_window.top; seq++)
		if (window_get(&w->parked_window, seq) == OUTCOME_UNREAD)
			window_set(&w->parked_window, seq, OUTCOME_SKIPPED);
}

static void trim_own(struct work *w)
{
	struct ack ack, older;

	ack_read(&w->acks, &ack, &older);
	must(chain_trim(w->dead, &ack.chain[ACK_DEAD], &older.chain[ACK_DEAD], NULL, NULL), "dead");
	if (w->parked)
		must(chain_trim(w->parked, &ack.chain[ACK_PARKED], &older.chain[ACK_PARKED], NULL,
			     NULL),
			"parked");
}

/* --- workloads --- */

static void turn(struct work *w, unsigned i)
{
	uint64_t last = chain_next_seq(w->rec) - 1, frontier = w->window.state.frontier;

	write_records(w, 1 + i % FEW);
	report(w);
	bool uplink = i < OUTAGE || i >= 2 * OUTAGE;
	if (uplink && i % 3 == 2)
		settle(w, frontier + 1, frontier + (last - frontier) / 2);
	if (uplink && i % 7 == 6 && last > frontier + AHEAD)
		settle(w, last - FEW, last);
	if (i % 3 == 2)
		save(w);
	if (i % 5 == 4)
		trim(w);
	if (last - w->window.state.frontier > LAG_MAX)
		drop_oldest(w);
}

/* One start of both services; every other ends by a kill. */
static void live(const char *dir, size_t map_size, unsigned life, unsigned commits)
{
	struct work w;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		open_work(&w, dir, map_size);
		for (unsigned i = 0; i < commits; i++)
			turn(&w, i);
		if (life % 2 == 0)
			close_work(&w);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		fail("power_work: a life ended with %d", status);
}

static uint64_t given_up(const char *dir)
{
	struct err_detail why = { "" };
	struct spool spool;
	struct slots slots;
	struct first first;

	if (spool_open(&spool, dir, false, &why))
		fail("power_work: %s", why.text);
	must(first_open(&slots, dir, spool.epoch, false, NULL), "first");
	first_read(&slots, &first);
	slots_close(&slots);
	return first.trimmed;
}

static void work_chain(const char *dir, size_t map_size)
{
	for (unsigned life = 0; life < LIVES; life++)
		live(dir, map_size, life, COMMITS);
	if (!given_up(dir))
		fail("power_work: nothing was given up");
}

static void retry_turn(struct work *w, unsigned i)
{
	static const enum which which[] = { SOME_IDS, ALL, ONE_TYPE, ALL, SOME_IDS };
	enum request_action action = i % 3 == 0 ? REQUEST_PURGE : REQUEST_RETRY;

	write_records(w, 1 + i % 3);
	settle(w, w->window.state.frontier + 1, chain_next_seq(w->rec) - 1);
	if (i % 2)
		save(w);
	if (i % 4 == 3) {
		ask(w, action, which[i / 4 % 5]);
		(void)do_request(w, UINT32_MAX);
	}
	ship_parked(w);
	if (i % 5 == 4)
		save(w);
	if (i % 3 == 2) {
		trim(w);
		trim_own(w);
	}
}

/* The first life ends in the middle of a retry, the second one in that of a purge. */
static void retry_life(const char *dir, size_t map_size, unsigned life)
{
	struct work w;

	open_work(&w, dir, map_size);
	w.retries = true;
	if (request_is_there(&w.spool) && !do_request(&w, UINT32_MAX))
		fail("power_work: a request cannot be finished");
	for (unsigned i = 0; i < TURNS; i++)
		retry_turn(&w, i);
	if (life < 2) {
		ask(&w, life ? REQUEST_PURGE : REQUEST_RETRY, ALL);
		(void)do_request(&w, 1);
	}
	_exit(0);
}

static void work_parked(const char *dir, size_t map_size)
{
	int status = 0;

	for (unsigned life = 0; life < LIVES; life++) {
		pid_t pid = fork();
		if (pid == 0)
			retry_life(dir, map_size, life);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			fail("power_work: a life ended with %d", status);
	}
}

/* The one-shot's spool: filled, settled, taken away. */
static void work_remove(const char *dir, size_t map_size)
{
	struct err_detail why = { "" };
	struct spool spool;
	struct work w;

	live(dir, map_size, 0, COMMITS / 2);
	open_work(&w, dir, map_size);
	settle(&w, w.window.state.frontier + 1, chain_next_seq(w.rec) - 1);
	save(&w);
	spool = w.spool;
	close_work(&w);
	if (spool_remove(&spool, &why))
		fail("power_work: %s", why.text);
}

/* What both services do when they start again: little, but all of it. */
static void work_recover(const char *dir, size_t map_size)
{
	struct work w;

	open_work(&w, dir, map_size);
	report(&w);
	write_records(&w, 3);
	if (!do_request(&w, UINT32_MAX))
		fail("power_work: a request cannot be finished");
	settle_all(&w);
	ship_parked(&w);
	save(&w);
	save(&w);
	trim(&w);
	trim_own(&w);
	write_records(&w, 3);
	close_work(&w);
}

/* The threads of the real writer, and drop-oldest at a cap of two segments. Records are as large as
 * they may be and cannot be compressed: the least map of a writer is 8 MiB. */
static void work_writer(const char *dir)
{
	struct writer_conf conf = {
		.sensor = "power", .when_full = WRITER_DROP_OLDEST, .cap = 2 * CHAIN_MAP_MIN
	};
	struct err_detail why = { "" };
	struct writer_status last;
	struct spool spool;
	struct writer *w;
	uint64_t x = 1;

	if (spool_open(&spool, dir, true, &why) || writer_open(&spool, &conf, &w, &why))
		fail("power_work: %s", why.text);
	mark("made");
	for (int i = 0; i < 30; i++) {
		char *out;
		while (!(out = writer_begin(w, FRAME_FULL, FILLING, 7)))
			(void)usleep(1000);
		for (int n = 0; n < FILLING; n++) {
			x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
			out[n] = (char)(' ' + 1 + (x >> 33) % 90);
		}
		writer_end(w, FILLING, i + 1, 7, (uint64_t)i + 1);
	}
	if (writer_close(w, &last, &why))
		fail("power_work: %s", why.text);
	if (!last.lost[LOSS_TRIMMED])
		fail("power_work: nothing was given up");
	mark("commit");
}

/* --- damage that the log knows of --- */

static void flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	if (fd < 0 || pread(fd, &byte, 1, at) != 1)
		fail("power_work: cannot read %s", path);
	byte ^= 0xff;
	if (pwrite(fd, &byte, 1, at) != 1 || fdatasync(fd) != 0)
		fail("power_work: cannot write %s", path);
	(void)close(fd);
}

/* Damages the payload of the first frame of the segment SEQ. */
static void work_damage(const char *dir, uint64_t seq)
{
	char path[PATHS_MAX], file[PATHS_MAX], said[64];
	struct frame_header h;
	uint8_t page[FRAME_HEADER];

	must(paths_segment(path, dir, "rec", seq), "path");
	must(paths_join(file, path, "data.mdb"), "path");
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	for (off_t at = 0; fd >= 0 && pread(fd, page, sizeof(page), at) == (ssize_t)sizeof(page);
		at += 2) {
		if (frame_unpack_header(page, sizeof(page), &h) || h.first_seq != seq)
			continue;
		(void)snprintf(
			said, sizeof(said), "damaged %" PRIu64 " %" PRIu64, seq, seq + h.count - 1);
		mark(said);
		flip(file, at + FRAME_HEADER);
		return;
	}
	fail("power_work: there is no frame %" PRIu64 " in %s", seq, file);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	uint64_t number = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

	if (strcmp(what, "chain") == 0 && number)
		work_chain(argv[2], number);
	else if (strcmp(what, "parked") == 0 && number)
		work_parked(argv[2], number);
	else if (strcmp(what, "mark") == 0 && argc > 3)
		mark(argv[3]);
	else if (strcmp(what, "remove") == 0 && number)
		work_remove(argv[2], number);
	else if (strcmp(what, "recover") == 0 && number)
		work_recover(argv[2], number);
	else if (strcmp(what, "writer") == 0)
		work_writer(argv[2]);
	else if (strcmp(what, "damage") == 0 && number)
		work_damage(argv[2], number);
	else
		fail("usage: power_work chain|remove|recover|parked DIR MAP | writer DIR | damage "
		     "DIR SEQ | mark DIR TEXT");
	return 0;
}
