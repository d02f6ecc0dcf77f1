/* target_conf.c -- the configuration file, for each of the three programs.
 *
 * 0: program | the file */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fuzz.h"

static const unsigned programs[] = { CONF_CAPTURE, CONF_SHIP, CONF_CLI };

static void parse_numbers(const uint8_t *data, size_t n)
{
	char *text = strndup((const char *)data, n);
	int64_t value;

	if (!text)
		abort();
	if (conf_parse_time(text, &value) == 0 && value < 0)
		fuzz_fail("a time below 0");
	if (conf_parse_size(text, &value) == 0 && value < 0)
		fuzz_fail("a size below 0");
	(void)conf_nearest(text, CONF_CAPTURE | CONF_SHIP);
	free(text);
}

static void check_values(const struct conf *c)
{
	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		const struct conf_value *v = &c->values[id];
		if (v->source != CONF_FILE)
			continue;
		if (v->count > CONF_LIST_MAX)
			fuzz_fail("%s has %zu values", o->name, v->count);
		bool bounded = o->type == CONF_INT || o->type == CONF_SIZE || o->type == CONF_TIME;
		if (bounded && *o->def && (v->number < o->min || v->number > o->max))
			fuzz_fail("%s is %lld", o->name, (long long)v->number);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err_detail why = { "" };

	if (n < 1)
		return 0;
	struct conf c = { .program = programs[data[0] % 3] };
	parse_numbers(data + 1, n - 1);
	int err = conf_read_file(&c, fuzz_file(data + 1, n - 1), false, &why);
	if (err && !*why.text)
		fuzz_fail("a configuration is refused without a word");
	if (!err)
		check_values(&c);
	conf_done(&c);
	return 0;
}

/* --- seeds --- */

static void keep(struct fuzz_seeds *s, uint8_t program, const char *text)
{
	fuzz_keep(s, &program, 1, text, strlen(text));
}

/* A value that the option takes. */
static void add_value(struct buf *out, const struct conf_option *o)
{
	static const char *const values[] = { [CONF_FLAG] = "true",
		[CONF_INT] = "96",
		[CONF_SIZE] = "1GiB",
		[CONF_TIME] = "1m",
		[CONF_TEXT] = "text",
		[CONF_LIST] = "a=1" };

	if (o->type == CONF_WORD)
		buf_printf(out, "\"%.*s\"", (int)strcspn(o->argument, "|"), o->argument);
	else
		buf_printf(out, o->type == CONF_LIST ? "[\"%s\", 1]" : "\"%s\"", values[o->type]);
}

/* A file for each option, in the object that it lives in. */
void fuzz_seeds(struct fuzz_seeds *s)
{
	struct buf text;

	buf_init(&text, 4096);
	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		if (!conf_object(o) || o->programs & CONF_HIDDEN)
			continue;
		buf_reset(&text);
		buf_printf(
			&text, "// one\n{ \"%s\": { /* only */ \"%s\": ", conf_object(o), o->name);
		add_value(&text, o);
		buf_adds(&text, " } }\n");
		keep(s, (uint8_t)(id % 3), buf_str(&text));
	}
	buf_done(&text);
	keep(s, 0,
		"{ \"capture\": { \"snaplen\": 96, \"count\": 1e3, \"payload\": true } } // end");
	keep(s, 0, "250ms");
	keep(s, 1, "10GiB");
}
