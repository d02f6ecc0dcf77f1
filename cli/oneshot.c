/* oneshot.c -- the command of the article: a file or an interface, printed or indexed.
 *
 * Without a node it becomes espcap-capture. With one it runs espcap-capture and espcap-ship over
 * a spool of its own and goes when all is settled; the spool stays when it is not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "command.h"
#include "log.h"
#include "node_url.h"
#include "oneshot_args.h"
#include "paths.h"
#include "progress.h"
#include "spool.h"
#include "state_dir.h"

enum { WAIT_MS = 100, CAPTURE_WAIT_MS = 5, DRAIN_S = 30 };

struct oneshot {
	struct conf conf;
	struct spool spool;
	char dir[PATHS_MAX];
	bool own_spool; /* lies in our state folder: goes when all is settled */
	bool live;
	struct child capture, ship;
	struct progress progress;
	bool interrupted, draining;
	int seen_signals;
	int64_t drain_until_ms; /* live, after the capture has ended: how long to wait in vain */
	uint64_t drained;
	int argc;
	char **argv;
};

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

/* --- without a node --- */

static int print_packets(const struct conf *c)
{
	struct child_args args;
	int err = oneshot_capture_args(&args, c);

	if (!err)
		err = child_args_add(&args, "--stdout");
	bool documents = conf_flag(c, OPT_JSON) || conf_flag(c, OPT_STDOUT) ||
			 conf_flag(c, OPT_LITE) || conf_given(c, OPT_SCHEMA);
	const char *format = conf_given(c, OPT_FORMAT) ? conf_text(c, OPT_FORMAT)
			     : documents               ? "json"
						       : "article";
	if (!err)
		err = child_args_add(&args, "--format=%s", format);
	int code = err == ERR_USAGE ? EXIT_USAGE : err ? 1 : child_exec(&args);
	child_args_done(&args);
	return code;
}

static int list_interfaces(void)
{
	struct child_args args;
	int err = child_args_init(&args, "espcap-capture");

	if (!err)
		err = child_args_add(&args, "--config=");
	if (!err)
		err = child_args_add(&args, "--list");
	int code = err ? 1 : child_exec(&args);
	child_args_done(&args);
	return code;
}

/* --- the spool --- */

static int choose_spool(struct oneshot *o, struct err_detail *why)
{
	char state[PATHS_MAX], time[CLOCK_ISO_LEN + 1];
	const char *named = conf_text(&o->conf, OPT_SPOOL);

	if (state_dir(state))
		return err_set(why, ERR_USAGE, "HOME or XDG_STATE_HOME is too long");
	if (named) {
		(void)snprintf(o->dir, sizeof(o->dir), "%s", named);
		o->own_spool = strncmp(named, state, strlen(state)) == 0;
	} else {
		if (state_dir_make(state))
			return err_set(
				why, ERR_PERMISSION, "cannot make %s: %s", state, strerror(errno));
		clock_iso(clock_wall_ns(), time);
		(void)snprintf(o->dir, sizeof(o->dir), "%.900s/%.10s-%.2s%.2s%.2s-%ld", state, time,
			time + 11, time + 14, time + 17, (long)getpid());
		o->own_spool = true;
	}
	mode_t mask = umask(o->own_spool ? 0077 : 0022);
	int err = spool_open(&o->spool, o->dir, true, why);
	(void)umask(mask);
	return err;
}

/* --- running both --- */

static int start_capture(struct oneshot *o, struct err_detail *why)
{
	struct child_args args;
	int err = oneshot_capture_args(&args, &o->conf);

	if (!err)
		err = child_args_add(&args, "--spool=%s", o->dir);
	if (!err && !conf_given(&o->conf, OPT_LOG_LEVEL))
		err = child_args_add(&args, "--log-level=warn");
	if (err)
		(void)err_set(why, err, "cannot start espcap-capture: %s", err_text(err));
	else
		err = child_start(&o->capture, &args, why);
	child_args_done(&args);
	return err;
}

