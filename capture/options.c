/* options.c -- what the options of espcap-capture mean together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "log.h"

int options_check(const struct conf *c, struct err_detail *why)
{
	bool file = conf_count(c, OPT_FILE) > 0, nic = conf_text(c, OPT_NIC);

	if (file == nic)
		return err_set(why, ERR_USAGE,
			file ? "--file and --nic exclude each other"
			     : "one of --file and --nic is needed");
	if (nic && c->values[OPT_RESUME].source == CONF_COMMAND_LINE && conf_flag(c, OPT_RESUME))
		return err_set(why, ERR_USAGE,
			"--resume goes on in a file, and an interface has no place to go on from");
	if (!conf_flag(c, OPT_STDOUT) == !conf_text(c, OPT_SPOOL))
		return err_set(why, ERR_USAGE,
			conf_flag(c, OPT_STDOUT) ? "--stdout and --spool exclude each other"
						 : "one of --spool and --stdout is needed");
	return 0;
}

/* The words behind the options are a filter, as with tcpdump. */
int options_filter(const struct conf *c, const char **filter, char **owned, struct err_detail *why)
{
	struct buf words;

	*owned = NULL;
	*filter = conf_text(c, OPT_FILTER);
	if (c->rest_count == 0)
		return 0;
	if (*filter)
		return err_set(why, ERR_USAGE,
			"\"%s\" is no option, and there is a --filter already", c->rest[0]);
	buf_init(&words, 65536);
	for (size_t i = 0; i < c->rest_count; i++) {
		buf_adds(&words, i ? " " : "");
		buf_adds(&words, c->rest[i]);
	}
	*filter = *owned = words.failed ? NULL : strdup(buf_str(&words));
	buf_done(&words);
	return *owned ? 0 : err_set(why, ERR_USAGE, "the filter is too long");
}

enum schema options_schema(const struct conf *c)
{
	int word = conf_word(c, OPT_SCHEMA);

	if (word >= 0)
		return (enum schema)word;
	return conf_text(c, OPT_NIC) ? SCHEMA_SLIM : SCHEMA_FULL;
}

int options_maker(const struct conf *c, const char *name, struct maker *out, struct err_detail *why)
{
	bool article = conf_word(c, OPT_FORMAT) == 1;
	struct decode_conf decode = {
		.payload = conf_flag(c, OPT_PAYLOAD),
		.show_secrets = conf_flag(c, OPT_SHOW_SECRETS),
		.verify_checksums = conf_flag(c, OPT_VERIFY_CHECKSUMS),
		.probe_rtp = conf_flag(c, OPT_PROBE_RTP),
		.ports = (const char *const *)c->values[OPT_PORT].items,
		.nports = conf_count(c, OPT_PORT),
	};
	struct document_conf document = {
		.schema = options_schema(c),
		.show_secrets = conf_flag(c, OPT_SHOW_SECRETS),
		.name = name,
		.site = conf_text(c, OPT_SITE),
		.fields = conf_text(c, OPT_FIELDS),
		.labels = (const char *const *)c->values[OPT_LABEL].items,
		.nlabels = conf_count(c, OPT_LABEL),
		.tags = (const char *const *)c->values[OPT_TAG].items,
		.ntags = conf_count(c, OPT_TAG),
	};

	int err = decoder_new(&decode, &out->decoder, why);
	if (err || article)
		return err;
	return document_new(&document, out->decoder, &out->document, why);
}

/* 0 also for a pipe, which cannot be looked at twice. */
static int try_file(
	const struct conf *c, const struct source_conf *how, size_t i, struct err_detail *why)
{
	const char *path = conf_item(c, OPT_FILE, i);
	struct source *source = NULL;
	struct stat st;

	if (strcmp(path, "-") == 0 ||
		(stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	struct source_conf conf = *how;
	conf.idle = NULL; /* there is no sink yet, and nothing to wait for */
	int err = source_open_file(path, &conf, &source, why);
	source_close(source);
	return err;
}

int options_try_files(const struct conf *c, const struct source_conf *how, struct err_detail *why)
{
	size_t count = conf_count(c, OPT_FILE);
	struct err_detail other;
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		err = try_file(c, how, i, why);
		if (!err || err == ERR_USAGE)
			return err;
	}
	for (size_t i = 0; i + 1 < count; i++)
		if (try_file(c, how, i, &other))
			log_error("%s", other.text);
	return err;
}
