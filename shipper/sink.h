/* sink.h -- where batches go: a cluster, or a file. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SHIP_SINK_H
#define ESPCAP_SHIP_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "batch.h"
#include "err.h"
#include "hosts.h"
#include "http.h"
#include "index_settings.h"

/* What a sink does with the batches it was given; it calls exactly one of these for each, from the
 * loop. ship.c implements them. */
struct ship;
/* An HTTP answer came, or (status 0) did not. */
void ship_answered(struct ship *ship, struct batch *b, const struct http_answer *answer);
/* All records of the batch are stored, durably. */
void ship_stored(struct ship *ship, struct batch *b);
/* From ready(): the next request is to be a small one. */
void ship_send_little(struct ship *ship);
/* What people have to know while a batch is on its way; said once, and then rarely. */
void ship_trouble(struct ship *ship, const char *why);
/* Nothing can be stored any more, for this reason: the shipper ends with 1. */
void ship_fail(struct ship *ship, const char *why);
/* Something changed that may let batches go on: a host is back, the set-up is complete. */
void ship_wake(struct ship *ship);

struct sink {
	unsigned form; /* enum batch_form */
	/* May a batch be sent now? If not, when to ask again (*at_ms, monotonic; INT64_MAX: the
	 * sink calls ship_wake()), and why, as a sentence for people (NULL: no news). */
	bool (*ready)(struct sink *sink, int64_t now_ms, int64_t *at_ms, const char **why);
	/* Takes the batch until it calls back. */
	int (*send)(struct sink *sink, struct batch *b);
	/* With --once, when all is settled: the last step, so that a search finds everything. True
	 * while it is on its way (then ship_wake() follows); it never fails. */
	bool (*finish)(struct sink *sink);
	/* Bytes that went over the network so far, both ways; NULL: it has none. */
	uint64_t (*traffic)(struct sink *sink);
	/* Forgets what is on its way, without callbacks, and frees itself. */
	void (*close)(struct sink *sink);
	/* An ack is about to be written: what the sink keeps beside it comes first. May be NULL. */
	void (*note)(struct sink *sink);
};

struct sink_es_conf {
	const char *const *nodes; /* URLs, or HOST:PORT */
	size_t nnodes;
	struct http_conf http;
	bool plain_auth;                       /* secrets may go over http */
	const struct index_patterns *patterns; /* of packet indices; borrowed */
	size_t first_pattern;                  /* the first one that records need */
	enum sink_setup { SETUP_NEVER, SETUP_CHECK, SETUP_INSTALL } setup;
	const struct index_settings *settings; /* what templates are asked to hold; borrowed */
	bool data_stream;
	int64_t backoff_max_ms;
};

/* The nodes, unless a secret would go to one of them over plain http. ERR_USAGE with a sentence. */
int sink_es_hosts(const struct sink_es_conf *conf, uint64_t seed, struct hosts *hosts,
	struct err_detail *why) ERR_WARN_UNUSED;

/* ERR_USAGE, ERR_CONFIG, ERR_PERMISSION with a sentence. */
int sink_es_open(struct ship *ship, uv_loop_t *loop, const struct sink_es_conf *conf,
	struct sink **out, struct err_detail *why) ERR_WARN_UNUSED;

/* Standard output ("-"), a pipe with a name, or a device: nothing of it can be synced or taken back. */
int sink_stream_open(struct ship *ship, uv_loop_t *loop, const char *path, unsigned form,
	struct sink **out, struct err_detail *why) ERR_WARN_UNUSED;

#endif
