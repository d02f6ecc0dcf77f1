/* setup_talk.h -- a talk with the set-up, for its tests: one plays the server. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TESTS_SETUP_TALK_H
#define ESPCAP_TESTS_SETUP_TALK_H

#include "test.h"

#include "setup.h"

/* The set-up, what it was given, and the request that it made last. */
extern struct setup s;
extern const char *path, *method, *body;
extern struct index_patterns in_force;
extern struct index_settings asked;

/* Starts anew, with the patterns in force from number `first` on; or with this one alone. */
void begin_from(enum sink_setup mode, size_t first);
void begin_with(enum sink_setup mode, const char *pattern);

/* What it must ask next; and the answer, in an allocation of its exact size. Whoever waits says for
 * what. Returns 0 or ERR_AGAIN. */
void asks(const char *wanted_method, const char *wanted_path);
int answer(int status, const char *text);

extern const char refuses_root[], nodes_path[], list_path[];

struct server {
	int root_status;
	const char *root, *nodes;
	const char *name;
	bool opensearch;
	int major, minor;
	const char *layers; /* type of the field in the template it gets */
};
enum { SERVERS = 8 };
extern const struct server servers[SERVERS];

/* Until the list of its templates is asked for; and until that has none of others. */
void meet_only(const struct server *server);
void meet(const struct server *server);

/* A template as Elasticsearch gives it back, with false as text; valid until the next call. */
const char *there(int version, const char *pattern);

#endif