/* A shipper that looks before capture has the spool finds nothing to do, and ends. */
static void wait_for_capture(struct oneshot *o)
{
	char holder[LOCK_HOLDER_MAX];

	while (o->capture.pid > 0 && !spool_capture_runs(&o->spool, holder)) {
		(void)poll(NULL, 0, CAPTURE_WAIT_MS);
		child_reap(&o->capture);
	}
}

static int start_ship(struct oneshot *o, struct err_detail *why)
{
	struct child_args args;
	int err = oneshot_ship_args(&args, &o->conf, o->dir);

	if (err)
		(void)err_set(why, err, "cannot start espcap-ship: %s", err_text(err));
	else
		err = child_start(&o->ship, &args, why);
	child_args_done(&args);
	return err;
}

/* --- while they run --- */

static void heed_signals(struct oneshot *o)
{
	if (signals == o->seen_signals)
		return;
	o->seen_signals = signals;
	if (o->live && o->capture.pid && !o->draining) {
		/* the end of a live capture is no interruption: what was captured is shipped */
		o->draining = true;
		child_signal(&o->capture, SIGINT);
		progress_clear(&o->progress);
		log_info("the capture ends; shipping the rest (Ctrl-C again leaves it in the "
			 "spool)");
		return;
	}
	o->interrupted = true;
	child_signal(&o->capture, SIGINT);
	child_signal(&o->ship, SIGTERM);
}

/* A live capture has ended and the node takes nothing: that is no reason to wait for ever. */
static void heed_standstill(struct oneshot *o)
{
	uint64_t settled = o->progress.indexed + o->progress.already_there;
	int64_t now = clock_ms(clock_monotonic_ns());

	if (!o->live || o->capture.pid || !o->ship.pid)
		return;
	if (!o->drain_until_ms || settled != o->drained) {
		o->drained = settled;
		o->drain_until_ms = now + DRAIN_S * INT64_C(1000);
	} else if (now > o->drain_until_ms) {
		child_signal(&o->ship, SIGTERM);
	}
}

static void read_reports(struct oneshot *o)
{
	struct pollfd fds[2] = { { .fd = o->capture.report, .events = POLLIN },
		{ .fd = o->ship.report, .events = POLLIN } };

	if (poll(fds, 2, WAIT_MS) <= 0)
		return;
	if (fds[0].revents)
		child_read(&o->capture, progress_capture, &o->progress);
	if (fds[1].revents)
		child_read(&o->ship, progress_ship, &o->progress);
}

static bool runs(const struct child *c)
{
	return c->pid > 0 || c->report >= 0;
}

static void watch(struct oneshot *o)
{
	while (runs(&o->capture) || runs(&o->ship)) {
		read_reports(o);
		child_reap(&o->capture);
		child_reap(&o->ship);
		heed_signals(o);
		heed_standstill(o);
		/* a shipper that gave up leaves a file for another time */
		if (!o->ship.pid && o->ship.status > 0 && !o->live)
			child_signal(&o->capture, SIGINT);
		progress_show(&o->progress, o->capture.pid > 0);
	}
	progress_clear(&o->progress);
}

/* --- the end --- */

static int conclude(struct oneshot *o)
{
	bool settled = o->ship.status == 0 && !o->interrupted;
	struct err_detail why;

	progress_summary(&o->progress, settled);
	(void)fflush(stdout);
	if (settled && o->own_spool && spool_remove(&o->spool, &why))
		log_warn("%s", why.text);
	if (!settled && o->progress.dead + o->progress.lost > 0 && !o->interrupted &&
		o->progress.backlog == 0) {
		log_error(
			"the dead letters stay in the spool; espcap dead list %s says why", o->dir);
	} else if (!settled) {
		log_error("not everything is indexed; the rest is safe in %s, and this goes on:",
			o->dir);
		oneshot_print_resume(o->dir, o->argc, o->argv);
	}
	if (o->interrupted)
		return EXIT_INTERRUPTED;
	if (o->capture.status > 0 && o->capture.status != EXIT_INTERRUPTED)
		return o->capture.status < 128 ? o->capture.status : 1;
	return settled && o->progress.dropped + o->progress.lost == 0 ? 0 : 1;
}

