/* conf.h -- options of the three programs: flag over environment over file over default. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CONF_H
#define ESPCAP_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"

/* Bits of the `programs` column of options.def. */
enum {
	CONF_CAPTURE = 1,
	CONF_SHIP = 2,
	CONF_CLI = 4,
	CONF_HIDDEN = 8,  /* not in --help; a descriptor between our own programs */
	CONF_ACTION = 16, /* done instead of the work: a flag only, no environment, no file */
};

enum conf_type { CONF_FLAG, CONF_INT, CONF_SIZE, CONF_TIME, CONF_TEXT, CONF_WORD, CONF_LIST };

enum conf_id {
#define OPT(id, ...) OPT_##id,
#include "options.def"
	CONF_COUNT
};

struct conf_option {
	const char *name;
	char letter;
	unsigned programs;
	enum conf_type type;
	const char *def;
	int64_t min, max;
	const char *argument; /* placeholder, or the words of CONF_WORD joined by | */
	const char *help;
};
extern const struct conf_option conf_options[CONF_COUNT];

enum conf_source { CONF_DEFAULT, CONF_FILE, CONF_ENVIRONMENT, CONF_COMMAND_LINE };

enum { CONF_LIST_MAX = 4096, CONF_FILE_MAX = 1 << 20 };

struct conf_value {
	enum conf_source source;
	char *where;    /* owned: the file's name for CONF_FILE */
	int64_t number; /* FLAG, INT, SIZE, TIME; the word's index for WORD, -1 for none */
	char **items;   /* owned: LIST; the one item of TEXT */
	size_t count;
};

struct conf {
	unsigned program; /* CONF_CAPTURE, CONF_SHIP or CONF_CLI */
	struct conf_value values[CONF_COUNT];
	char **rest; /* borrowed from argv: what is no option */
	size_t rest_count;
};

/* Reads all four sources. The CLI program takes the options of all three and reads a config file
 * only when --config names one; the services also read /etc/espcap/conf.d, unless --config is
 * given. 0; ERR_USAGE for the command line or environment, ERR_CONFIG for a file, ERR_NOMEM; then
 * `why` is the sentence to print and c needs conf_done() all the same. argv is permuted (getopt).
 */
int conf_load(struct conf *c, unsigned program, int argc, char **argv,
	struct err_detail *why) ERR_WARN_UNUSED;
void conf_done(struct conf *c);

/* Values. Text is NULL when empty, valid until conf_done(). */
bool conf_flag(const struct conf *c, enum conf_id id);
int64_t conf_number(const struct conf *c, enum conf_id id);
const char *conf_text(const struct conf *c, enum conf_id id);
int conf_word(const struct conf *c, enum conf_id id); /* index of the word, -1 for none */
size_t conf_count(const struct conf *c, enum conf_id id);
const char *conf_item(const struct conf *c, enum conf_id id, size_t i);
bool conf_given(const struct conf *c, enum conf_id id); /* by anything but the default */

/* Sets one value from text as on a command line. ERR_INPUT with a sentence. */
int conf_set(struct conf *c, enum conf_id id, const char *text, enum conf_source source,
	const char *where, struct err_detail *why);

/* The row of an option's name for a program, or -1; and the nearest name by edit distance, or
 * NULL when nothing is near. */
int conf_find(const char *name, unsigned program);
const char *conf_nearest(const char *name, unsigned program);
bool conf_takes(unsigned program, const struct conf_option *option);

/* The config object an option lives in: "common", "capture", "ship", or NULL for a flag only; and
 * whether a config file may hold it. */
const char *conf_object(const struct conf_option *option);
bool conf_in_file(enum conf_id id);

/* Reads one config file into c. A missing file is no error when optional. */
int conf_read_file(struct conf *c, const char *path, bool optional, struct err_detail *why);

/* The heading an option stands under in --help and in the manuals; one pointer for each heading. */
const char *conf_section(enum conf_id id);

/* The default to show for an option, or NULL when there is none or the help says it. */
const char *conf_shown_default(unsigned program, enum conf_id id);

/* Options as --help prints them, and values with their sources as --print-config does. */
void conf_print_help(unsigned program, FILE *out);
void conf_print(const struct conf *c, FILE *out);

/* "250ms", "5s", "10m", "1h", "2d"; "64M", "10GiB", "5kB"; a bare number is seconds or bytes. */
int conf_parse_time(const char *text, int64_t *ms);
int conf_parse_size(const char *text, int64_t *bytes);

#endif
