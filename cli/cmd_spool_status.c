/* cmd_spool_status.c -- espcap spool status: what a spool holds, and who works on it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "json.h"
#include "log.h"
#include "looks.h"
#include "stats.h"
#include "status.h"

/* --- as a table --- */

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

static void print_holders(const struct status *st)
{
	char cap[STATS_TEXT], floor[STATS_TEXT], text[3 * STATS_TEXT + 64];

	line("spool", st->spool.dir);
	line("capture", st->capture_runs ? st->capture : "not running");
	line("ship", st->ship_runs ? st->ship : "not running");
	if (*st->says)
		line("ship waits", st->says);
	if (st->trims)
		line("trim", st->trim);
	(void)snprintf(text, sizeof(text), "%s, %s free to stay, %s%s",
		stats_bytes(st->limits.cap, cap), stats_bytes(st->limits.free_floor, floor),
		st->limits.when_full, st->capture_runs ? "" : " (as used last)");
	line("cap", st->limits_known ? text : "unknown: no capture has told it");
}

static void dead_line(const struct status *st)
{
	char text[3 * STATS_TEXT + 32], count[STATS_TEXT], is[STATS_TEXT], most[STATS_TEXT];

	(void)snprintf(text, sizeof(text), "%s, %s of at most %s (%s)",
		stats_count(st->dead_letters, count), stats_bytes(st->dead.disk_bytes, is),
		stats_bytes(st->limits_ship.dead_max, most),
		st->limits_ship.dead_drop ? "drop" : "pause");
	line("dead letters", text);
}

