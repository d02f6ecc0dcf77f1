/* ship.h -- the shipper: from the spool into a sink, with acknowledgements. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SHIP_H
#define ESPCAP_SHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "sink.h"

enum { LINGER_COMPANY_MS = 1000 };

struct ship_conf {
	const char *spool;           /* NULL: with in_files, one that goes when all is settled */
	const char *const *in_files; /* what --out-file wrote elsewhere comes into the spool */
	size_t nin_files;
	const char *out_file;                    /* NULL: to the nodes; "-": standard output */
	int64_t out_rotate_bytes, out_rotate_ms; /* 0: no rotation by it */
	struct sink_es_conf es;
	const char *index;         /* pattern of packet indices */
	int64_t give_up_ms;        /* 0: never */
	int64_t linger_ms;         /* above LINGER_COMPANY_MS also with nothing on its way */
	int64_t max_rate, max_day; /* bytes a second, and a day; 0: no limit */
	const char *const *windows;
	size_t nwindows;
	int64_t backoff_max_ms;
	size_t chunk, batch_bytes;
	int64_t park_after_ms;
	uint64_t dead_max; /* 0: a share of the spool's cap */
	unsigned connections;
	int report_fd;      /* -1: none */
	const char *sensor; /* host.name of loss documents */
	bool once, newest_first;
	bool out_bulk, out_gzip;
	bool brake_off;   /* all that is refused for ever becomes a dead letter */
	bool dead_drop;   /* what finds no room there is lost, and does not wait */
	bool start_large; /* with batch_bytes and connections, instead of a few small requests */
};

/* Runs until a signal, or with `once` until all is settled. Returns the exit code; 1 with a
 * sentence when it could not even start (ERR_USAGE gives 2). */
int ship_run(const struct ship_conf *conf, struct err_detail *why);

#endif
