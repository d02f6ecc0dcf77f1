/* setup.h -- what a server is, and whether it has our index templates. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETUP_H
#define ESPCAP_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "http.h"
#include "index_name.h"
#include "sink.h"

/* A row of small requests, one after the other: what server is this (GET /, or where that is
 * refused GET /_nodes/_local), and for each template GET, compare, and where asked for PUT. */
enum setup_step { SETUP_ROOT, SETUP_NODES, SETUP_GET, SETUP_PUT, SETUP_DONE };

struct setup {
	enum sink_setup mode;
	const struct index_patterns *patterns; /* of packet indices; borrowed */
	size_t first;                          /* the first one that records need */
	enum setup_step step;
	unsigned template; /* which one is being looked at */
	bool known, opensearch;
	int major, minor;
	char server[64];     /* "Elasticsearch 8.19.0", for people */
	char *body;          /* owned: of the request in preparation */
	struct cJSON *found; /* owned: the template on the server that is to be replaced; or NULL */
	char why[256];       /* what keeps it from going on, "" for nothing */
};

void setup_init(
	struct setup *s, enum sink_setup mode, const struct index_patterns *patterns, size_t first);
void setup_done(struct setup *s);

/* The next request: path behind the host, method and body (owned by s). ERR_END when the set-up is
 * complete; ERR_NOMEM. */
int setup_next(
	struct setup *s, const char **path, const char **method, const char **body) ERR_WARN_UNUSED;

/* Takes the answer. 0: go on; ERR_AGAIN: wait, s->why says for what. */
int setup_answer(struct setup *s, const struct http_answer *answer) ERR_WARN_UNUSED;

#endif