static void print_records(const struct status *st)
{
	char lag[STATS_TEXT], count[STATS_TEXT], bytes[STATS_TEXT], text[3 * STATS_TEXT + 32];

	count_line("committed", st->rec.totals.committed);
	count_line("indexed", st->indexed);
	count_line("already there", st->already_there);
	dead_line(st);
	count_line("lost", st->lost);
	count_line("backlog", st->backlog);
	if (st->undone)
		count_line("undone here", st->undone);
	if (st->parked_now) {
		(void)snprintf(text, sizeof(text), "%s, %s, %s old",
			stats_count(st->parked_now, count),
			stats_bytes(st->parked.disk_bytes, bytes),
			stats_duration(status_parked_lag_ms(st), lag));
		line("of it parked", text);
	}
	if (st->loss_backlog)
		count_line("loss documents", st->loss_backlog);
	(void)snprintf(text, sizeof(text), "%s, %s records", stats_duration(status_lag_ms(st), lag),
		stats_count(st->backlog, count));
	line("lag", st->backlog && st->waiting_ns ? text : "none");
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

static void print_disk(const struct status *st)
{
	char bytes[STATS_TEXT], raw[STATS_TEXT], text[2 * STATS_TEXT + 64];

	count_line("segments", st->rec.segments);
	(void)snprintf(text, sizeof(text), "%s, for %s of documents",
		stats_bytes(st->rec.disk_bytes, bytes),
		stats_bytes(status_less(st->rec.totals.raw_bytes, st->before.raw_bytes), raw));
	line("on the disk", text);
	line("disk free", stats_bytes(st->free_bytes, bytes));
	if (st->wears)
		wear_line(&st->wear);
	time_line("oldest record", st->oldest_ns);
	time_line("newest record", st->newest_ns);
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		if (status_losses(st, i)) {
			(void)snprintf(
				text, sizeof(text), "lost, %s", loss_name((enum loss_reason)i));
			count_line(text, status_losses(st, i));
		}
	if (st->quarantine.entries) {
		(void)snprintf(text, sizeof(text), "%s, %s; keep it until nobody wants it back",
			stats_count(st->quarantine.entries, raw),
			stats_bytes(st->quarantine.bytes, bytes));
		line("quarantine", text);
	}
	if (st->requested)
		line("request", "espcap dead waits for espcap-ship to do it");
}

/* --- as JSON --- */

static void json_time(struct json *j, const char *key, int64_t ns)
{
	char iso[CLOCK_ISO_LEN + 1];

	clock_iso(ns, iso);
	if (ns)
		json_str(j, key, iso);
}

static void json_holders(struct json *j, const struct status *st)
{
	json_str(j, "spool", st->spool.dir);
	json_bool(j, "capture_runs", st->capture_runs);
	json_str(j, "capture", st->capture);
	json_bool(j, "ship_runs", st->ship_runs);
	json_str(j, "ship", st->ship);
	json_str(j, "ship_waits", st->says);
	json_bool(j, "trims", st->trims);
	json_str(j, "trim", st->trim);
	if (st->limits_known) {
		json_u64(j, "cap_bytes", st->limits.cap);
		json_u64(j, "free_floor_bytes", st->limits.free_floor);
		json_str(j, "when_full", st->limits.when_full);
	}
	json_bool(j, "request", st->requested);
}

static void json_records(struct json *j, const struct status *st)
{
	json_u64(j, "committed", st->rec.totals.committed);
	json_u64(j, "indexed", st->indexed);
	json_u64(j, "already_there", st->already_there);
	json_u64(j, "dead", st->dead_letters);
	json_u64(j, "lost", st->lost);
	json_u64(j, "late", st->late);
	json_u64(j, "backlog", st->backlog);
	json_u64(j, "undone", st->undone);
	json_u64(j, "parked", st->parked_now);
	json_u64(j, "loss_backlog", st->loss_backlog);
	json_u64(j, "lag_ms", (uint64_t)status_lag_ms(st));
	json_u64(j, "parked_lag_ms", (uint64_t)status_parked_lag_ms(st));
	json_u64(j, "skipped", st->rec.totals.skipped);
	json_u64(j, "first_sequence", st->rec.first);
	json_u64(j, "last_sequence", st->rec.last);
}

static void json_wear(struct json *j, const struct wear *w)
{
	json_u64(j, "records_per_hour", (uint64_t)(w->records * 3600));
	json_u64(j, "commits_per_hour", (uint64_t)(w->commits * 3600));
	json_u64(j, "written_per_day", (uint64_t)wear_per_day(w));
	json_u64(j, "written_per_day_sd", (uint64_t)wear_per_day_at(w, WEAR_SD_MS));
}

static void json_disk(struct json *j, const struct status *st)
{
	const struct frame_totals *all = &st->rec.totals, *before = &st->before;

	json_u64(j, "segments", st->rec.segments);
	json_u64(j, "disk_bytes", st->rec.disk_bytes);
	json_u64(j, "held_records", status_less(all->committed, before->committed));
	json_u64(j, "held_raw_bytes", status_less(all->raw_bytes, before->raw_bytes));
	json_u64(j, "held_stored_bytes", status_less(all->stored_bytes, before->stored_bytes));
	json_u64(j, "raw_bytes", all->raw_bytes);
	json_u64(j, "stored_bytes", all->stored_bytes);
	json_u64(j, "dead_bytes", st->dead.disk_bytes);
	json_u64(j, "dead_max_bytes", st->limits_ship.dead_max);
	json_str(j, "when_dead_full", st->limits_ship.dead_drop ? "drop" : "pause");
	json_u64(j, "parked_max_bytes", limits_parked_max(&st->spool));
	json_u64(j, "parked_bytes", st->parked.disk_bytes);
	json_u64(j, "loss_bytes", st->loss.disk_bytes);
	json_u64(j, "free_bytes", st->free_bytes);
	if (st->wears)
		json_wear(j, &st->wear);
	json_u64(j, "quarantined", st->quarantine.entries);
	json_u64(j, "quarantine_bytes", st->quarantine.bytes);
	json_time(j, "oldest", st->oldest_ns);
	json_time(j, "newest", st->newest_ns);
}

static void print_json(const struct status *st)
{
	char memory[16384];
	struct json j;

	json_init(&j, memory, sizeof(memory));
	json_open(&j, NULL);
	json_holders(&j, st);
	json_records(&j, st);
	json_disk(&j, st);
	json_open(&j, "losses");
	for (unsigned i = 0; i < LOSS_REASONS; i++)
		json_u64(&j, loss_name((enum loss_reason)i), status_losses(st, i));
	json_close(&j);
	json_close(&j);
	(void)printf("%.*s\n", (int)json_len(&j), memory);
}

static int run_status(int argc, char **argv)
{
	static struct status st;
	bool as_json = false;
	const char *dir = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			as_json = true;
		else if (!dir && argv[i][0] != '-')
			dir = argv[i];
		else
			return command_stray(&command_spool_status, argv[i]);
	}
	if (!dir)
		return command_wrong_usage(&command_spool_status);
	if (looks_open(dir, &st.spool))
		return 1;
	int err = status_read(&st);
	if (err) {
		log_error("cannot read the spool %s: %s", dir, err_text(err));
		return 1;
	}
	if (as_json) {
		print_json(&st);
		return 0;
	}
	print_holders(&st);
	print_records(&st);
	print_disk(&st);
	return 0;
}

const struct command command_spool_status = { "spool status", "DIR [--json]",
	"say what a spool holds and who works on it",
	"Looks without locking anything: espcap-capture and espcap-ship may be running.\n"
	"--json prints one JSON object on one line; espcap(1) lists its members.\n",
	run_status };
