/* conf_file.c -- the configuration file: JSON with comments. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

/* Replaces comments by blanks, so that line and column of an error stay true. */
static void blank_comments(char *s)
{
	bool text = false;

	while (*s) {
		if (text && *s == '\\' && s[1]) {
			s += 2;
			continue;
		}
		if (*s == '"')
			text = !text;
		bool line = !text && s[0] == '/' && s[1] == '/';
		bool block = !text && s[0] == '/' && s[1] == '*';
		if (!line && !block) {
			s++;
			continue;
		}
		const char *mark = line ? "\n" : "*/";
		char *end = strstr(s + 2, mark);
		end = end ? end + (block ? 2 : 0) : s + strlen(s);
		for (; s < end; s++)
			if (*s != '\n')
				*s = ' ';
	}
}

static int read_text(const char *path, bool optional, char **text, struct err_detail *why)
{
	FILE *f = fopen(path, "re");

	*text = NULL;
	if (!f && optional && errno == ENOENT)
		return 0;
	char *memory = f ? malloc(CONF_FILE_MAX + 1) : NULL;
	size_t n = memory ? fread(memory, 1, CONF_FILE_MAX + 1, f) : 0;
	if (!f || !memory || ferror(f)) {
		int err = err_set(why, ERR_CONFIG, "cannot read the configuration %s: %s", path,
			strerror(errno));
		if (f)
			(void)fclose(f);
		free(memory);
		return err;
	}
	(void)fclose(f);
	if (n > CONF_FILE_MAX || memchr(memory, '\0', n)) {
		free(memory);
		return err_set(why, ERR_CONFIG,
			"%s is no configuration: it is larger than 1 MiB or holds a zero byte",
			path);
	}
	memory[n] = '\0';
	*text = memory;
	return 0;
}

static int syntax_error(const char *path, const char *text, const char *at, struct err_detail *why)
{
	size_t line = 1, column = 1;

	for (; text < at && *text; text++) {
		column = *text == '\n' ? 1 : column + 1;
		line += *text == '\n';
	}
	return err_set(why, ERR_CONFIG, "%s:%zu:%zu: this is not JSON (comments are allowed)", path,
		line, column);
}

/* The text a person would have given on the command line; NULL for a type that is none. */
static const char *scalar(const cJSON *item, char *number, size_t size)
{
	if (cJSON_IsString(item))
		return item->valuestring;
	if (cJSON_IsBool(item))
		return cJSON_IsTrue(item) ? "true" : "false";
	if (!cJSON_IsNumber(item))
		return NULL;
	if (item->valuedouble > 9e15 || item->valuedouble < -9e15)
		return NULL;
	/* a fraction keeps its point, so that it is refused and not rounded */
	(void)snprintf(number, size, "%.17g", item->valuedouble);
	return number;
}

static int set_one(
	struct conf *c, int id, const cJSON *item, const char *path, struct err_detail *why)
{
	struct err_detail detail = { "" };
	char number[32];
	const char *text = scalar(item, number, sizeof(number));

	if (!text)
		return err_set(why, ERR_CONFIG, "%s: %s must be text, a number or true or false",
			path, conf_options[id].name);
	int err = conf_set(c, (enum conf_id)id, text, CONF_FILE, path, &detail);
	return err ? err_set(why, ERR_CONFIG, "%s: %s", path, detail.text) : 0;
}

static int set_item(struct conf *c, const char *object, const cJSON *item, const char *path,
	struct err_detail *why)
{
	int id = conf_find(item->string, CONF_CAPTURE | CONF_SHIP);
	const cJSON *element;

	if (id < 0 || !conf_in_file((enum conf_id)id)) {
		const char *near = conf_nearest(item->string, CONF_CAPTURE | CONF_SHIP);
		return err_set(why, ERR_CONFIG, "%s: unknown key \"%s\" in \"%s\"%s%s%s", path,
			item->string, object, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
	}
	if (strcmp(object, conf_object(&conf_options[id])) != 0)
		return err_set(why, ERR_CONFIG, "%s: \"%s\" belongs into \"%s\", not \"%s\"", path,
			item->string, conf_object(&conf_options[id]), object);
	if (!conf_takes(c->program, &conf_options[id])) {
		struct conf other = { .program = CONF_CLI }; /* checked, then forgotten */
		int err = set_item(&other, object, item, path, why);
		conf_done(&other);
		return err;
	}
	if (!cJSON_IsArray(item) || conf_options[id].type != CONF_LIST)
		return set_one(c, id, item, path, why);
	cJSON_ArrayForEach(element, item)
	{
		int err = set_one(c, id, element, path, why);
		if (err)
			return err;
	}
	return 0;
}

static int set_object(struct conf *c, const cJSON *object, const char *path, struct err_detail *why)
{
	const char *name = object->string;
	const cJSON *item;

	if (strcmp(name, "common") != 0 && strcmp(name, "capture") != 0 &&
		strcmp(name, "ship") != 0)
		return err_set(why, ERR_CONFIG,
			"%s: unknown object \"%s\"; there are common, capture and ship", path,
			name);
	if (!cJSON_IsObject(object))
		return err_set(why, ERR_CONFIG, "%s: \"%s\" must be an object", path, name);
	cJSON_ArrayForEach(item, object)
	{
		int err = set_item(c, name, item, path, why);
		if (err)
			return err;
	}
	return 0;
}

int conf_read_file(struct conf *c, const char *path, bool optional, struct err_detail *why)
{
	const char *end = NULL;
	char *text;
	const cJSON *object;

	int err = read_text(path, optional, &text, why);
	if (err || !text)
		return err;
	blank_comments(text);
	cJSON *root = cJSON_ParseWithOpts(text, &end, true);
	if (!root || !cJSON_IsObject(root)) {
		err = syntax_error(path, text, end ? end : text, why);
		goto out;
	}
	cJSON_ArrayForEach(object, root)
	{
		err = set_object(c, object, path, why);
		if (err)
			break;
	}
out:
	cJSON_Delete(root);
	free(text);
	return err;
}
