/* cmd_audit.c -- espcap audit: is everything at the centre, and nothing twice? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "command.h"
#include "log.h"

enum { RUN_OPTIONS_MAX = 256 };

struct words {
	struct conf conf;
	const char *runs[RUN_OPTIONS_MAX];
	size_t nruns;
	bool too_many;
};

/* Takes --run out of argv, which only this command has. */
static int take_run_options(struct words *w, int argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		const char *run = NULL;
		if (strncmp(argv[i], "--run=", 6) == 0)
			run = argv[i] + 6;
		else if (strcmp(argv[i], "--run") == 0)
			run = ++i < argc ? argv[i] : "";
		if (!run)
			argv[kept++] = argv[i];
		else if (w->nruns < RUN_OPTIONS_MAX)
			w->runs[w->nruns++] = run;
		else
			w->too_many = true;
	}
	argv[kept] = NULL;
	return kept;
}

/* Where to, who we are, and what the other commands take. */
static bool is_ours(enum conf_id id)
{
	return id == OPT_NODE || id == OPT_SPOOL || id == OPT_INDEX || id == OPT_JSON ||
	       id == OPT_CONFIG || id == OPT_LOG_LEVEL || (id >= OPT_USER && id < OPT_LITE);
}

static int check_run(const char *text)
{
	char id[RECORD_ID_LEN + 1];
	uint64_t run, seq;
	int n = snprintf(id, sizeof(id), "%s%s", text, text);

	if (strlen(text) == RECORD_ID_PART && n == RECORD_ID_LEN &&
		record_id_parse(id, &run, &seq) == 0)
		return 0;
	return command_refuse(&command_audit,
		"\"%s\" is no run, which has %d characters, as in espcap.run and at the beginning "
		"of each _id",
		text, RECORD_ID_PART);
}

static int check(const struct words *w)
{
	const struct conf *c = &w->conf;
	int code = 0;

	for (int id = 0; id < CONF_COUNT; id++)
		if (c->values[id].source == CONF_COMMAND_LINE && !is_ours((enum conf_id)id))
			return command_refuse(
				&command_audit, "audit has no use for --%s", conf_options[id].name);
	if (w->too_many)
		return command_refuse(&command_audit, "more than %d runs", RUN_OPTIONS_MAX);
	for (size_t i = 0; i < w->nruns && !code; i++)
		code = check_run(w->runs[i]);
	if (!code && c->rest_count)
		code = command_stray(&command_audit, c->rest[0]);
	if (!code && !conf_count(c, OPT_NODE))
		code = command_wrong_usage(&command_audit);
	return code;
}

/* Patterns as --index and ship have them, or as a search has them. */
static int choose_indices(struct audit *a, const struct conf *c)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.+%Ymd*,";
	const char *index = conf_text(c, OPT_INDEX);
	char *out = a->node.indices;
	bool fits = true;

	if (a->has_spool && !conf_given(c, OPT_INDEX))
		audit_spool_indices(&a->spool, out, AUDIT_INDICES_MAX);
	if (index && index[strspn(index, allowed)])
		return command_refuse(&command_audit,
			"--index cannot be \"%s\": only a-z, 0-9, - _ . + * , and %%Y %%m %%d may "
			"be in it",
			index);
	if (!*out)
		fits = audit_indices_add(
			out, AUDIT_INDICES_MAX, index ? index : "espcap-packets-*");
	if (!fits || !audit_indices_add(out, AUDIT_INDICES_MAX, "espcap-events-*"))
		return command_refuse(&command_audit,
			"the index patterns are longer than %d characters", AUDIT_INDICES_MAX);
	return 0;
}

