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
#include "power_work.h"
#include "reader.h"
#include "writer.h"

enum {
	COMMITS = 45, /* of one life */
	LIVES = 3,
	DEAD_EVERY = 10,
	LOST_EVERY = 37,
	AHEAD = 25,   /* settled above the frontier, as --order newest-first does */
	OUTAGE = 15,  /* turns without an uplink, from this one on */
	LAG_MAX = 50, /* more records unsettled: the oldest segment is given up */
	FEW = 8,
	LARGE = 60000, /* of some records there: their letters take more than one step */
	LARGE_FROM = 18,
	LARGE_TO = 34,
	FILLING = 900000,
};

/* --- the log --- */

void work_mark(const char *text)
{
	union {
		void *symbol;
		void (*call)(const char *);
	} to = { dlsym(RTLD_DEFAULT, "power_mark") };

	if (to.symbol)
		to.call(text);
}

_Noreturn void work_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(1);
}

void work_must(int err, const char *what)
{
	if (err)
		work_fail("power_work: %s: %s", what, err_text(err));
}

/* --- both sides of a spool --- */

static const struct event_head head = { .sensor = "power", .now_ns = 1 };

static void append(
	struct work *w, struct chain *c, struct chain_frame *f, const char *text, size_t n)
{
	struct err_detail why = { "" };
	struct buf packed;

	buf_init(&packed, FRAME_RAW_MAX);
	work_must(frame_compress(w->coder, text, n, &packed, &f->header), "compress");
	f->payload = packed.data;
	if (chain_append(c, f, 1, &why))
		work_fail("power_work: %s", why.text);
	buf_done(&packed);
	work_mark("commit");
}

void work_append_text(struct work *w, struct chain *c, enum frame_kind kind, const struct buf *text,
	uint32_t count)
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

void work_records(struct work *w, unsigned count)
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
	work_must(reader_next(r, seq, f), "a record cannot be read");
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

	work_must(reader_new(&w->spool, "rec", &r), "reader");
	letter.record = line_of(r, seq, &rec, &letter.len);
	letter.run = rec.header.run;
	letter.kind = rec.header.kind;
	buf_init(&text, FRAME_RAW_MAX);
	work_must(dead_letter_write(&letter, &text), "letter");
	work_append_text(w, w->dead, FRAME_DEAD, &text, 1);
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
void work_settle(struct work *w, uint64_t first, uint64_t last)
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
			work_settle(w, f.header.first_seq, f.header.first_seq + f.header.count - 1);
		(void)window_advance(&w->window);
	}
	if (err != ERR_END)
		work_fail("power_work: rec cannot be read: %s", err_text(err));
	reader_free(r);
}

/* As ship does, under trim.lock. */
void work_save(struct work *w)
{
	struct ack ack, before;
	struct lock lock;

	work_must(spool_lock_trim(&w->spool, 1000, &lock), "trim.lock");
	give_up(w);
	ack_read(&w->acks, &before, NULL);
	ack = before;
	(void)window_advance(&w->window);
	window_ack(&w->window, &before.chain[ACK_REC], &ack.chain[ACK_REC]);
	(void)window_advance(&w->parked_window);
	window_ack(&w->parked_window, &before.chain[ACK_PARKED], &ack.chain[ACK_PARKED]);
	ack.chain[ACK_DEAD] = w->letters;
	work_must(ack_write(&w->acks, &ack), "ack");
	lock_drop(&lock);
}

void work_trim(struct work *w)
{
	struct ack ack, older;
	struct lock lock;

	work_must(spool_lock_trim(&w->spool, 1000, &lock), "trim.lock");
	ack_read(&w->acks, &ack, &older);
	work_must(chain_trim(w->rec, &ack.chain[ACK_REC], &older.chain[ACK_REC], &w->firsts,
			  &w->first),
		"trim");
	lock_drop(&lock);
}

static void drop_oldest(struct work *w)
{
	struct ack ack;
	struct lock lock;
	struct loss loss;

	work_must(spool_lock_trim(&w->spool, 1000, &lock), "trim.lock");
	ack_read(&w->acks, &ack, NULL);
	int err = chain_drop_oldest(w->rec, &ack.chain[ACK_REC], &w->firsts, &w->first, &loss);
	lock_drop(&lock);
	if (err != ERR_END)
		work_must(err, "drop-oldest");
	if (!err && loss.count)
		loss_add(&w->reporting, &loss);
}

/* --- opening --- */

struct chain *work_open_chain(struct work *w, const char *name, enum ack_chain_id id, size_t map)
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
		work_fail("power_work: %s", why.text);
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

