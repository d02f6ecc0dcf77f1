/* cmd_dead.c -- espcap dead: the records that Elasticsearch would not take. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "command.h"
#include "log.h"
#include "reader.h"
#include "spool.h"

static const char *text_of(const cJSON *letter, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(letter, key));

	return text ? text : "-";
}

/* One line a letter; the reason last, since it is long. */
static int print_line(const char *line, size_t len)
{
	cJSON *letter = cJSON_ParseWithLength(line, len);

	if (!letter)
		return ERR_INPUT;
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(letter, "status");
	(void)printf("%s  %s  %3d  %s  %s: %s\n", text_of(letter, "time"), text_of(letter, "_id"),
		cJSON_IsNumber(status) ? status->valueint : 0, text_of(letter, "_index"),
		text_of(letter, "type"), text_of(letter, "reason"));
	cJSON_Delete(letter);
	return 0;
}

static int print_whole(const char *line, size_t len)
{
	return fwrite(line, 1, len, stdout) == len && putchar('\n') == '\n' ? 0 : ERR_SYS;
}

static int each_line(const struct reader_frame *f, int (*print)(const char *line, size_t len))
{
	const char *line = f->text, *end = f->text + f->header.raw_len;
	int err = 0;

	while (line < end && !err) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline)
			break;
		err = print(line, (size_t)(newline - line));
		line = newline + 1;
	}
	return err;
}

static int print_letters(const char *dir, int (*print)(const char *line, size_t len))
{
	struct spool spool;
	struct err_detail why = { "" };
	struct reader *reader;
	struct reader_frame f;
	uint64_t from = 1;

	if (spool_open(&spool, dir, false, &why)) {
		log_error("%s", why.text);
		return 1;
	}
	int err = reader_new(&spool, "dead", &reader);
	if (err) {
		log_error("out of memory for the spool");
		return 1;
	}
	while (!err && !(err = reader_next(reader, from, &f))) {
		if (f.gap.lost)
			log_warn("%llu dead letters are damaged on the disk and lost",
				(unsigned long long)f.gap.lost);
		from = f.header.first_seq + f.header.count;
		err = each_line(&f, print);
	}
	reader_free(reader);
	if (err == ERR_END && fflush(stdout) == 0)
		return 0; /* also where there never was a dead letter */
	log_error("cannot print the dead letters of %s: %s", dir,
		err == ERR_SYS || err == ERR_END ? strerror(errno) : err_text(err));
	return 1;
}

static int run_list(int argc, char **argv)
{
	if (argc != 2 || argv[1][0] == '-')
		return command_wrong_usage(&command_dead_list);
	return print_letters(argv[1], print_line);
}

static int run_export(int argc, char **argv)
{
	if (argc != 2 || argv[1][0] == '-')
		return command_wrong_usage(&command_dead_export);
	return print_letters(argv[1], print_whole);
}

const struct command command_dead_list = { "dead list", "DIR",
	"list the records that Elasticsearch would not take",
	"One line a record: time, _id, status, index, and why. Nothing is changed.\n", run_list };
const struct command command_dead_export = { "dead export", "DIR",
	"print these records with their errors, as JSON",
	"One JSON object a line: _id, _index, status, type, reason, time, attempts, sequence, run\n"
	"and the record itself. Nothing is changed.\n",
	run_export };
