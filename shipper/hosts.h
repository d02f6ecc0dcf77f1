/* hosts.h -- the nodes of a cluster: whose turn it is, and who rests. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HOSTS_H
#define ESPCAP_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backoff.h"
#include "err.h"
#include "node_url.h"

enum { HOSTS_MAX = 64, HOST_URL_MAX = NODE_URL_MAX };

struct host {
	char url[HOST_URL_MAX]; /* without a slash at the end */
	struct backoff backoff;
	int64_t rests_until_ms; /* 0: well */
	int64_t failed_ms;      /* when it failed last; what was sent before that fails with it */
	bool failing;           /* since it last did well: one request at a time tries it */
	int64_t tried_ms; /* how long the last of those took to fail; 0: it is the first failure */
	unsigned flying;  /* requests on their way to it */
	int64_t small_until_ms,
		small_ms; /* until when it is sent small segments, and for how long */
	int64_t cut_ms;   /* connections from before are not used again; 0: all are good */
};

struct hosts {
	struct host items[HOSTS_MAX];
	size_t count, next;
};

/* Takes what node_url_parse() takes. ERR_USAGE with a sentence. */
int hosts_init(struct hosts *h, const char *const *nodes, size_t count, int64_t backoff_max_ms,
	uint64_t seed, struct err_detail *why) ERR_WARN_UNUSED;

/* Whether a URL names this machine: localhost, or an address of the loopback. */
bool host_is_loopback(const char *url);

/* A secret over http can be read on its way, unless it stays on this machine. ERR_USAGE with a
 * sentence. */
int hosts_check_plain(const struct hosts *h, struct err_detail *why) ERR_WARN_UNUSED;

/* Of those that do not rest the one with the fewest requests on their way, in turn: so one that hangs
 * gets no more of them than another. One that has failed is given one, and nothing more until that
 * has done well; where another is well, only one of all that have failed is tried at a time, and as
 * long as that took there is a rest. NULL when there is none now, with the time the first is back (INT64_MAX: when an
 * answer comes). */
struct host *hosts_pick(struct hosts *h, int64_t now_ms, int64_t *at_ms);
/* The same without taking the turn. */
struct host *hosts_peek(struct hosts *h, int64_t now_ms, int64_t *at_ms);

/* Where the way loses large packets and the messages that say so, small segments still get through:
 * after a time-out they are used for a minute, and for longer when large ones then fail again. In
 * bytes; 0: as large as they can be. */
int host_segment(const struct host *host, int64_t now_ms);
void host_timed_out(struct host *host, int64_t now_ms);
/* Is there one that has not failed since it last did well? */
bool hosts_any_well(const struct hosts *h);

/* After a failure the host rests for a random time that grows, once for all requests that were on
 * their way (sent_ms: when this one was sent). */
void hosts_failed(struct host *host, int64_t sent_ms, int64_t now_ms, int64_t retry_after_ms);
void hosts_succeeded(struct host *host);

#endif
