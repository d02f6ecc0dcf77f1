/* cmd_spool.c -- espcap spool: looking into a spool, also while both services run. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ack.h"
#include "chain.h"
#include "clock.h"
#include "command.h"
#include "json.h"
#include "log.h"
#include "reader.h"
#include "spool.h"
#include "stats.h"
#include "wear.h"

struct status {
	struct spool spool;
	struct frame_totals totals;
	uint64_t first_seq, last_seq, kept_from, trimmed, trimmed_packets, segments, disk_bytes,
		free_bytes;
	struct ack_chain ack;
	struct ack_counts settled; /* ack's, with its ranges */
	uint64_t backlog;
	uint64_t
		undone; /* settled, and not committed any more: a power cut undid it after it was sent */
	int64_t oldest_ns, newest_ns; /* of records in the spool; 0: none */
	char capture[LOCK_HOLDER_MAX], ship[LOCK_HOLDER_MAX];
	bool capture_runs, ship_runs;
	bool wears; /* is it known? */
	struct wear wear;
};

static int open_spool(const char *dir, struct spool *spool)
{
	struct err_detail why = { "" };
	int err = spool_open(spool, dir, false, &why);

	if (err)
		log_error("%s", why.text);
	return err;
}

/* --- status --- */

static void read_settled(struct status *st)
{
	struct slots slots;
	struct ack ack;
	struct first first;

	if (ack_open(&slots, st->spool.dir, st->spool.epoch, false, NULL))
		slots.fd = -1;
	ack_read(&slots, &ack, NULL);
	slots_close(&slots);
	st->ack = ack.chain[ACK_REC];
	st->settled = st->ack.counts;
	for (unsigned i = 0; i < st->ack.nranges; i++)
		ack_count_range(&st->settled, &st->ack.ranges[i]);
	if (first_open(&slots, st->spool.dir, st->spool.epoch, false, NULL))
		slots.fd = -1;
	first_read(&slots, &first);
	slots_close(&slots);
	st->kept_from = first.first_seq;
	st->trimmed = first.trimmed;
	st->trimmed_packets = first.to_tell - first.repeated;
}

/* Committed records above what is settled or given up: by the totals in the frame that comes next, not
 * by the counts, for they are gone with a lost ack. */
static void count_backlog(struct status *st, struct reader *reader)
{
	uint64_t at = st->ack.frontier + 1;
	struct reader_frame f;

	at = at > st->kept_from ? at : st->kept_from;
	st->backlog = 0;
	if (reader_next(reader, at, &f) == 0) {
		uint64_t inside = f.header.first_seq < at ? at - f.header.first_seq : 0;
		uint64_t before = f.header.totals.committed - f.header.count + inside - f.gap.lost;
		st->backlog = st->totals.committed - before;
	} else {
		st->backlog = f.gap.lost;
	}
	for (unsigned i = 0; i < st->ack.nranges; i++) {
		const struct ack_range *r = &st->ack.ranges[i];
		uint64_t n = (uint64_t)r->indexed + r->already_there + r->dead + r->lost;
		if (r->first >= at)
			st->backlog -= n < st->backlog ? n : st->backlog;
	}
}

static int read_chain(struct status *st)
{
	struct reader *reader;
	struct reader_frame frame;
	const uint64_t *seqs;
	char path[PATHS_MAX];

	int err = reader_new(&st->spool, "rec", &reader);
	if (err)
		return err;
	err = reader_extent(reader, &st->first_seq, &st->last_seq, &st->totals);
	if (!err && reader_next(reader, st->first_seq, &frame) == 0)
		st->oldest_ns = frame.header.min_time_ns;
	if (!err && reader_next(reader, st->last_seq, &frame) == 0)
		st->newest_ns = frame.header.max_time_ns;
	if (!err)
		count_backlog(st, reader);
	st->segments = reader_segments(reader, &seqs);
	for (size_t i = 0; i < st->segments; i++)
		if (!paths_segment(path, st->spool.dir, "rec", seqs[i]))
			st->disk_bytes += chain_disk_bytes(path);
	reader_free(reader);
	return err == ERR_END ? 0 : err;
}

