/* conf_value.c -- values of options: parsing one, keeping it, and looking it up. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *suffix;
	int64_t factor;
};

static int parse_units(const char *text, const struct unit *units, int64_t *out)
{
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	int64_t result;

	if (end == text || errno || value < 0)
		return ERR_INPUT;
	for (; units->suffix; units++)
		if (strcmp(end, units->suffix) == 0)
			break;
	if (!units->suffix || __builtin_mul_overflow((int64_t)value, units->factor, &result))
		return ERR_INPUT;
	*out = result;
	return 0;
}

int conf_parse_time(const char *text, int64_t *ms)
{
	static const struct unit units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 },
		{ "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 } };

	return parse_units(text, units, ms);
}

#define KI INT64_C(1024)
int conf_parse_size(const char *text, int64_t *bytes)
{
	static const struct unit units[] = { { "", 1 }, { "B", 1 }, { "K", KI }, { "KiB", KI },
		{ "kB", 1000 }, { "M", KI * KI }, { "MiB", KI * KI }, { "MB", 1000000 },
		{ "G", KI * KI * KI }, { "GiB", KI * KI * KI }, { "GB", 1000000000 },
		{ "T", KI * KI * KI * KI }, { "TiB", KI * KI * KI * KI }, { "TB", 1000000000000 },
		{ NULL, 0 } };

	return parse_units(text, units, bytes);
}

/* The index of a word in "a|b|c", or -1. */
static int word_index(const char *words, const char *word)
{
	size_t n = strlen(word);
	int index = 0;

	for (const char *p = words;; index++) {
		size_t len = strcspn(p, "|");
		if (len == n && n && memcmp(p, word, n) == 0)
			return index;
		if (p[len] == '\0')
			return -1;
		p += len + 1;
	}
}

static int parse_flag(const char *text, int64_t *number)
{
	static const char words[] = "false|true|no|yes|off|on|0|1";
	int index = word_index(words, text);

	*number = index & 1;
	return index < 0 ? ERR_INPUT : 0;
}

static int parse_int(const char *text, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 10);
	return end == text || *end || errno ? ERR_INPUT : 0;
}

/* A value that is refused: its option, as it was written there. */
struct refused {
	const struct conf_option *option;
	const char *dashes, *text;
};

static int wrong(const struct refused *r, struct err_detail *why)
{
	static const char *const wants[] = { "true or false", "a number",
		"a size such as 64M: a number, with K, M, G, T, kB, MB, GB or TB behind it or not",
		"a time such as 250ms or 5s: a number, with ms, s, m, h or d behind it or not",
		"text", "", "text" };
	const struct conf_option *o = r->option;

	if (o->type == CONF_WORD)
		return err_set(why, ERR_INPUT, "%s%s cannot be \"%s\"; it is one of %s", r->dashes,
			o->name, r->text, o->argument);
	return err_set(why, ERR_INPUT, "%s%s cannot be \"%s\"; it wants %s", r->dashes, o->name,
		r->text, wants[o->type]);
}

enum { BOUND_TEXT = 32 };

/* As people write it: in the largest unit that fits. */
static const char *bound_text(enum conf_type type, int64_t n, char out[BOUND_TEXT])
{
	static const struct unit sizes[] = { { "G", KI * KI * KI }, { "M", KI * KI }, { "K", KI },
		{ "", 1 } };
	static const struct unit times[] = { { "h", 3600000 }, { "m", 60000 }, { "s", 1000 },
		{ "ms", 1 } };
	static const struct unit plain = { "", 1 };
	const struct unit *u = type == CONF_SIZE ? sizes : type == CONF_TIME ? times : &plain;

	while (n % u->factor != 0)
		u++;
	(void)snprintf(out, BOUND_TEXT, "%lld%s", (long long)(n / u->factor), n ? u->suffix : "");
	return out;
}

