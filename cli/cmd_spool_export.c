/* cmd_spool_export.c -- espcap spool export: what is not settled, for another machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "dead_index.h"
#include "export.h"
#include "log.h"
#include "looks.h"
#include "stats.h"

/* A record that lies in dead/ or parked/ and nowhere else: it goes along as a record. */
struct apart {
	uint64_t seq, at; /* of the record; of its line */
	bool parked;
};

struct job {
	struct spool spool;
	char dir[PATHS_MAX], part[PATHS_MAX];
	bool all;
	struct ack ack;
	struct first first;
	struct meter meter;
	struct dead_index *index;
	struct reader *letters, *parked;
	enum ack_chain_id collecting; /* lines of this chain's records ... */
	bool from_parked;             /* ... in parked/, else in dead/ */
	struct apart *apart;          /* owned; by sequence */
	size_t napart, apart_cap, next_apart;
	uint64_t missing, moved, bytes;
	struct export_counts counts;
};

/* --- what lies apart --- */

static int collect(
	void *arg, const struct reader_frame *f, uint64_t at, const char *line, size_t len)
{
	struct job *job = arg;
	struct dead_line d;

	(void)f;
	if (dead_line_read(line, len, &d) || d.chain != job->collecting)
		return 0;
	if (job->from_parked ? ack_covers(&job->ack.chain[ACK_PARKED], at, at)
			     : !dead_index_is_last(job->index, &d, at))
		return 0;
	if (job->napart == job->apart_cap) {
		size_t cap = job->apart_cap ? 2 * job->apart_cap : 64;
		struct apart *more = realloc(job->apart, cap * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		job->apart = more;
		job->apart_cap = cap;
	}
	job->apart[job->napart++] = (struct apart){ d.seq, at, job->from_parked };
	return 0;
}

static int by_seq(const void *a, const void *b)
{
	const struct apart *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Dead letters and parked records that come from a chain. */
static int collect_all(struct job *job, enum ack_chain_id id)
{
	uint64_t missing = 0;

	job->napart = job->next_apart = 0;
	job->collecting = id;
	job->from_parked = false;
	int err = reader_each_line(
		&job->spool, "dead", job->ack.chain[ACK_DEAD].frontier + 1, collect, job, &missing);
	job->missing += id == ACK_REC ? missing : 0;
	job->from_parked = true;
	if (!err)
		err = reader_each_line(&job->spool, "parked",
			job->ack.chain[ACK_PARKED].frontier + 1, collect, job, &missing);
	job->missing += id == ACK_REC ? missing : 0;
	if (job->napart)
		qsort(job->apart, job->napart, sizeof(*job->apart), by_seq);
	return err;
}

static int add_apart(struct job *job, struct export_file *x, const struct apart *a)
{
	struct reader_frame f;
	struct dead_line d;
	int err = reader_next_now(a->parked ? job->parked : job->letters, a->at, &f);

	if (err || f.header.first_seq > a->at)
		return err == ERR_END || !err ? 0 : err; /* retried or shipped while we read */
	const char *line = f.text, *end = f.text + f.header.raw_len;
	for (uint64_t seq = f.header.first_seq; seq < a->at; seq++)
		line = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
	err = dead_line_read(
		line, (size_t)((const char *)memchr(line, '\n', (size_t)(end - line)) - line), &d);
	if (err)
		return 0;
	const struct export_record r = { d.run, d.seq, d.kind, d.flags,
		frame_record_time(&f.header, d.record.p, d.record.len), d.record.p, d.record.len };
	job->moved++;
	return export_add(x, &r);
}

/* Those before a sequence; one that is the sequence itself is there without it. */
static int add_apart_before(struct job *job, struct export_file *x, uint64_t seq)
{
	int err = 0;

	while (job->next_apart < job->napart && job->apart[job->next_apart].seq < seq && !err) {
		const struct apart *a = &job->apart[job->next_apart++];
		bool again = job->next_apart > 1 && a[-1].seq == a->seq;
		err = again ? 0 : add_apart(job, x, a);
	}
	while (job->next_apart < job->napart && job->apart[job->next_apart].seq == seq)
		job->next_apart++;
	return err;
}

/* --- the chains --- */

static bool is_wanted(const struct job *job, enum ack_chain_id id, uint64_t seq)
{
	return job->all || !(ack_covers(&job->ack.chain[id], seq, seq) ||
				   (id == ACK_REC && seq < job->first.first_seq));
}

static int add_frame(
	struct job *job, enum ack_chain_id id, struct export_file *x, const struct reader_frame *f)
{
	const char *line = f->text, *end = line + f->header.raw_len;
	int err = 0;

	for (uint64_t seq = f->header.first_seq; line < end && !err; seq++) {
		const char *next = (const char *)memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)(next - line);
		const struct export_record r = { f->header.run, seq, f->header.kind,
			f->header.flags, frame_record_time(&f->header, line, len), line, len };
		if (is_wanted(job, id, seq)) {
			err = add_apart_before(job, x, seq);
			if (!err)
				err = export_add(x, &r);
		}
		line = next + 1;
	}
	meter_show(&job->meter, x->records);
	return err;
}

static void count_gap(struct job *job, enum ack_chain_id id, const struct reader_gap *gap)
{
	if (!gap->lost || ack_covers(&job->ack.chain[id], gap->first, gap->last) ||
		(id == ACK_REC && looks_trimmed(&job->spool, gap)))
		return;
	job->missing += gap->lost;
	log_warn("records %llu to %llu: %llu are missing", (unsigned long long)gap->first,
		(unsigned long long)gap->last_lost, (unsigned long long)gap->lost);
}

/* Up to where the chain goes now: a capture may write faster than we read. */
static int add_chain(struct job *job, const char *name, enum ack_chain_id id, struct export_file *x)
{
	struct reader *r;
	struct reader_frame f;
	struct frame_totals totals;
	uint64_t first = 1, last = 0, from = job->all ? 1 : job->ack.chain[id].frontier + 1;

	int err = reader_new(&job->spool, name, &r);
	if (err)
		return err;
	err = reader_extent(r, &first, &last, &totals);
	while (!err && from <= last) {
		err = reader_next_now(r, from, &f);
		if (!err || err == ERR_END)
			count_gap(job, id, &f.gap);
		if (err)
			break;
		err = add_frame(job, id, x, &f);
		from = f.header.first_seq + f.header.count;
		reader_forget(r, f.header.first_seq);
	}
	reader_free(r);
	err = err == ERR_END ? 0 : err;
	return err ? err : add_apart_before(job, x, UINT64_MAX);
}

static int export_chain(struct job *job, const char *name, enum ack_chain_id id, uint64_t *records)
{
	struct export_file x;

	int err = collect_all(job, id);
	if (err)
		return err;
	err = export_open(&x, job->part, name);
	if (!err)
		err = add_chain(job, name, id, &x);
	int closed = export_close(&x);
	err = err ? err : closed;
	*records = x.records;
	job->bytes += x.bytes;
	return err;
}

/* --- the folder --- */

static int copy_pattern(const struct job *job)
{
	char from[PATHS_MAX], to[PATHS_MAX], text[65536];

	int err = paths_join(from, job->spool.dir, "pattern");
	if (!err)
		err = paths_join(to, job->part, "pattern");
	FILE *file = err ? NULL : fopen(from, "re");
	if (!file)
		return err ? err : errno == ENOENT ? 0 : ERR_SYS;
	size_t n = fread(text, 1, sizeof(text), file);
	err = ferror(file) ? ERR_SYS : 0;
	(void)fclose(file);
	return err ? err : paths_replace(to, text, n);
}

static int export_all(struct job *job)
{
	int err = dead_index_new(&job->spool, job->ack.chain[ACK_DEAD].frontier, &job->index);

	if (!err)
		err = reader_new(&job->spool, "dead", &job->letters);
	if (!err)
		err = reader_new(&job->spool, "parked", &job->parked);
	if (!err)
		err = export_chain(job, "rec", ACK_REC, &job->counts.rec);
	if (!err)
		err = export_chain(job, "loss", ACK_LOSS, &job->counts.loss);
	if (!err)
		err = copy_pattern(job);
	if (!err)
		err = export_put_counts(job->part, &job->counts);
	/* under its name only when it is whole */
	if (!err && rename(job->part, job->dir) != 0)
		err = ERR_SYS;
	return err ? err : paths_sync_parent(job->dir);
}

static bool make_folder(struct job *job, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n + 8 > sizeof(job->part)) {
		log_error("the path of the export is too long");
		return false;
	}
	(void)snprintf(job->dir, sizeof(job->dir), "%.*s", (int)n, dir);
	(void)snprintf(job->part, sizeof(job->part), "%.*s.part", (int)n, dir);
	if (access(job->dir, F_OK) == 0) {
		log_error("%s is there already; name a new folder", job->dir);
		return false;
	}
	if (mkdir(job->part, 0770) == 0)
		return true;
	if (errno == EEXIST)
		log_error("%s is there already, from an export that was interrupted; remove it",
			job->part);
	else
		log_error("cannot make %s: %s", job->part, strerror(errno));
	return false;
}

