/* main.c -- espcap-capture: options, then one source after the other into one sink. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "feed.h"
#include "log.h"
#include "options.h"
#include "program.h"
#include "report.h"
#include "sink.h"
#include "source.h"
#include "spool.h"
#include "writer.h"

enum { FLUSH_MS = 250, FLUSH_SD_MS = 5000 };

static volatile bool stop;
static volatile sig_atomic_t ctrl_c; /* a person ended it, not systemd (F8) */

static void on_signal(int signal)
{
	ctrl_c = signal == SIGINT;
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED); /* other threads look at it, too */
}

/* The first signal ends the capture in good order, the second one at once. */
static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static void usage(FILE *out)
{
	(void)fprintf(out,
		"Usage: espcap-capture --file FILE ... | --nic INTERFACE\n"
		"                      --spool DIR | --stdout  [OPTION ...] [FILTER]\n\n"
		"Decodes packets and appends one JSON document for each to a spool, from where\n"
		"espcap-ship takes them, or prints them.\n\n"
		"  espcap-capture --file dump.pcap --stdout\n"
		"  espcap-capture --nic eth0 --spool /var/lib/espcap/spool not port 9200\n"
		"  tcpdump -w - | espcap-capture --file - --spool /tmp/spool\n\n");
	conf_print_help(CONF_CAPTURE, out);
	(void)fputs("\nManuals: espcap-capture(8), espcap.conf(5).\n", out);
}

/* --- sources --- */

struct run {
	const struct conf *conf;
	struct feed feed;
	struct source_conf source;
	struct sensor_clock clock;
	struct spool spool;
	struct writer *writer; /* NULL: --stdout; owned by the sink */
	struct report report;
	char *filter; /* owned: words of the command line, or NULL */
	int worst;    /* exit code so far */
	bool resumes; /* the spool knows the file at hand, and how far it was read */
};

/* Nothing comes for a moment. False: there is no use in waiting for more. */
static bool idle(void *arg)
{
	struct run *run = arg;
	struct sink *sink = run->feed.sink;

	feed_idle(&run->feed);
	report_waits(&run->report);
	return !stop && !sink->failed(sink, NULL);
}

/* What the spool cannot store is told once, at the end. */
static void complain(struct run *run, const char *name, const struct err_detail *why)
{
	if (!run->feed.sink->failed(run->feed.sink, NULL))
		log_error("%s%s%s", name, *name ? " " : "", why->text);
	run->worst = 1;
}

static bool enough(const struct run *run)
{
	return stop || (run->feed.count_max && run->feed.counts.received >= run->feed.count_max);
}

/* While the spool makes the packet thread wait, or its threads end. */
static void waits(void *arg)
{
	struct run *run = arg;

	report_waits(&run->report);
	if (run->feed.clock)
		sensor_clock_look(run->feed.clock);
}

static void tick(void *arg, struct feed *feed, struct source *source)
{
	report_tick(arg, feed, source);
}

/* With --resume: how many packets of this file the spool has seen. */
static uint64_t already_done(const struct run *run, uint64_t file, const char *path)
{
	char number[STATS_TEXT];
	uint64_t done = file && run->writer && conf_flag(run->conf, OPT_RESUME)
				? writer_place(run->writer, file)
				: 0;

	if (done)
		log_info("%s: going on after packet %s", path, stats_count(done, number));
	return done;
}

/* A file that was read before has more packets than it had then, or as many. */
static void check_length(struct run *run, const char *path, uint64_t done, uint64_t there)
{
	char read[STATS_TEXT], holds[STATS_TEXT];

	if (run->feed.stopped || enough(run) || there >= done)
		return;
	log_warn("%s was read up to packet %s before and ends behind packet %s now: it was cut, "
		 "or is another one",
		path, stats_count(done, read), stats_count(there, holds));
}

