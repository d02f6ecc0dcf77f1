/* dead_words.c -- which letters espcap dead retry and purge are asked for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead_words.h"

#include <stdio.h>
#include <string.h>

#include "dead.h"
#include "looks.h"
#include "record_id.h"

static int take_id(const struct command *command, struct request *r, const char *text)
{
	struct request_id id;

	if (strlen(text) != RECORD_ID_LEN || record_id_parse(text, &id.run, &id.seq) != 0)
		return command_refuse(command, "\"%s\" is no _id of 26 characters", text);
	if (r->nids == REQUEST_IDS_MAX)
		return command_refuse(
			command, "at most %d letters can be named at once", REQUEST_IDS_MAX);
	r->ids[r->nids++] = id;
	return 0;
}

static int take_option(
	const struct command *command, struct request *r, const char *name, const char *value)
{
	if (!value)
		return command_refuse(command, "%s wants a value", name);
	if (strcmp(name, "--type") == 0 && *value && strlen(value) <= DEAD_TYPE_MAX &&
		!strpbrk(value, "\n\"\\")) {
		(void)snprintf(r->type, sizeof(r->type), "%s", value);
		return 0;
	}
	if (strcmp(name, "--before") == 0 && looks_time(value, &r->before_ns))
		return 0;
	return command_refuse(command, "%s cannot be \"%s\"", name, value);
}

static int check(const struct command *command, const char *dir, bool all, const struct request *r)
{
	bool chosen = r->nids || r->type[0] || r->before_ns != INT64_MAX;

	if (!dir)
		return command_wrong_usage(command);
	if (chosen && all)
		return command_refuse(command, "--all and what chooses letters exclude each other");
	return chosen || all
		       ? 0
		       : command_refuse(command, "this says nothing of which letters are meant");
}

int dead_words_read(const struct command *command, int argc, char **argv, const char **dir,
	bool *all, struct request *request)
{
	int code = 0;

	request->before_ns = INT64_MAX;
	for (int i = 1; i < argc && !code; i++) {
		bool option = strcmp(argv[i], "--type") == 0 || strcmp(argv[i], "--before") == 0;
		if (strcmp(argv[i], "--all") == 0)
			*all = true;
		else if (option) /* argv ends with NULL */
			code = take_option(command, request, argv[i], argv[i + 1]);
		else if (argv[i][0] == '-')
			code = command_stray(command, argv[i]);
		else if (*dir)
			code = take_id(command, request, argv[i]);
		else
			*dir = argv[i];
		i += option;
	}
	return code ? code : check(command, *dir, *all, request);
}
