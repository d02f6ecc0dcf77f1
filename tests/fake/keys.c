/* keys.c -- JSON objects read by tables of the keys they may have. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { MAX_INT = 1 << 30 };

bool keys_wrong(struct keys_read *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->error, k->error_size, fmt, ap);
	va_end(ap);
	return false;
}

static bool read_int(struct keys_read *k, const struct keys_key *key, const cJSON *v)
{
	double d = v->valuedouble;
	bool fits = cJSON_IsNumber(v) && d >= (double)key->min && d <= MAX_INT;

	if (!fits || d != (double)(int64_t)d)
		return keys_wrong(
			k, "%s must be a whole number from %" PRId64 " on", key->name, key->min);
	*(int64_t *)(void *)((char *)k->into + key->at) = (int64_t)d;
	return true;
}

static bool read_bool(struct keys_read *k, const struct keys_key *key, const cJSON *v)
{
	if (key->kind == KEY_TRUE && !cJSON_IsTrue(v))
		return keys_wrong(k, "%s must be true", key->name);
	if (!cJSON_IsBool(v))
		return keys_wrong(k, "%s must be true or false", key->name);
	*(bool *)((char *)k->into + key->at) = cJSON_IsTrue(v);
	return true;
}

static bool read_string(struct keys_read *k, const struct keys_key *key, const cJSON *v)
{
	char **to = (char **)(void *)((char *)k->into + key->at);

	if (!cJSON_IsString(v) || !*v->valuestring)
		return keys_wrong(k, "%s must be a text that is not empty", key->name);
	free(*to);
	*to = need(strdup(v->valuestring));
	return true;
}

bool keys_read_one(struct keys_read *k, const struct keys_key *key, const cJSON *v)
{
	switch (key->kind) {
	case KEY_INT:
		return read_int(k, key, v);
	case KEY_STRING:
		return read_string(k, key, v);
	case KEY_CUSTOM:
		return key->read(k, v);
	default:
		return read_bool(k, key, v);
	}
}

bool keys_read(
	struct keys_read *k, const cJSON *object, const char *what, const struct keys_key *keys)
{
	if (!cJSON_IsObject(object))
		return keys_wrong(k, "%s must be an object", what);
	for (const cJSON *v = object->child; v; v = v->next) {
		const struct keys_key *key = keys;

		while (key->name && strcmp(key->name, v->string) != 0)
			key++;
		if (!key->name)
			return keys_wrong(k, "%s has an unknown key \"%s\"", what, v->string);
		if (!keys_read_one(k, key, v))
			return false;
	}
	return true;
}

int keys_read_name(struct keys_read *k, const cJSON *v, const char *const names[])
{
	for (int i = 0; cJSON_IsString(v) && names[i]; i++)
		if (strcmp(names[i], v->valuestring) == 0)
			return i;
	keys_wrong(k, "%s has no such value", v->string);
	return -1;
}
