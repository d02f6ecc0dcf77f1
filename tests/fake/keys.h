/* keys.h -- JSON objects read by tables of the keys they may have. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_KEYS_H
#define FAKE_KEYS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum keys_kind { KEY_INT, KEY_BOOL, KEY_TRUE, KEY_STRING, KEY_CUSTOM };

/* Where values go, and room for the sentence that says what is wrong. */
struct keys_read {
	void *into;
	char *error;
	size_t error_size;
};

/* Ints are int64_t, bools bool (KEY_TRUE refuses false), strings char * of the heap, not empty. */
struct keys_key {
	const char *name; /* NULL ends a table */
	enum keys_kind kind;
	size_t at;   /* offset in `into` */
	int64_t min; /* of an int */
	bool (*read)(struct keys_read *k, const cJSON *v);
};

/* All of these return false when they have written an error. `what` names the object. */
bool keys_read(
	struct keys_read *k, const cJSON *object, const char *what, const struct keys_key *keys);
bool keys_read_one(struct keys_read *k, const struct keys_key *key, const cJSON *v);
/* The place of the text in a list of names that NULL ends; -1 and an error when it is not there. */
int keys_read_name(struct keys_read *k, const cJSON *v, const char *const names[]);
/* Always false. */
__attribute__((format(printf, 2, 3))) bool keys_wrong(struct keys_read *k, const char *fmt, ...);

#endif