static int start_asking(struct audit *a, const struct conf *c)
{
	static const enum conf_id ours[] = { OPT_SPOOL, OPT_INDEX, OPT_JSON, OPT_CONFIG,
		CONF_COUNT };
	const char *config = conf_given(c, OPT_CONFIG) ? conf_text(c, OPT_CONFIG) : NULL;
	struct err_detail why = { "" };
	struct child_args args;

	int err = child_args_init(&args, "espcap-ship");
	if (!err)
		err = child_args_add(&args, "--ask");
	if (!err)
		err = child_args_add(&args, "--config=%s", config ? config : "");
	if (!err)
		err = child_args_forward(&args, c, CONF_SHIP, ours);
	if (err)
		(void)err_set(&why, err, "cannot start espcap-ship: %s", err_text(err));
	else
		err = audit_ask_start(&a->node.ask, &args, &why);
	child_args_done(&args);
	if (err)
		log_error("%s", why.text);
	return err ? 1 : 0;
}

/* The exit code of an error, which is told here unless somebody else has told it. */
static int failed(const struct audit *a, int err)
{
	if (err == ERR_STOPPED)
		return EXIT_INTERRUPTED;
	if (err != ERR_END)
		log_error("%s", *a->node.why.text ? a->node.why.text : err_text(err));
	if (err == ERR_END && (a->node.ask.code == EXIT_USAGE || a->node.ask.code == EXIT_CONFIG))
		return a->node.ask.code;
	return 1;
}

static int tell(struct audit *a, const char *node)
{
	int err = a->json ? audit_print_json(a, node) : audit_print(a);

	if (err)
		return failed(a, err);
	return audit_complete(a) ? 0 : 1;
}

static int work(struct audit *a, const struct words *w)
{
	const struct conf *c = &w->conf;
	const struct conf_value *spool = &c->values[OPT_SPOOL];
	struct err_detail why = { "" };

	a->json = conf_flag(c, OPT_JSON);
	a->wanted = w->runs;
	a->nwanted = w->nruns;
	/* before anything is asked: what is settled by now must be there */
	if (spool->source == CONF_COMMAND_LINE) {
		if (audit_spool_read(&a->spool, conf_text(c, OPT_SPOOL), &a->facts, &why)) {
			log_error("%s", why.text);
			return 1;
		}
		a->has_spool = true;
	}
	int code = choose_indices(a, c);
	if (!code)
		code = start_asking(a, c);
	if (code)
		return code;
	audit_heed_signals();
	int err = audit_all(a);
	return err ? failed(a, err) : tell(a, conf_item(c, OPT_NODE, 0));
}

static int run_audit(int argc, char **argv)
{
	static struct words w;
	static struct audit a;
	struct err_detail why = { "" };

	argc = take_run_options(&w, argc, argv);
	audit_node_init(&a.node);
	int err = conf_load(&w.conf, CONF_CLI, argc, argv, &why), code;
	if (err) {
		log_error("%s", why.text);
		code = err == ERR_CONFIG ? EXIT_CONFIG : EXIT_USAGE;
	} else {
		code = check(&w);
	}
	if (!err && !code)
		code = work(&a, &w);
	audit_done(&a);
	conf_done(&w.conf);
	return code;
}

const struct command command_audit = { "audit",
	"--node URL ... [--spool DIR] [--index PATTERN] [--run RUN ...] [--json]",
	"say whether every record is at the centre, once",
	"Compares, for each run of each sensor, the sequence numbers with the documents that the\n"
	"node holds, and lists what is missing and what is there more than once. What loss\n"
	"documents name is lost and not missing. Nothing is changed there.\n"
	"--spool compares with what a sensor itself says: what waits and what is dead is not\n"
	"missing, and what is settled has to be there. --index names other indices than\n"
	"espcap-packets-* (loss documents are looked for in espcap-events-*, too). --run looks at\n"
	"one run only. --json prints one JSON object on one line; espcap(1) lists its members.\n"
	"--user, --password-file, --ca-file and the like are those of espcap-ship(8).\n"
	"The exit status is 1 when something is missing or double, or nothing is found.\n",
	run_audit };
