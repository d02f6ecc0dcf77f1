/* cmd_doctor.c -- espcap doctor: is this machine fit to be a sensor? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "doctor.h"
#include "json.h"

enum { TEXT = 512, LINES_MAX = 65536, LINE_JSON = 4096, NODES_MAX = 64 };
static const char *const states[] = { "ok", "warn", "fail" };

static void add_json(
	struct doctor *d, const char *state, const char *name, const char *text, const char *action)
{
	char memory[LINE_JSON];
	struct json j;

	json_init(&j, memory, sizeof(memory));
	json_open(&j, NULL);
	json_str(&j, "check", name);
	json_str(&j, "state", state);
	json_str(&j, "found", text);
	if (*action)
		json_str(&j, "action", action);
	json_close(&j);
	if (d->lines.len)
		buf_adds(&d->lines, ",");
	buf_add(&d->lines, memory, json_len(&j));
}

void doctor_say(struct doctor *d, enum doctor_state state, const char *name, const char *action,
	const char *format, ...)
{
	char text[TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (state > d->worst)
		d->worst = state;
	if (d->json)
		add_json(d, states[state], name, text, action);
	else
		(void)printf("%-4s  %-11s  %s%s%s\n", states[state], name, text,
			*action ? "; " : "", action);
}

static int finish(struct doctor *d)
{
	if (d->json)
		(void)printf("{\"state\":\"%s\",\"checks\":[%s]}\n", states[d->worst],
			buf_str(&d->lines));
	buf_done(&d->lines);
	return d->worst == DOCTOR_FAIL ? 1 : 0;
}

struct words {
	const char *spool;
	struct node_url nodes[NODES_MAX];
	size_t nnodes;
	bool json;
};

static int add_node(struct words *w, const char *url)
{
	struct err_detail why;

	if (w->nnodes == NODES_MAX)
		return command_refuse(&command_doctor, "more than %d nodes", NODES_MAX);
	if (node_url_parse(url, &w->nodes[w->nnodes], &why))
		return command_refuse(&command_doctor, "%s", why.text);
	w->nnodes++;
	return 0;
}

/* 0, or EXIT_USAGE. */
static int read_words(int argc, char **argv, struct words *w)
{
	int code = 0;

	for (int i = 1; i < argc && !code; i++) {
		bool spool = strcmp(argv[i], "--spool") == 0, node = strcmp(argv[i], "--node") == 0;
		if (strcmp(argv[i], "--json") == 0)
			w->json = true;
		else if ((spool || node) && i + 1 == argc)
			code = command_refuse(&command_doctor, "%s wants a value", argv[i]);
		else if (spool && w->spool)
			code = command_refuse(&command_doctor, "only one --spool is looked at");
		else if (spool)
			w->spool = argv[++i];
		else if (node)
			code = add_node(w, argv[++i]);
		else
			code = command_stray(&command_doctor, argv[i]);
	}
	return code;
}

static int run(int argc, char **argv)
{
	static struct words w;
	struct doctor d = { .json = false };
	bool capture_runs = false;

	int code = read_words(argc, argv, &w);
	if (code)
		return code;
	d.json = w.json;
	buf_init(&d.lines, LINES_MAX);
	doctor_clock(&d);
	if (w.spool)
		capture_runs = doctor_spool(&d, w.spool, "/sys");
	doctor_capture(&d, capture_runs, "/sys");
	for (size_t i = 0; i < w.nnodes; i++)
		doctor_node(&d, &w.nodes[i]);
	return finish(&d);
}

const struct command command_doctor = { "doctor", "[--spool DIR] [--node URL ...] [--json]",
	"say whether this machine is fit to be a sensor",
	"One line a check: ok, warn or fail, what was found, and what to do. Nothing is changed\n"
	"and nothing is captured. The exit status is 1 when a check failed.\n"
	"--spool looks at the place of a spool, at its disk and at who works on it; --node at\n"
	"whether Elasticsearch or OpenSearch answers there. --json prints one JSON object on one "
	"line.\n",
	run };