static void one_file(struct run *run, const char *path)
{
	const struct feed_counts *counts = &run->feed.counts;
	struct feed_counts before = *counts;
	struct err_detail why = { "" };
	struct source *source = NULL;
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;

	int err = source_open_file(path, &run->source, &source, &why);
	run->resumes = false;
	run->feed.stopped = err == ERR_STOPPED;
	if (err == ERR_STOPPED)
		return;
	if (err) {
		complain(run, "", &why);
		run->worst = err == ERR_USAGE ? EXIT_USAGE : 1;
		return;
	}
	report_source(&run->report, source, name);
	uint64_t file = source_identity(source), done = already_done(run, file, path);
	run->resumes = file && run->writer;
	err = feed_run(&run->feed, source, file, is_stdin ? NULL : path, done, &why);
	source_close(source);
	if (!err)
		check_length(run, path, done,
			counts->received - before.received + counts->skipped - before.skipped +
				counts->filtered - before.filtered);
	if (err)
		complain(run, err == ERR_TRUNCATED || err == ERR_INPUT ? name : "", &why);
}

/* A pipe ends when its people say so; a file has an end of its own. espcap says it itself. */
static void interrupted(struct run *run, size_t at, size_t count)
{
	const char *path = conf_item(run->conf, OPT_FILE, at);
	char number[STATS_TEXT], rest[STATS_TEXT + 64] = "";
	size_t left = count - at - 1;

	if (strcmp(path, "-") == 0 && !left)
		return;
	if (!run->worst && ctrl_c)
		run->worst = EXIT_INTERRUPTED;
	if (run->report.fd >= 0)
		return;
	if (left)
		(void)snprintf(rest, sizeof(rest), ", and %s behind it %s not begun",
			stats_count(left, number), left == 1 ? "was" : "were");
	log_warn("interrupted: %s was not read to its end%s%s", path, rest,
		run->resumes ? "; the same command with --resume goes on" : "");
}

static void files(struct run *run)
{
	size_t count = conf_count(run->conf, OPT_FILE), i = 0;

	for (; i < count && !enough(run); i++) {
		one_file(run, conf_item(run->conf, OPT_FILE, i));
		if (run->feed.stopped)
			break;
	}
	if (stop && i < count)
		interrupted(run, i, count);
}

/* Documents are wanted, so the times in them matter. */
static void start_clock(struct run *run)
{
	enum schema schema = options_schema(run->conf);

	if (!run->feed.maker.document)
		return;
	sensor_clock_start(&run->clock, (enum clock_trust)conf_word(run->conf, OPT_CLOCK),
		run->writer, schema != SCHEMA_LITE);
	run->feed.clock = &run->clock;
}

static void live(struct run *run)
{
	const char *nic = conf_text(run->conf, OPT_NIC);
	struct err_detail why = { "" };
	struct source *source = NULL;

	start_clock(run); /* before the first packet is stamped */
	int err = source_open_live(nic, &run->source, &source, &why);
	if (err) {
		complain(run, "", &why);
		run->worst = err == ERR_USAGE ? EXIT_USAGE : 1;
		return;
	}
	report_source(&run->report, source, nic);
	log_info("capturing on %s, link type %s; Ctrl-C ends it", nic,
		source_linktype_name(source_linktype(source)));
	if (run->feed.clock)
		sensor_clock_announce(run->feed.clock);
	err = feed_run(&run->feed, source, 0, NULL, 0, &why);
	source_close(source);
	if (err)
		complain(run, "", &why);
}

/* --- the sink --- */

static int open_spool(
	struct run *run, const char *sensor, enum frame_kind kind, struct err_detail *why)
{
	const struct conf *c = run->conf;
	bool nic = conf_text(c, OPT_NIC), sd = conf_word(c, OPT_MEDIA) == 1;
	int policy = conf_word(c, OPT_WHEN_FULL);
	int64_t cap = conf_number(c, OPT_SPOOL_MAX), floor = conf_number(c, OPT_SPOOL_FREE);
	struct writer_conf conf = {
		.sensor = sensor,
		.when_full = policy >= 0 ? (enum writer_policy)policy
			     : nic       ? WRITER_DROP_OLDEST
					 : WRITER_BLOCK,
		.flush_ms = conf_given(c, OPT_FLUSH_INTERVAL) ? conf_number(c, OPT_FLUSH_INTERVAL)
			    : sd                              ? FLUSH_SD_MS
							      : FLUSH_MS,
		.cap = cap > 0 ? (uint64_t)cap : 0,
		.free_floor = floor >= 0 ? (uint64_t)floor : UINT64_MAX,
		.stop = &stop,
		.boot_id = run->clock.watch.boot_id,
		.waits = waits,
		.waits_arg = run,
	};

