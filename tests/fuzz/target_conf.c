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

/* A file with every option that the object may hold, at its default. */
static void keep_object(struct fuzz_seeds *s, const char *object)
{
	struct buf text;
	const char *comma = "";

	buf_init(&text, 1 << 20);
	buf_printf(&text, "// all\n{ \"%s\": { /* at their defaults */\n", object);
	for (int id = 0; id < CONF_COUNT; id++) {
		const struct conf_option *o = &conf_options[id];
		const char *of = conf_object(o);
		if (!of || strcmp(of, object) != 0 || o->programs & CONF_HIDDEN)
			continue;
		const char *value = o->type == CONF_FLAG ? "true" : o->def;
		buf_printf(&text, o->type == CONF_LIST ? "%s\"%s\": [\"%s\"]" : "%s\"%s\": \"%s\"",
			comma, o->name, value);
		comma = ",\n";
	}
	buf_adds(&text, "\n} }\n");
	for (uint8_t program = 0; program < 3; program++)
		fuzz_keep(s, &program, 1, text.data, text.len);
	buf_done(&text);
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	static const char *const objects[] = { "common", "capture", "ship" };
	static const char numbers[] = "\0{ \"capture\": { \"snaplen\": 96, \"count\": 1e3, \"payload\": true,"
				      " \"file\": [\"a\", \"b\"], \"spool-max\": \"10GiB\" } } // end";

	for (size_t i = 0; i < 3; i++)
		keep_object(s, objects[i]);
	s->keep(s, numbers, sizeof(numbers) - 1);
	s->keep(s, "\0" "250ms", 6);
	s->keep(s, "\1" "10GiB", 6);
}
