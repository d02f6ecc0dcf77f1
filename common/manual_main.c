/* manual_main.c -- espcap-manual, for the build: a manual page with its options filled in.
 *
 * Copies the page on standard input to standard output. Lines of the page are taken for orders:
 *
 *   .\" OPTIONS capture|ship|cli      becomes every option that --help of the program lists
 *   .\" KEYS common|capture|ship      becomes every key of that object of the config file */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "conf.h"

enum { LINE_BYTES = 1024, TEXT_WIDTH = 76 };

/* One word of mdoc text: a minus that begins a word is no hyphen. Returns its width. */
static size_t print_word(const char *word, size_t len)
{
	size_t width = len;

	for (const char *p = word; p < word + len; p++) {
		bool minus = *p == '-' && (p == word || p[-1] == '-' || p[-1] == ',');
		if (minus || *p == '\\') {
			(void)fputs(minus ? "\\-" : "\\e", stdout);
			width++;
		} else {
			(void)putchar(*p);
		}
	}
	return width;
}

/* Text of the table as a sentence, in lines that mandoc does not find too long. */
static void print_sentence(const char *text)
{
	bool small = *text >= 'a' && *text <= 'z';
	size_t column = (size_t)printf("%c", small ? *text - 'a' + 'A' : *text);

	for (const char *p = text + 1; *p;) {
		size_t len = strcspn(p, " ");
		column += print_word(p, len);
		p += len;
		if (!*p++)
			break;
		bool fits = column + 1 + strcspn(p, " ") < TEXT_WIDTH;
		(void)putchar(fits ? ' ' : '\n');
		column = fits ? column + 1 : 0;
	}
	(void)puts(".");
}

static void print_number(enum conf_type type, int64_t n)
{
	const int64_t mi = INT64_C(1) << 20;

	if (type == CONF_SIZE && n && n % mi == 0)
		(void)printf("%" PRId64 "M", n / mi);
	else if (type == CONF_TIME && n % 1000 == 0)
		(void)printf("%" PRId64 "s", n / 1000);
	else
		(void)printf("%" PRId64 "%s", n, type == CONF_TIME ? "ms" : "");
}

static void print_range(const struct conf_option *o)
{
	bool bounded = o->type == CONF_INT || o->type == CONF_SIZE || o->type == CONF_TIME;

	if (!bounded || (o->min == 0 && o->max == INT64_MAX))
		return;
	(void)fputs(o->max == INT64_MAX ? "At least " : "Between ", stdout);
	print_number(o->type, o->min);
	if (o->max != INT64_MAX) {
		(void)fputs(" and ", stdout);
		print_number(o->type, o->max);
	}
	(void)puts(".");
}

static void print_body(unsigned program, enum conf_id id)
{
	const char *def = conf_shown_default(program, id);

	print_sentence(conf_options[id].help);
	print_range(&conf_options[id]);
	if (def)
		(void)printf("The default is\n.Cm %s .\n", def);
}

/* "a|b|c" as the words of a macro line. */
static void print_words(const char *words)
{
	for (; *words; words++)
		(void)fputs(*words == '|' ? " | " : (char[]){ *words, '\0' }, stdout);
}

static void print_option(unsigned program, enum conf_id id)
{
	const struct conf_option *o = &conf_options[id];

	(void)printf(".It ");
	if (o->letter)
		(void)printf("Fl %c , ", o->letter);
	(void)printf("Fl -%s", o->name);
	if (o->type == CONF_WORD) {
		(void)printf(" Cm ");
		print_words(o->argument);
	} else if (*o->argument) {
		(void)printf(" Ar %s", o->argument);
	}
	(void)putchar('\n');
	print_body(program, id);
	if (o->type == CONF_LIST)
		(void)puts("May be given several times.");
}

static void print_key(enum conf_id id)
{
	static const char *const types[] = { "true or false", "number", "size", "time", "text", "",
		"text or array of texts" };
	const struct conf_option *o = &conf_options[id];

	(void)printf(".It Cm %s Pq ", o->name);
	if (o->type == CONF_WORD)
		print_words(o->argument);
	else
		(void)printf("%s", types[o->type]);
	(void)putchar('\n');
	print_body(CONF_CAPTURE, id);
}

static void print_options(unsigned program)
{
	const char *section = NULL;

	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		if (!conf_takes(program, o) || o->programs & CONF_HIDDEN)
			continue;
		const char *title = conf_section((enum conf_id)id);
		if (title != section)
			(void)printf(
				"%s.Ss %s\n.Bl -tag -width Ds\n", section ? ".El\n" : "", title);
		section = title;
		print_option(program, (enum conf_id)id);
	}
	(void)puts(".El");
}

static void print_keys(const char *object)
{
	(void)puts(".Bl -tag -width Ds");
	for (int id = 0; id < CONF_COUNT; id++)
		if (conf_in_file((enum conf_id)id) &&
			strcmp(conf_object(&conf_options[id]), object) == 0)
			print_key((enum conf_id)id);
	(void)puts(".El");
}

/* True when the line is an order, and done. */
static bool obey(const char *line)
{
	static const struct {
		const char *name;
		unsigned program;
	} programs[] = { { "capture", CONF_CAPTURE }, { "ship", CONF_SHIP }, { "cli", CONF_CLI } };
	char order[16], word[16];

	if (sscanf(line, ".\\\" %15s %15s", order, word) != 2)
		return false;
	if (strcmp(order, "KEYS") == 0) {
		print_keys(word);
		return true;
	}
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strcmp(order, "OPTIONS") == 0 && strcmp(word, programs[i].name) == 0) {
			print_options(programs[i].program);
			return true;
		}
	return false;
}

int main(void)
{
	char line[LINE_BYTES];

	while (fgets(line, sizeof(line), stdin))
		if (!obey(line))
			(void)fputs(line, stdout);
	return ferror(stdin) || fflush(stdout) != 0;
}
