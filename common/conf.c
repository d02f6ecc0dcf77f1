/* conf.c -- the option table, and the sources of values in their order. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include <getopt.h>

#define CAPTURE CONF_CAPTURE
#define SHIP    CONF_SHIP
#define CLI     CONF_CLI
#define HIDDEN  CONF_HIDDEN
#define ACTION  CONF_ACTION

const struct conf_option conf_options[CONF_COUNT] = {
#define OPT(id, name, letter, programs, type, def, min, max, argument, help)                       \
	[OPT_##id] = { name, letter, programs, CONF_##type, def, min, max, argument, help },
#include "options.def"
};

bool conf_takes(unsigned program, const struct conf_option *option)
{
	return program == CONF_CLI || (option->programs & program);
}

int conf_find(const char *name, unsigned program)
{
	for (int id = 0; id < CONF_COUNT; id++)
		if (conf_takes(program, &conf_options[id]) &&
			strcmp(conf_options[id].name, name) == 0)
			return id;
	return -1;
}

const char *conf_object(const struct conf_option *option)
{
	unsigned services = option->programs & (CONF_CAPTURE | CONF_SHIP);

	if (option->programs & CONF_ACTION)
		return NULL;
	if (services == (CONF_CAPTURE | CONF_SHIP))
		return "common";
	if (services == CONF_CAPTURE)
		return "capture";
	return services == CONF_SHIP ? "ship" : NULL;
}

bool conf_in_file(enum conf_id id)
{
	const struct conf_option *o = &conf_options[id];

	return conf_object(o) && !(o->programs & CONF_HIDDEN) && id != OPT_CONFIG;
}

enum { NAME_MAX_BYTES = 40 };

/* Levenshtein's distance, two rows at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[NAME_MAX_BYTES + 1];

	if (la > NAME_MAX_BYTES || lb > NAME_MAX_BYTES)
		return NAME_MAX_BYTES;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const char *conf_nearest(const char *name, unsigned program)
{
	const char *best = NULL;
	size_t len = strlen(name);
	size_t best_distance = len < 6 ? len / 3 + 1 : 4; /* nearer than this is worth a question */

	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		if (!conf_takes(program, o) || o->programs & CONF_HIDDEN)
			continue;
		size_t d = distance(name, o->name);
		if (d < best_distance) {
			best = o->name;
			best_distance = d;
		}
	}
	return best;
}

/* getopt_long(3) answers an option's id + FIRST_LONG, or its letter. */
enum { FIRST_LONG = 256 };

static void describe(unsigned program, struct option *longs, char *letters)
{
	*letters++ = ':';
	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		if (!conf_takes(program, o))
			continue;
		*longs++ = (struct option){ o->name,
			o->type == CONF_FLAG ? optional_argument : required_argument, NULL,
			FIRST_LONG + id };
		if (!o->letter)
			continue;
		*letters++ = o->letter;
		if (o->type != CONF_FLAG)
			*letters++ = ':';
	}
	*longs = (struct option){ 0 };
	*letters = '\0';
}

static int id_of_letter(int letter)
{
	for (int id = 0; id < CONF_COUNT; id++)
		if (conf_options[id].letter == letter)
			return id;
	return -1;
}

static int unknown(const char *word, unsigned program, struct err_detail *why)
{
	char name[NAME_MAX_BYTES];

	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	const char *near = conf_nearest(name + 2, program);
	if (near)
		return err_set(why, ERR_USAGE, "unknown option %s; did you mean --%s?", name, near);
	return err_set(why, ERR_USAGE, "unknown option %s; --help lists the options", name);
}

/* What getopt_long(3) did not like: a letter in optopt, or else the word it just passed. */
static int refuse(int answer, char **argv, unsigned program, struct err_detail *why)
{
	const char *word = argv[optind - 1];

	if (answer == ':')
		return err_set(why, ERR_USAGE, "option %s wants a value", word);
	if (optopt > 0 && optopt < FIRST_LONG)
		return err_set(
			why, ERR_USAGE, "unknown option -%c; --help lists the options", optopt);
	return unknown(word, program, why);
}