static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

static int index_packets(struct oneshot *o)
{
	struct err_detail why = { "" };

	progress_init(&o->progress);
	int err = choose_spool(o, &why);
	if (!err) {
		handle_signals();
		err = start_capture(o, &why);
	}
	if (!err) {
		wait_for_capture(o);
		err = start_ship(o, &why);
		if (err)
			child_signal(&o->capture, SIGTERM);
	}
	if (err) {
		log_error("%s", why.text);
		return 1;
	}
	watch(o);
	return conclude(o);
}

/* Before a spool is made for nothing. */
static int check_nodes(const struct conf *c)
{
	struct node_url url;
	struct err_detail why;

	for (size_t i = 0; i < conf_count(c, OPT_NODE); i++)
		if (node_url_parse(conf_item(c, OPT_NODE, i), &url, &why)) {
			log_error("%s; --help lists the options", why.text);
			return EXIT_USAGE;
		}
	return 0;
}

static int choose(struct oneshot *o)
{
	const struct conf *c = &o->conf;
	bool packets = conf_count(c, OPT_FILE) || conf_text(c, OPT_DIR) || conf_text(c, OPT_NIC);

	if (conf_flag(c, OPT_LIST))
		return list_interfaces();
	if (conf_flag(c, OPT_VERSION)) {
		(void)puts("espcap " ESPCAP_VERSION);
		return 0;
	}
	if (conf_flag(c, OPT_PRINT_CONFIG)) {
		conf_print(c, stdout);
		return 0;
	}
	if (conf_count(c, OPT_IN_FILE)) {
		log_error("--in-file is an option of espcap-ship, which reads no packets");
		return EXIT_USAGE;
	}
	if (!packets && c->rest_count) { /* a filter for nothing is no command either */
		log_error("\"%s\" is no command; --help lists commands and options", c->rest[0]);
		return EXIT_USAGE;
	}
	if (!packets) { /* the article's sentence and code */
		(void)fputs("You must specify either a network interface or packet capture file\n",
			stderr);
		return 1;
	}
	o->live = conf_text(c, OPT_NIC) != NULL;
	if (o->live && (conf_count(c, OPT_FILE) || conf_text(c, OPT_DIR))) {
		log_error("--nic excludes --file and --dir");
		return EXIT_USAGE;
	}
	int code = check_nodes(c);
	if (code || conf_flag(c, OPT_CHECK))
		return code;
	if (conf_count(c, OPT_NODE) || conf_text(c, OPT_OUT_FILE))
		return index_packets(o);
	if (o->live && conf_flag(c, OPT_RESUME)) {
		log_error("--resume wants --node or --out-file beside --nic: it ships the rest of "
			  "an earlier --spool");
		return EXIT_USAGE;
	}
	if (c->values[OPT_SPOOL].source == CONF_COMMAND_LINE) {
		log_error("--spool wants --node or --out-file beside it; to fill a spool and no "
			  "more there is espcap-capture");
		return EXIT_USAGE;
	}
	return print_packets(c);
}

int oneshot_run(int argc, char **argv)
{
	static struct oneshot o = { .capture = { .report = -1, .status = -1 },
		.ship = { .report = -1, .status = -1 } };
	struct err_detail why = { "" };
	int code;

	o.argc = argc;
	o.argv = argv;
	int err = conf_load(&o.conf, CONF_CLI, argc, argv, &why);
	if (err) {
		log_error("%s", why.text);
		code = err == ERR_CONFIG ? EXIT_CONFIG : EXIT_USAGE;
	} else {
		code = choose(&o);
	}
	conf_done(&o.conf);
	return code;
}
