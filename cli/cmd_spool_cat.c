/* cmd_spool_cat.c -- espcap spool cat: the documents of a spool, as they are and as they come. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "log.h"
#include "looks.h"

enum { POLL_MS = 100 };

/* An end of what is asked for: a sequence or a time. */
struct bound {
	bool by_time;
	uint64_t seq;
	int64_t ns;
};

struct cat {
	struct spool spool;
	struct bound from, to;
	bool follow, from_set, to_set;
	uint64_t missing;
	bool done; /* the last record asked for was printed */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static bool parse_bound(const char *option, const char *text, struct bound *b)
{
	*b = (struct bound){ 0 };
	if (looks_number(text, &b->seq))
		return true;
	b->by_time = looks_time(text, &b->ns);
	if (!b->by_time)
		log_error("%s cannot be \"%s\": it is a sequence number, or a time such as "
			  "2026-01-02 or 2026-01-02T03:04:05Z",
			option, text);
	return b->by_time;
}

static bool is_before(const struct bound *b, uint64_t seq, int64_t ns)
{
	return b->by_time ? ns < b->ns : seq < b->seq;
}

/* The end is exclusive for times, as midnight is for a day, and inclusive for sequences. */
static bool is_behind(const struct bound *b, uint64_t seq, int64_t ns)
{
	return b->by_time ? ns >= b->ns : seq > b->seq;
}

static bool is_wanted(const struct cat *c, const struct frame_header *h, uint64_t seq,
	const char *line, size_t len)
{
	bool by_time = (c->from_set && c->from.by_time) || (c->to_set && c->to.by_time);
	int64_t ns = by_time ? frame_record_time(h, line, len) : 0;

	return !(c->from_set && is_before(&c->from, seq, ns)) &&
	       !(c->to_set && is_behind(&c->to, seq, ns));
}

static int print_lines(const struct cat *c, const struct reader_frame *f)
{
	const char *line = f->text, *end = line + f->header.raw_len;

	for (uint64_t seq = f->header.first_seq; line < end; seq++) {
		const char *next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
		size_t len = (size_t)(next - line);
		if (is_wanted(c, &f->header, seq, line, len) && fwrite(line, 1, len, stdout) != len)
			return ERR_SYS;
		line = next;
	}
	return 0;
}

static int print_frame(struct cat *c, const struct reader_frame *f)
{
	uint64_t last = f->header.first_seq + f->header.count - 1;

	c->done = c->to_set && !c->to.by_time && last >= c->to.seq;
	if (c->from_set || c->to_set)
		return print_lines(c, f);
	return fwrite(f->text, 1, f->header.raw_len, stdout) == f->header.raw_len ? 0 : ERR_SYS;
}

/* What a trim took while we read was settled, and is nothing to warn of. */
static void tell_gap(struct cat *c, const struct reader_gap *gap)
{
	bool asked = !c->to_set || c->to.by_time || gap->first <= c->to.seq;

	if (!gap->lost || !asked || looks_trimmed(&c->spool, gap))
		return;
	c->missing += gap->lost;
	log_warn("records %llu to %llu: %llu are missing", (unsigned long long)gap->first,
		(unsigned long long)gap->last_lost, (unsigned long long)gap->lost);
}

/* The end of what there is, for now. False when that is the end of all. */
static bool wait_for_more(const struct cat *c)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	if (!c->follow || fflush(stdout) != 0)
		return false;
	(void)nanosleep(&pause, NULL); /* ends early by a signal */
	return !interrupted;
}

static int print_all(struct cat *c, struct reader *reader)
{
	struct reader_frame f;
	uint64_t from = c->from_set && !c->from.by_time ? c->from.seq : 1;
	int err = 0;

	while (!err && !interrupted && !c->done) {
		err = reader_next_now(reader, from, &f);
		bool waits = err == ERR_END || (err && c->follow && err != ERR_SPOOL_FORMAT);
		if (waits && wait_for_more(c)) {
			err = 0;
			continue;
		}
		if (!err || err == ERR_END)
			tell_gap(c, &f.gap);
		if (err)
			break;
		err = print_frame(c, &f);
		from = f.header.first_seq + f.header.count;
		reader_forget(reader, f.header.first_seq);
	}
	return err == ERR_END ? 0 : err;
}

static int cat(struct cat *c)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct reader *reader;

	int err = reader_new(&c->spool, "rec", &reader);
	if (err) {
		log_error("out of memory for the spool");
		return 1;
	}
	if (c->follow) {
		(void)sigaction(SIGINT, &action, NULL);
		(void)sigaction(SIGTERM, &action, NULL);
	}
	err = print_all(c, reader);
	reader_free(reader);
	if (!err && fflush(stdout) == 0)
		return interrupted ? EXIT_INTERRUPTED : c->missing ? 1 : 0;
	log_error("cannot print the records of %s: %s", c->spool.dir,
		err == ERR_SYS || !err ? strerror(errno) : err_text(err));
	return 1;
}

static int run_cat(int argc, char **argv)
{
	struct cat c = { .follow = false };
	const char *dir = NULL;

	for (int i = 1; i < argc; i++) {
		bool from = strcmp(argv[i], "--from") == 0, to = strcmp(argv[i], "--to") == 0;
		if (strcmp(argv[i], "--follow") == 0) {
			c.follow = true;
		} else if ((from || to) && i + 1 == argc) {
			return command_refuse(&command_spool_cat, "%s wants a value", argv[i]);
		} else if (from || to) {
			if (!parse_bound(argv[i], argv[i + 1], from ? &c.from : &c.to))
				return EXIT_USAGE;
			c.from_set = c.from_set || from;
			c.to_set = c.to_set || to;
			i++;
		} else if (!dir && argv[i][0] != '-') {
			dir = argv[i];
		} else {
			return command_stray(&command_spool_cat, argv[i]);
		}
	}
	if (!dir)
		return command_wrong_usage(&command_spool_cat);
	return looks_open(dir, &c.spool) ? 1 : cat(&c);
}

const struct command command_spool_cat = { "spool cat",
	"DIR [--from SEQ|TIME] [--to SEQ|TIME] [--follow]", "print the documents of a spool",
	"Prints the documents that the spool still holds, one a line, oldest first, settled\n"
	"or not; nothing is changed. A range is one of sequence numbers, the last one included,\n"
	"or of the documents' own times (2026-01-02 or 2026-01-02T03:04:05Z), the last one not.\n"
	"--follow goes on as records are committed. The exit status is 1 when records are "
	"missing.\n",
	run_cat };
