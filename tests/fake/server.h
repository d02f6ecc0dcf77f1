/* server.h -- what all requests share, and what one request is made of while it is answered. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include <cJSON.h>

#include "gunzip.h"
#include "http.h"
#include "itemlog.h"
#include "reply.h"
#include "script.h"
#include "store.h"
#include "uri.h"

struct options {
	const char *port_file, *log_file, *script_file;
	const char *log_documents; /* glob over indices; NULL: none */
	const char *address;
	unsigned port, latency_ms;
	size_t max_body;
	bool fast;
};

enum { STATS_STATUS = 1000, READ_BUFFER = 256 * 1024 };

struct stats {
	uint64_t requests, bulk_requests, items, stored, conflict409;
	uint64_t same_id_other_content, same_id_other_index, failure_store;
	uint64_t bytes_in, bytes_raw, in_flight_max, in_flight_bytes_max, connections;
	uint64_t redirects_followed, redirects_with_credentials;
	uint64_t refused[STATS_STATUS]; /* items, by status */
	uint64_t answers[STATS_STATUS]; /* requests, by status */
};

struct server {
	struct options opt;
	unsigned port;
	struct store store;
	struct script *script;
	struct itemlog log;
	struct gunzip gunzip;
	struct stats stats;
	cJSON *templates;        /* name: template, as it was put */
	struct text prepared[2]; /* by op: items of --fast, all settled */
	uint64_t in_flight, in_flight_bytes, connections_open, auto_ids;
	char read_buffer[READ_BUFFER]; /* one for all connections: its bytes are copied at once */
};

/* One request while it is answered; all but `held` is borrowed. */
struct exchange {
	struct server *srv;
	const struct http_head *head;
	struct uri uri;
	struct view index;      /* n is 0: the path names none */
	struct view wire, body; /* as sent, and unpacked */
	struct script *script;  /* held, so that `rule` outlives a change of the script */
	struct rule *rule;      /* NULL: none acts */
	struct reply *reply;
	uint64_t number;
	size_t held; /* raw bytes that count as in flight until the answer is out */
	bool bulk, control;
	bool overflow; /* the body was larger than max_body, and `wire` is not all of it */
};

#endif
