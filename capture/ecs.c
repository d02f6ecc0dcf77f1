/* ecs.c -- the paths of a document outside of `layers`. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ecs.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const struct ecs_row ecs_rows[ECS_COUNT] = {
	[ECS_NONE] = { "", ECS_TYPE_KEYWORD, ECS_FLAG_PART, "" },
#define ECS(id, path, type, flags, description)                                                    \
	[ECS_##id] = { path, ECS_TYPE_##type, ECS_FLAG_##flags, description },
#include "ecs.def"
#undef ECS
};

_Static_assert(ECS_COUNT <= 255, "object ids are bytes");

enum ecs_id ecs_find(const char *path)
{
	for (int id = 1; id < ECS_COUNT; id++)
		if (strcmp(ecs_rows[id].path, path) == 0)
			return (enum ecs_id)id;
	return ECS_NONE;
}

/* The first row whose path begins with the same n characters: the identity of an object. */
static uint8_t object_id(const char *path, size_t n)
{
	for (int id = 1; id < ECS_COUNT; id++)
		if (strncmp(ecs_rows[id].path, path, n) == 0)
			return (uint8_t)id;
	return 0;
}

static uint8_t text_key(char *key, const char *name, size_t n, const char *tail)
{
	int len = snprintf(key, ECS_KEY_MAX, "\"%.*s\":%s", (int)n, name, tail);

	assert(len < ECS_KEY_MAX);
	return (uint8_t)len;
}

void ecs_prepare(struct ecs_print *print, struct ecs_print *objects)
{
	for (int id = 1; id < ECS_COUNT; id++) {
		const char *path = ecs_rows[id].path;
		struct ecs_print *p = &print[id];
		const char *leaf = path, *dot;
		*p = (struct ecs_print){ 0 };
		while ((dot = strchr(leaf, '.'))) {
			uint8_t object = object_id(path, (size_t)(dot + 1 - path));
			/* one id per depth: the outer object must not take the inner one's */
			struct ecs_print *o = &objects[object * ECS_DEPTH_MAX + p->depth];
			assert(p->depth < ECS_DEPTH_MAX);
			o->key_len = text_key(o->key, leaf, (size_t)(dot - leaf), "{");
			p->objects[p->depth++] = object;
			leaf = dot + 1;
		}
		if (p->depth) /* an id alone may be that of the outer object, too */
			p->group = (uint16_t)(p->objects[p->depth - 1] * ECS_DEPTH_MAX + p->depth);
		if (*leaf)
			p->key_len = text_key(p->key, leaf, strlen(leaf), "");
	}
}