static int out_of_bounds(const struct refused *r, struct err_detail *why)
{
	const struct conf_option *o = r->option;
	char min[BOUND_TEXT], max[BOUND_TEXT];

	if (o->max == INT64_MAX)
		return err_set(why, ERR_INPUT, "%s%s cannot be %s; it is at least %s", r->dashes,
			o->name, r->text, bound_text(o->type, o->min, min));
	return err_set(why, ERR_INPUT, "%s%s cannot be %s; it lies between %s and %s", r->dashes,
		o->name, r->text, bound_text(o->type, o->min, min),
		bound_text(o->type, o->max, max));
}

static int parse_number(const struct refused *r, int64_t *number, struct err_detail *why)
{
	const struct conf_option *o = r->option;
	int err = o->type == CONF_FLAG   ? parse_flag(r->text, number)
		  : o->type == CONF_SIZE ? conf_parse_size(r->text, number)
		  : o->type == CONF_TIME ? conf_parse_time(r->text, number)
					 : parse_int(r->text, number);

	if (err)
		return wrong(r, why);
	if (o->type != CONF_FLAG && (*number < o->min || *number > o->max))
		return out_of_bounds(r, why);
	return 0;
}

static void clear(struct conf_value *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->items[i]);
	free(v->items);
	free(v->where);
	*v = (struct conf_value){ .number = v->number };
}

static int add_item(struct conf_value *v, const char *text, struct err_detail *why)
{
	char *copy = strdup(text);
	char **items = realloc(v->items, (v->count + 1) * sizeof(*items));

	if (items)
		v->items = items;
	if (!copy || !items || v->count >= CONF_LIST_MAX) {
		free(copy);
		return err_set(why, ERR_NOMEM, "out of memory while reading the options");
	}
	items[v->count++] = copy;
	return 0;
}

/* A value of a stronger source replaces a weaker one; within one source a list grows. */
static int store(struct conf *c, enum conf_id id, const char *text, int64_t number,
	enum conf_source source, const char *where, struct err_detail *why)
{
	struct conf_value *v = &c->values[id];
	bool grows = conf_options[id].type == CONF_LIST && v->source == source && v->count;

	if (!grows)
		clear(v);
	free(v->where);
	v->where = where ? strdup(where) : NULL;
	v->source = source;
	v->number = number;
	return *text ? add_item(v, text, why) : 0;
}

int conf_set(struct conf *c, enum conf_id id, const char *text, enum conf_source source,
	const char *where, struct err_detail *why)
{
	const struct conf_option *o = &conf_options[id];
	int64_t number = -1;

	if (source < c->values[id].source)
		return 0;
	if (*text == '\0' && o->type != CONF_FLAG && source == CONF_DEFAULT)
		return store(c, id, text, number, source, where, why);
	if (o->type == CONF_FLAG && *text == '\0')
		text = source == CONF_DEFAULT ? "false" : "true";
	const struct refused r = { o, source == CONF_COMMAND_LINE ? "--" : "", text };
	if (o->type == CONF_WORD) {
		number = word_index(o->argument, text);
		if (number < 0)
			return wrong(&r, why);
	} else if (o->type != CONF_TEXT && o->type != CONF_LIST) {
		int err = parse_number(&r, &number, why);
		if (err)
			return err;
	}
	return store(c, id, text, number, source, where, why);
}

bool conf_flag(const struct conf *c, enum conf_id id)
{
	return c->values[id].number > 0;
}

int64_t conf_number(const struct conf *c, enum conf_id id)
{
	return c->values[id].number;
}

const char *conf_text(const struct conf *c, enum conf_id id)
{
	return c->values[id].count ? c->values[id].items[0] : NULL;
}

int conf_word(const struct conf *c, enum conf_id id)
{
	return (int)c->values[id].number;
}

size_t conf_count(const struct conf *c, enum conf_id id)
{
	return c->values[id].count;
}

const char *conf_item(const struct conf *c, enum conf_id id, size_t i)
{
	return i < c->values[id].count ? c->values[id].items[i] : NULL;
}

bool conf_given(const struct conf *c, enum conf_id id)
{
	return c->values[id].source != CONF_DEFAULT;
}

void conf_done(struct conf *c)
{
	for (int id = 0; id < CONF_COUNT; id++)
		clear(&c->values[id]);
}