static int read_status(struct status *st)
{
	uint64_t size;

	st->capture_runs = spool_capture_runs(&st->spool, st->capture);
	st->ship_runs = spool_ship_runs(&st->spool, st->ship);
	read_settled(st); /* before what is committed: what is settled in between is backlog */
	int err = read_chain(st);
	st->wears = !err && st->capture_runs && wear_look(&st->spool, &st->totals, &st->wear);
	st->totals.lost[LOSS_TRIMMED] = st->trimmed_packets; /* each once, told or about to be */
	uint64_t done = ack_sum(&st->settled) + st->trimmed;
	if (done + st->backlog > st->totals.committed)
		st->undone = done + st->backlog - st->totals.committed;
	return err ? err : spool_disk(&st->spool, &st->free_bytes, &size);
}

static void line(const char *name, const char *value)
{
	(void)printf("%-16s %s\n", name, value);
}

static void count_line(const char *name, uint64_t n)
{
	char text[STATS_TEXT];

	line(name, stats_count(n, text));
}

static void time_line(const char *name, int64_t ns)
{
	char iso[CLOCK_ISO_LEN + 1];

	clock_iso(ns, iso);
	line(name, ns ? iso : "-");
}

static void wear_line(const struct wear *w)
{
	char now[WEAR_TEXT], sd[WEAR_TEXT], text[128];

	(void)snprintf(text, sizeof(text),
		"%s, at %.3g records and %.3g commits a second; with --media sd %s",
		wear_text(wear_per_day(w), now), w->records, w->commits,
		wear_text(wear_per_day_at(w, WEAR_SD_MS), sd));
	line("written a day", text);
}

static void print_table(const struct status *st)
{
	char bytes[STATS_TEXT], raw[STATS_TEXT], text[2 * STATS_TEXT + 32];

	line("spool", st->spool.dir);
	line("capture", st->capture_runs ? st->capture : "not running");
	line("ship", st->ship_runs ? st->ship : "not running");
	count_line("committed", st->totals.committed);
	count_line("indexed", st->settled.indexed);
	count_line("already there", st->settled.already_there);
	count_line("dead letters", st->settled.dead);
	count_line("lost", st->settled.lost + st->trimmed);
	count_line("backlog", st->backlog);
	if (st->undone)
		count_line("undone here", st->undone);
	count_line("segments", st->segments);
	(void)snprintf(text, sizeof(text), "%s (%s of documents passed through)",
		stats_bytes(st->disk_bytes, bytes), stats_bytes(st->totals.raw_bytes, raw));
	line("on the disk", text);
	line("disk free", stats_bytes(st->free_bytes, bytes));
	if (st->wears)
		wear_line(&st->wear);
	time_line("oldest record", st->oldest_ns);
	time_line("newest record", st->newest_ns);
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		if (st->totals.lost[i]) {
			(void)snprintf(
				text, sizeof(text), "lost, %s", loss_name((enum loss_reason)i));
			count_line(text, st->totals.lost[i]);
		}
}

static void json_time(struct json *j, const char *key, int64_t ns)
{
	char iso[CLOCK_ISO_LEN + 1];

	clock_iso(ns, iso);
	if (ns)
		json_str(j, key, iso);
}

static void json_losses(struct json *j, const struct status *st)
{
	json_open(j, "losses");
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		json_u64(j, loss_name((enum loss_reason)i), st->totals.lost[i]);
	json_close(j);
}

static void json_wear(struct json *j, const struct wear *w)
{
	json_u64(j, "records_per_hour", (uint64_t)(w->records * 3600));
	json_u64(j, "commits_per_hour", (uint64_t)(w->commits * 3600));
	json_u64(j, "written_per_day", (uint64_t)wear_per_day(w));
	json_u64(j, "written_per_day_sd", (uint64_t)wear_per_day_at(w, WEAR_SD_MS));
}