static int read_flags(struct conf *c, int argc, char **argv, struct err_detail *why)
{
	struct option longs[CONF_COUNT + 1];
	char letters[2 * CONF_COUNT + 2];
	int answer, err = 0;

	describe(c->program, longs, letters);
	optind = 0; /* glibc: start afresh, also when called twice */
	opterr = 0;
	while (!err) {
		answer = getopt_long(argc, argv, letters, longs, NULL);
		if (answer < 0)
			break;
		if (answer == ':' || answer == '?')
			return refuse(answer, argv, c->program, why);
		int id = answer >= FIRST_LONG ? answer - FIRST_LONG : id_of_letter(answer);
		err = conf_set(
			c, (enum conf_id)id, optarg ? optarg : "", CONF_COMMAND_LINE, NULL, why);
	}
	c->rest = argv + optind;
	c->rest_count = (size_t)(argc - optind);
	return err == ERR_INPUT ? ERR_USAGE : err;
}

static void environment_name(const struct conf_option *o, char *name, size_t size)
{
	int n = snprintf(name, size, "ESPCAP_%s", o->name);

	for (int i = 0; i < n && (size_t)i < size; i++) {
		if (name[i] == '-')
			name[i] = '_';
		else if (name[i] >= 'a' && name[i] <= 'z')
			name[i] = (char)(name[i] - 'a' + 'A');
	}
}

/* A list in the environment is split at blanks. */
static int set_words(
	struct conf *c, enum conf_id id, const char *text, const char *name, struct err_detail *why)
{
	char *copy = strdup(text), *save = NULL;
	int err = copy ? 0 : err_set(why, ERR_NOMEM, "out of memory while reading %s", name);

	for (char *w = copy ? strtok_r(copy, " \t\n", &save) : NULL; w && !err;
		w = strtok_r(NULL, " \t\n", &save))
		err = conf_set(c, id, w, CONF_ENVIRONMENT, name, why);
	free(copy);
	return err;
}

static int read_environment(struct conf *c, struct err_detail *why)
{
	struct err_detail detail;
	char name[64];
	int err = 0;

	for (int id = 0; id < CONF_COUNT && !err; id++) {
		const struct conf_option *o = &conf_options[id];
		if (!conf_takes(c->program, o) || !conf_object(o) || o->programs & CONF_HIDDEN)
			continue;
		environment_name(o, name, sizeof(name));
		const char *text = getenv(name);
		if (!text || !*text)
			continue;
		err = o->type == CONF_LIST ? set_words(c, (enum conf_id)id, text, name, &detail)
					   : conf_set(c, (enum conf_id)id, text, CONF_ENVIRONMENT,
						     name, &detail);
		if (err)
			return err_set(why, ERR_USAGE, "%s: %s", name, detail.text);
	}
	return err;
}

static int read_files(struct conf *c, struct err_detail *why)
{
	const char *path = conf_text(c, OPT_CONFIG);
	bool named = conf_given(c, OPT_CONFIG);
	glob_t found;

	if (!path || (c->program == CONF_CLI && !named))
		return 0;
	int err = conf_read_file(c, path, !named, why);
	if (err || named || glob("/etc/espcap/conf.d/*.conf", 0, NULL, &found) != 0)
		return err;
	for (size_t i = 0; i < found.gl_pathc && !err; i++)
		err = conf_read_file(c, found.gl_pathv[i], false, why);
	globfree(&found);
	return err;
}

int conf_load(struct conf *c, unsigned program, int argc, char **argv, struct err_detail *why)
{
	int err = 0;

	*c = (struct conf){ .program = program };
	for (int id = 0; id < CONF_COUNT && !err; id++)
		err = conf_set(c, (enum conf_id)id, conf_options[id].def, CONF_DEFAULT, NULL, why);
	if (!err)
		err = read_flags(c, argc, argv, why);
	if (!err)
		err = read_environment(c, why);
	return err ? err : read_files(c, why);
}
