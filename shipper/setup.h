/* setup.h -- what a server is, and whether it has our index templates. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETUP_H
#define ESPCAP_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "http.h"
#include "index_name.h"
#include "index_settings.h"
#include "setup_others.h"
#include "setup_server.h"
#include "sink.h"

/* A row of small requests, one after the other: what server is this (GET /, or where that is
 * refused GET /_nodes/_local), which index templates has it, what do those of others hold that come
 * before ours, and for each template of ours GET, compare, and where asked for PUT. What of that a
 * server does not answer is done without, but for our templates. */
enum setup_step {
	SETUP_ROOT,
	SETUP_NODES,
	SETUP_LIST,
	SETUP_OTHER,
	SETUP_GET,
	SETUP_PUT,
	SETUP_DONE
};
enum {
	SETUP_TEMPLATES = 4,
	SETUP_WHY_MAX = 400,
	SETUP_TOLD_MAX = OTHERS_LACKS_MAX + OTHERS_NAME_MAX,
	SETUP_PATH_MAX = 256 + 3 * OTHERS_NAME_MAX,
};

struct setup_conf {
	enum sink_setup mode;
	const struct index_patterns *patterns; /* of packet indices; borrowed */
	size_t first;                          /* the first one that records need */
	const struct index_settings *settings; /* borrowed */
};

struct setup {
	struct setup_conf conf;
	struct index_settings settings; /* what of conf's this server can be asked */
	enum setup_step step;
	unsigned template; /* which one is being looked at */
	struct setup_server server;
	enum setup_layers layers; /* the form that is tried */
	struct {
		struct setup_other first; /* of others, that comes before ours; name "": none */
		bool all;                 /* for every index of ours there is one */
	} others[SETUP_TEMPLATES];
	char path[SETUP_PATH_MAX]; /* of the request in preparation */
	char *body;                /* owned: of that request */
	struct cJSON *found; /* owned: the template on the server that is to be replaced; or NULL */
	int64_t day;         /* when it was looked at last, days since 1970 */
	bool whole;          /* it is there and to be replaced: all of it is asked for */
	bool again;          /* it was complete before: what is as it was is not told anew */
	char told[SETUP_TEMPLATES][SETUP_TOLD_MAX];
	char why[SETUP_WHY_MAX]; /* what keeps it from going on, "" for nothing */
};

void setup_init(struct setup *s, const struct setup_conf *conf);
void setup_done(struct setup *s);

/* The next request: path behind the host, method and body (owned by s). ERR_END when the set-up is
 * complete; ERR_NOMEM. */
int setup_next(
	struct setup *s, const char **path, const char **method, const char **body) ERR_WARN_UNUSED;

/* Takes the answer. 0: go on; ERR_AGAIN: wait, s->why says for what. */
int setup_answer(struct setup *s, const struct http_answer *answer) ERR_WARN_UNUSED;

/* A new day (UTC) makes new indices: are the templates still there? Call it before each request; it
 * changes nothing on a day that was looked at. */
void setup_look_again(struct setup *s);

#endif