	run->report.blocks = conf.when_full == WRITER_BLOCK;
	int err = spool_open(&run->spool, conf_text(c, OPT_SPOOL), true, why);
	if (!err && run->spool.recovered)
		log_warn("%s/SPOOL was damaged; it was written again as the segments say",
			run->spool.dir);
	if (!err)
		err = writer_open(&run->spool, &conf, &run->writer, why);
	if (!err)
		err = sink_spool_open(run->writer, kind, &run->feed.sink, why);
	return err;
}

/* Into a spool one thread decodes as much as the others compress and commit; from an interface a
 * document is wanted at once. The first worker gets the feed's own maker. */
static int open_workers(struct run *run, const char *name, struct err_detail *why)
{
	unsigned count = conf_text(run->conf, OPT_NIC) ? 0 : workers_wanted();
	int err = count ? workers_new(run->feed.sink, count, &run->feed.workers, why) : 0;

	for (unsigned i = 0; i < count && !err; i++) {
		err = i ? options_maker(run->conf, name, &run->feed.maker, why) : 0;
		if (!err)
			err = workers_add(run->feed.workers, &run->feed.maker, why);
	}
	return err;
}

static int open_stdout(struct run *run, const char *name, struct err_detail *why)
{
	int err = sink_stdout_open(&run->feed.sink, why);

	return err ? err : open_workers(run, name, why);
}

static int open_all(struct run *run, struct err_detail *why)
{
	const struct conf *c = run->conf;
	static char host[256] = "localhost";
	const char *name = conf_text(c, OPT_NAME);

	(void)gethostname(host, sizeof(host) - 1);
	name = name ? name : host;
	int err = options_filter(c, &run->source.filter, &run->filter, why);
	if (!err)
		err = options_maker(c, name, &run->feed.maker, why);
	run->report.documents = run->feed.maker.document != NULL;
	if (!err && conf_flag(c, OPT_STDOUT))
		return open_stdout(run, name, why);
	if (!err)
		err = options_try_files(c, &run->source, why);
	if (!err)
		err = open_spool(run, name, (enum frame_kind)options_schema(c), why);
	run->report.writer = run->writer;
	return err;
}

/* Closing commits what is held; only then are the last numbers known. */
static int finish(struct run *run, struct err_detail *why)
{
	struct writer_status status;
	bool spooled = run->writer != NULL;

	if (!run->feed.sink)
		return 0;
	run->feed.sink->last = spooled ? &status : NULL;
	int err = run->feed.sink->close(run->feed.sink, why);
	report_end(&run->report, &run->feed, spooled ? &status : NULL);
	return err ? 1 : 0;
}

static int capture(const struct conf *c, struct err_detail *why)
{
	struct run run = {
		.conf = c,
		.feed = { .count_max = (uint64_t)conf_number(c, OPT_COUNT),
			.stop = &stop,
			.tick = tick },
		.source = { .snaplen = (int)conf_number(c, OPT_SNAPLEN),
			.stop = &stop,
			.idle = idle },
		.report = { .fd = (int)conf_number(c, OPT_REPORT_FD),
			.start_ms = clock_ms(clock_monotonic_ns()) },
	};

	run.source.idle_arg = &run;
	run.feed.tick_arg = &run.report;
	run.feed.linktype = report_linktype;
	run.feed.linktype_arg = &run.report;
	int err = open_all(&run, why);
	if (!err) {
		handle_signals();
		if (conf_text(c, OPT_NIC))
			live(&run);
		else
			files(&run);
	}
	workers_free(run.feed.workers); /* before their sink */
	int unstored = err ? 0 : finish(&run, why);
	maker_free(&run.feed.maker);
	free(run.filter);
	if (err || unstored)
		log_error("%s", why->text);
	return err == ERR_USAGE ? EXIT_USAGE : err || unstored ? 1 : run.worst;
}

static int start(const struct conf *c, struct err_detail *why)
{
	if (conf_flag(c, OPT_LIST)) {
		int err = source_list(stdout, why);
		if (err)
			log_error("%s", why->text);
		return err ? 1 : 0;
	}
	if (options_check(c, why)) {
		log_error("%s; --help lists the options", why->text);
		return EXIT_USAGE;
	}
	if (conf_flag(c, OPT_CHECK))
		return 0;
	return capture(c, why);
}

int main(int argc, char **argv)
{
	static const struct program program = { "espcap-capture", CONF_CAPTURE, usage, start };

	return program_run(&program, argc, argv);
}