static uint64_t expected(const struct job *job)
{
	struct ack_counts done = looks_counts(&job->ack.chain[ACK_REC]);
	struct frame_totals totals = { 0 };
	struct reader *r;
	uint64_t first, last;

	if (reader_new(&job->spool, "rec", &r))
		return 0;
	if (reader_extent(r, &first, &last, &totals))
		totals.committed = 0;
	reader_free(r);
	uint64_t all = totals.committed, gone = ack_sum(&done) + job->first.trimmed;
	return job->all || gone > all ? all : all - gone;
}

static int run(struct job *job)
{
	char rec[STATS_TEXT], loss[STATS_TEXT], moved[STATS_TEXT], bytes[STATS_TEXT];

	looks_settled(&job->spool, &job->ack, &job->first);
	meter_begin(&job->meter, "exported", expected(job), false);
	int err = export_all(job);
	meter_end(&job->meter);
	reader_free(job->letters);
	reader_free(job->parked);
	dead_index_free(job->index);
	free(job->apart);
	if (err) {
		log_error("cannot export %s to %s: %s", job->spool.dir, job->dir,
			err == ERR_SYS || err == ERR_SPOOL_IO ? strerror(errno) : err_text(err));
		export_remove(job->part);
		return 1;
	}
	(void)printf("%s records and %s loss documents of espcap-ship in %s, %s; %s of them were "
		     "dead letters or parked\n",
		stats_count(job->counts.rec, rec), stats_count(job->counts.loss, loss), job->dir,
		stats_bytes(job->bytes, bytes), stats_count(job->moved, moved));
	if (job->missing)
		log_warn("%llu records are damaged on the disk and not in it",
			(unsigned long long)job->missing);
	return job->missing ? 1 : 0;
}

static int run_export(int argc, char **argv)
{
	static struct job job;
	const char *words[2] = { NULL, NULL };
	unsigned n = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--all") == 0)
			job.all = true;
		else if (n < 2 && argv[i][0] != '-')
			words[n++] = argv[i];
		else
			return command_stray(&command_spool_export, argv[i]);
	}
	if (n != 2)
		return command_wrong_usage(&command_spool_export);
	if (looks_open(words[0], &job.spool) || !make_folder(&job, words[1]))
		return 1;
	return run(&job);
}

const struct command command_spool_export = { "spool export", "DIR NEWDIR [--all]",
	"copy what is not settled, for another machine",
	"Makes a compact copy in a new folder, also while the services run; the spool stays as it\n"
	"is. spool import makes a spool of it, on any machine. Records keep their _id, so what is\n"
	"shipped from both is stored once. Dead letters and parked records go along as records\n"
	"that are tried again. --all takes everything that the spool holds. The exit status is 1\n"
	"when records are damaged and not in the copy.\n",
	run_export };