static void print_json(const struct status *st)
{
	char memory[8192];
	struct json j;

	json_init(&j, memory, sizeof(memory));
	json_open(&j, NULL);
	json_str(&j, "spool", st->spool.dir);
	json_bool(&j, "capture_runs", st->capture_runs);
	json_str(&j, "capture", st->capture);
	json_bool(&j, "ship_runs", st->ship_runs);
	json_str(&j, "ship", st->ship);
	json_u64(&j, "committed", st->totals.committed);
	json_u64(&j, "indexed", st->settled.indexed);
	json_u64(&j, "already_there", st->settled.already_there);
	json_u64(&j, "dead", st->settled.dead);
	json_u64(&j, "lost", st->settled.lost + st->trimmed);
	json_u64(&j, "late", st->settled.late);
	json_u64(&j, "backlog", st->backlog);
	json_u64(&j, "undone", st->undone);
	json_u64(&j, "skipped", st->totals.skipped);
	json_u64(&j, "first_sequence", st->first_seq);
	json_u64(&j, "last_sequence", st->last_seq);
	json_u64(&j, "segments", st->segments);
	json_u64(&j, "disk_bytes", st->disk_bytes);
	json_u64(&j, "raw_bytes", st->totals.raw_bytes);
	json_u64(&j, "stored_bytes", st->totals.stored_bytes);
	json_u64(&j, "free_bytes", st->free_bytes);
	if (st->wears)
		json_wear(&j, &st->wear);
	json_time(&j, "oldest", st->oldest_ns);
	json_time(&j, "newest", st->newest_ns);
	json_losses(&j, st);
	json_close(&j);
	(void)printf("%.*s\n", (int)json_len(&j), memory);
}

static int run_status(int argc, char **argv)
{
	struct status st = { .first_seq = 0 };
	bool as_json = false;
	const char *dir = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			as_json = true;
		else if (!dir && argv[i][0] != '-')
			dir = argv[i];
		else
			return command_wrong_usage(&command_spool_status);
	}
	if (!dir)
		return command_wrong_usage(&command_spool_status);
	if (open_spool(dir, &st.spool))
		return 1;
	int err = read_status(&st);
	if (err) {
		log_error("cannot read the spool %s: %s", dir, err_text(err));
		return 1;
	}
	if (as_json)
		print_json(&st);
	else
		print_table(&st);
	return 0;
}

/* --- cat --- */

static int cat(const struct spool *spool)
{
	struct reader *reader;
	struct reader_frame f;
	uint64_t from = 1;

	int err = reader_new(spool, "rec", &reader);
	while (!err && !(err = reader_next(reader, from, &f))) {
		if (f.gap.lost)
			log_warn("records %llu to %llu: %llu are missing",
				(unsigned long long)f.gap.first, (unsigned long long)f.gap.last,
				(unsigned long long)f.gap.lost);
		if (fwrite(f.text, 1, f.header.raw_len, stdout) != f.header.raw_len)
			err = ERR_SYS;
		from = f.header.first_seq + f.header.count;
	}
	reader_free(reader);
	if (err == ERR_END && fflush(stdout) == 0)
		return 0;
	log_error("cannot print the records of %s: %s", spool->dir,
		err == ERR_SYS || err == ERR_END ? strerror(errno) : err_text(err));
	return 1;
}

static int run_cat(int argc, char **argv)
{
	struct spool spool;

	if (argc != 2 || argv[1][0] == '-')
		return command_wrong_usage(&command_spool_cat);
	return open_spool(argv[1], &spool) ? 1 : cat(&spool);
}

const struct command command_spool_status = { "spool status", "DIR [--json]",
	"say what a spool holds and who works on it",
	"Looks without locking anything: espcap-capture and espcap-ship may be running.\n"
	"--json prints one JSON object on one line.\n",
	run_status };
const struct command command_spool_cat = { "spool cat", "DIR", "print the documents of a spool",
	"Prints the documents that the spool still holds, one a line, oldest first, settled\n"
	"or not; nothing is changed.\n",
	run_cat };
