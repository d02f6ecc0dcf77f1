/* ecs.h -- the paths of a document outside of `layers`, made from ecs.def. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_ECS_H
#define ESPCAP_ECS_H

#include <stdbool.h>
#include <stdint.h>

enum ecs_type {
	ECS_TYPE_KEYWORD,
	ECS_TYPE_TEXT,
	ECS_TYPE_LONG,
	ECS_TYPE_BOOL,
	ECS_TYPE_IP,
	ECS_TYPE_DATE,
	ECS_TYPE_OBJECT, /* array of objects whose paths are PART rows */
	ECS_TYPE_FLAT,   /* object whose keys are the user's */
};

enum ecs_flags { ECS_FLAG_ONE, ECS_FLAG_MANY, ECS_FLAG_LEAD, ECS_FLAG_PART };

enum ecs_id {
	ECS_NONE,
#define ECS(id, ...) ECS_##id,
#include "ecs.def"
#undef ECS
	ECS_COUNT
};

enum { ECS_WORDS = (ECS_COUNT + 63) / 64, ECS_DEPTH_MAX = 4, ECS_KEY_MAX = 32 };

struct ecs_row {
	const char *path;
	enum ecs_type type;
	enum ecs_flags flags;
	const char *description;
};
extern const struct ecs_row ecs_rows[ECS_COUNT];

/* How a row is printed: the objects around it, outermost first, and `"leaf":` (empty for a LEAD).
 * An object's id is the row of its first member, so that equal ids mean the same object. */
struct ecs_print {
	uint16_t group; /* equal groups: the same objects all around */
	uint8_t depth;
	uint8_t objects[ECS_DEPTH_MAX];
	uint8_t key_len;
	char key[ECS_KEY_MAX];
};

/* Fills print[ECS_COUNT], and objects[id * ECS_DEPTH_MAX + depth] with the `"name":{` of each
 * object; both zeroed by the caller. */
void ecs_prepare(struct ecs_print *print, struct ecs_print *objects);

/* Rows whose flag is MANY. */
static inline bool ecs_is_many(enum ecs_id id)
{
	return ecs_rows[id].flags == ECS_FLAG_MANY;
}

/* The row of a path, or ECS_NONE. */
enum ecs_id ecs_find(const char *path);

#endif
