/* dead.h -- dead letters: records that Elasticsearch will never take, kept whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DEAD_H
#define ESPCAP_DEAD_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

/* One line of JSON in a frame of kind FRAME_DEAD of the chain dead/:
 * {"_id":..,"_index":..,"status":..,"type":..,"reason":..,"time":..,"attempts":..,"sequence":..,
 *  "run":..,"record":{..}}; the record is as capture wrote it. */
struct dead_letter {
	uint64_t run, seq;
	const char *index;
	int status;
	const char *type, *reason; /* reason is cut at DEAD_REASON_MAX bytes */
	int64_t time_ns;
	unsigned attempts;
	const char *record; /* len bytes of JSON */
	size_t len;
};

enum { DEAD_REASON_MAX = 1024 };

/* Appends the letter and a newline to out. */
int dead_letter_write(const struct dead_letter *letter, struct buf *out) ERR_WARN_UNUSED;

#endif