void work_open(struct work *w, const char *dir, size_t map_size)
{
	uint64_t missing;
	struct err_detail why = { "" };
	struct ack ack;

	*w = (struct work){ .map_size = map_size };
	if (spool_open(&w->spool, dir, true, &why))
		work_fail("power_work: %s", why.text);
	work_mark("made");
	work_must(ack_open(&w->acks, w->spool.dir, w->spool.epoch, true, &why), "ack");
	work_must(first_open(&w->firsts, w->spool.dir, w->spool.epoch, true, &why), "first");
	first_read(&w->firsts, &w->first);
	ack_read(&w->acks, &ack, NULL);
	work_must(window_init(&w->window, &ack.chain[ACK_REC]), "window");
	work_must(window_init(&w->parked_window, &ack.chain[ACK_PARKED]), "window");
	w->letters = ack.chain[ACK_DEAD];
	work_must(reader_each_line(
			  &w->spool, "dead", w->letters.frontier + 1, heed_letter, w, &missing),
		"dead");
	work_must(frame_coder_new(&w->coder), "coder");
	w->rec = work_open_chain(w, "rec", ACK_REC, map_size);
	w->dead = work_open_chain(w, "dead", ACK_DEAD, SMALL_MAP);
	w->loss = work_open_chain(w, "loss", ACK_LOSS, SMALL_MAP);
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

/* --- workloads --- */

static void turn(struct work *w, unsigned i)
{
	uint64_t last = chain_next_seq(w->rec) - 1, frontier = w->window.state.frontier;

	work_records(w, 1 + i % FEW);
	report(w);
	bool uplink = i < OUTAGE || i >= 2 * OUTAGE;
	if (uplink && i % 3 == 2)
		work_settle(w, frontier + 1, frontier + (last - frontier) / 2);
	if (uplink && i % 7 == 6 && last > frontier + AHEAD)
		work_settle(w, last - FEW, last);
	if (i % 3 == 2)
		work_save(w);
	if (i % 5 == 4)
		work_trim(w);
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
		work_open(&w, dir, map_size);
		for (unsigned i = 0; i < commits; i++)
			turn(&w, i);
		if (life % 2 == 0)
			close_work(&w);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		work_fail("power_work: a life ended with %d", status);
}

static uint64_t given_up(const char *dir)
{
	struct err_detail why = { "" };
	struct spool spool;
	struct slots slots;
	struct first first;

	if (spool_open(&spool, dir, false, &why))
		work_fail("power_work: %s", why.text);
	work_must(first_open(&slots, dir, spool.epoch, false, NULL), "first");
	first_read(&slots, &first);
	slots_close(&slots);
	return first.trimmed;
}

static void work_chain(const char *dir, size_t map_size)
{
	for (unsigned life = 0; life < LIVES; life++)
		live(dir, map_size, life, COMMITS);
	if (!given_up(dir))
		work_fail("power_work: nothing was given up");
}

/* The one-shot's spool: filled, settled, taken away. */
static void work_remove(const char *dir, size_t map_size)
{
	struct err_detail why = { "" };
	struct spool spool;
	struct work w;

	live(dir, map_size, 0, COMMITS / 2);
	work_open(&w, dir, map_size);
	work_settle(&w, w.window.state.frontier + 1, chain_next_seq(w.rec) - 1);
	work_save(&w);
	spool = w.spool;
	close_work(&w);
	if (spool_remove(&spool, &why))
		work_fail("power_work: %s", why.text);
}

/* What both services do when they start again: little, but all of it. */
static void work_recover(const char *dir, size_t map_size)
{
	struct work w;

	work_open(&w, dir, map_size);
	report(&w);
	work_records(&w, 3);
	if (!retry_request(&w, UINT32_MAX))
		work_fail("power_work: a request cannot be finished");
	settle_all(&w);
	retry_ship(&w);
	work_save(&w);
	work_save(&w);
	work_trim(&w);
	retry_trim(&w);
	work_records(&w, 3);
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
		work_fail("power_work: %s", why.text);
	work_mark("made");
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
		work_fail("power_work: %s", why.text);
	if (!last.lost[LOSS_TRIMMED])
		work_fail("power_work: nothing was given up");
	work_mark("commit");
}

/* --- damage that the log knows of --- */

static void flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	if (fd < 0 || pread(fd, &byte, 1, at) != 1)
		work_fail("power_work: cannot read %s", path);
	byte ^= 0xff;
	if (pwrite(fd, &byte, 1, at) != 1 || fdatasync(fd) != 0)
		work_fail("power_work: cannot write %s", path);
	(void)close(fd);
}

/* Damages the payload of the first frame of the segment SEQ. */
static void work_damage(const char *dir, uint64_t seq)
{
	char path[PATHS_MAX], file[PATHS_MAX], said[64];
	struct frame_header h;
	uint8_t page[FRAME_HEADER];

	work_must(paths_segment(path, dir, "rec", seq), "path");
	work_must(paths_join(file, path, "data.mdb"), "path");
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	for (off_t at = 0; fd >= 0 && pread(fd, page, sizeof(page), at) == (ssize_t)sizeof(page);
		at += 2) {
		if (frame_unpack_header(page, sizeof(page), &h) || h.first_seq != seq)
			continue;
		(void)snprintf(
			said, sizeof(said), "damaged %" PRIu64 " %" PRIu64, seq, seq + h.count - 1);
		work_mark(said);
		flip(file, at + FRAME_HEADER);
		return;
	}
	work_fail("power_work: there is no frame %" PRIu64 " in %s", seq, file);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	uint64_t number = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

	if (strcmp(what, "chain") == 0 && number)
		work_chain(argv[2], number);
	else if (strcmp(what, "parked") == 0 && number)
		retry_workload(argv[2], number);
	else if (strcmp(what, "mark") == 0 && argc > 3)
		work_mark(argv[3]);
	else if (strcmp(what, "remove") == 0 && number)
		work_remove(argv[2], number);
	else if (strcmp(what, "recover") == 0 && number)
		work_recover(argv[2], number);
	else if (strcmp(what, "writer") == 0)
		work_writer(argv[2]);
	else if (strcmp(what, "damage") == 0 && number)
		work_damage(argv[2], number);
	else
		work_fail("usage: power_work chain|remove|recover|parked DIR MAP | writer DIR | "
			  "damage "
			  "DIR SEQ | mark DIR TEXT");
	return 0;
}
