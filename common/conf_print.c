/* conf_print.c -- options and values for people: --help and --print-config. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <string.h>

#include "node_url.h"

enum { HELP_COLUMN = 32, HELP_WIDTH = 80 };

/* Wraps text at blanks into the right-hand column; the cursor stands at `column`. */
static void wrap(FILE *out, const char *text, int column)
{
	while (*text) {
		int word = (int)strcspn(text, " ");
		if (column > HELP_COLUMN && column + 1 + word > HELP_WIDTH) {
			(void)fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		if (column > HELP_COLUMN)
			column += fprintf(out, " ");
		column += fprintf(out, "%.*s", word, text);
		text += word;
		text += strspn(text, " ");
	}
	(void)fprintf(out, "\n");
}

const char *conf_section(enum conf_id id)
{
	static const struct {
		enum conf_id first;
		const char *title;
	} sections[] = {
#define SECTION(first, title) { OPT_##first, title },
#include "options.def"
	};
	const char *title = "";

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (sections[i].first <= id)
			title = sections[i].title;
	return title;
}

const char *conf_shown_default(unsigned program, enum conf_id id)
{
	const char *def = conf_options[id].def;

	if (program == CONF_CLI && id == OPT_CONFIG) /* it reads only a file that is named */
		return NULL;
	if (program == CONF_CLI && id == OPT_SETUP) /* oneshot.c gives these to the services */
		return "install";
	if (program == CONF_CLI && id == OPT_LOG_LEVEL)
		return "warn";
	return *def && strcmp(def, "0") != 0 ? def : NULL;
}

static void print_option(unsigned program, enum conf_id id, FILE *out)
{
	const struct conf_option *o = &conf_options[id];
	const char *def = conf_shown_default(program, id);
	int n = o->letter ? fprintf(out, "  -%c, --%s", o->letter, o->name)
			  : fprintf(out, "      --%s", o->name);

	if (*o->argument)
		n += fprintf(out, " %s", o->argument);
	if (n >= HELP_COLUMN - 1) {
		(void)fprintf(out, "\n");
		n = 0;
	}
	(void)fprintf(out, "%*s", HELP_COLUMN - n, "");
	char text[512];
	(void)snprintf(text, sizeof(text), "%s%s%s%s%s", o->help,
		o->type == CONF_LIST ? " (may be repeated)" : "", def ? " (default " : "",
		def ? def : "", def ? ")" : "");
	wrap(out, text, HELP_COLUMN);
}

void conf_print_help(unsigned program, FILE *out)
{
	const char *section = NULL;

	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		if (!conf_takes(program, o) || o->programs & CONF_HIDDEN)
			continue;
		const char *title = conf_section((enum conf_id)id);
		if (title != section)
			(void)fprintf(out, "%s%s:\n", section ? "\n" : "", title);
		section = title;
		print_option(program, (enum conf_id)id, out);
	}
}

/* What holds where nothing was given and the table has no value, or the one-shot gives its services
 * another one (oneshot_args.c); NULL: the value itself. */
static const char *holds_by_default(const struct conf *c, enum conf_id id)
{
	bool cli = c->program == CONF_CLI, nic = conf_text(c, OPT_NIC) != NULL;

	switch (id) {
	case OPT_FLUSH_INTERVAL:
		return conf_word(c, OPT_MEDIA) == 1 ? "5s" : "250ms";
	case OPT_SPOOL_MAX:
		return "the lesser of 10G and half the free space when the spool is made";
	case OPT_SPOOL_FREE:
		return "the greater of 256M and 5 % of the disk";
	case OPT_WHEN_FULL:
		return nic ? "drop-oldest" : "block";
	case OPT_SCHEMA:
		return cli && conf_flag(c, OPT_LITE) ? "lite" : nic && !cli ? "slim" : "full";
	case OPT_NAME:
		return "the host name";
	case OPT_GIVE_UP_AFTER:
		return cli && !nic ? "60s" : NULL;
	default:
		return cli && (id == OPT_SETUP || id == OPT_LOG_LEVEL)
			       ? conf_shown_default(c->program, id)
			       : NULL;
	}
}

static void print_item(enum conf_id id, const char *item, FILE *out)
{
	char shown[NODE_URL_MAX];

	if (id == OPT_NODE) { /* what is wrong with it is told elsewhere, and a password nowhere */
		node_url_mask(item, shown);
		item = shown;
	}
	(void)fprintf(out, "%s", item);
}

static void print_value(const struct conf *c, enum conf_id id, FILE *out)
{
	const struct conf_value *v = &c->values[id];
	const char *held = v->source == CONF_DEFAULT ? holds_by_default(c, id) : NULL;

	if (held || conf_options[id].type == CONF_FLAG) {
		(void)fprintf(out, "%s", held ? held : v->number > 0 ? "true" : "false");
		return;
	}
	for (size_t i = 0; i < v->count; i++) {
		(void)fprintf(out, "%s", i ? " " : "");
		print_item(id, v->items[i], out);
	}
}

void conf_print(const struct conf *c, FILE *out)
{
	static const char *const sources[] = { "default", "file", "environment", "command line" };

	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		const struct conf_value *v = &c->values[id];
		if (!conf_takes(c->program, o) || o->programs & (CONF_HIDDEN | CONF_ACTION))
			continue;
		(void)fprintf(out, "%s = ", o->name);
		print_value(c, (enum conf_id)id, out);
		(void)fprintf(out, "\t# %s%s%s\n", sources[v->source], v->where ? " " : "",
			v->where ? v->where : "");
	}
}
