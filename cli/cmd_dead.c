/* cmd_dead.c -- espcap dead list and export: the records that Elasticsearch would not take. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "command.h"
#include "dead_index.h"
#include "log.h"
#include "looks.h"

struct listing {
	const struct dead_index *index;
	int (*print)(const char *line, size_t len);
};

static const char *text_of(const cJSON *letter, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(letter, key));

	return text ? text : "-";
}

/* One line a letter; the reason last, since it is long. */
static int print_as(const char *line, size_t len, const char *mark)
{
	cJSON *letter = cJSON_ParseWithLength(line, len);

	if (!letter)
		return ERR_INPUT;
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(letter, "status");
	(void)printf("%s  %s  %3d  %s  %s%s: %s\n", text_of(letter, "time"), text_of(letter, "_id"),
		cJSON_IsNumber(status) ? status->valueint : 0, text_of(letter, "_index"), mark,
		text_of(letter, "type"), text_of(letter, "reason"));
	cJSON_Delete(letter);
	return ferror(stdout) ? ERR_SYS : 0;
}

static int print_line(const char *line, size_t len)
{
	return print_as(line, len, "");
}

static int print_whole(const char *line, size_t len)
{
	return fwrite(line, 1, len, stdout) == len && putchar('\n') == '\n' ? 0 : ERR_SYS;
}

static int each_letter(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	const struct listing *l = arg;
	struct dead_line d;

	(void)f;
	if (!dead_line_read(line, len, &d) && !dead_index_is_last(l->index, &d, seq))
		return 0;
	return l->print(line, len);
}

/* Letters that espcap dead retry has moved to parked/, and that are not settled again yet. */
static int each_parked(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	const struct ack_chain *parked = arg;
	struct dead_line d;

	(void)f;
	if (dead_line_read(line, len, &d) || !d.letter || ack_covers(parked, seq, seq))
		return 0;
	return print_as(line, len, "(tried again) ");
}

static int print_letters(const char *dir, int (*print)(const char *line, size_t len))
{
	struct spool spool;
	struct ack ack;
	struct dead_index *index = NULL;
	uint64_t missing = 0;

	if (looks_open(dir, &spool))
		return 1;
	looks_settled(&spool, &ack, NULL);
	uint64_t frontier = ack.chain[ACK_DEAD].frontier;
	int err = dead_index_new(&spool, frontier, &index);
	struct listing listing = { index, print };
	if (!err)
		err = reader_each_line(
			&spool, "dead", frontier + 1, each_letter, &listing, &missing);
	dead_index_free(index);
	uint64_t gone;
	if (!err && print == print_line)
		err = reader_each_line(&spool, "parked", ack.chain[ACK_PARKED].frontier + 1,
			each_parked, &ack.chain[ACK_PARKED], &gone);
	if (missing)
		log_warn("%llu dead letters are damaged on the disk and lost",
			(unsigned long long)missing);
	if (!err && fflush(stdout) == 0)
		return missing ? 1 : 0; /* 0 also where there never was a dead letter */
	log_error("cannot print the dead letters of %s: %s", dir,
		err == ERR_SYS || !err ? strerror(errno) : err_text(err));
	return 1;
}

static int run_list(int argc, char **argv)
{
	int code = command_words(&command_dead_list, 1, argc, argv);

	return code ? code : print_letters(argv[1], print_line);
}

static int run_export(int argc, char **argv)
{
	int code = command_words(&command_dead_export, 1, argc, argv);

	return code ? code : print_letters(argv[1], print_whole);
}

const struct command command_dead_list = { "dead list", "DIR",
	"list the records that Elasticsearch would not take",
	"One line a record: time, _id, status, index, and why; those that espcap dead retry\n"
	"sends again are marked (tried again) until they are settled. Nothing is changed. The "
	"exit\n"
	"status is 1 when letters are damaged on the disk.\n",
	run_list };
const struct command command_dead_export = { "dead export", "DIR",
	"print these records with their errors, as JSON",
	"One JSON object a line: _id, _index, status, type, reason, time, attempts, sequence, "
	"run,\n"
	"chain, kind and the record itself. Nothing is changed. The exit status is 1 when letters\n"
	"are damaged on the disk.\n",
	run_export };
