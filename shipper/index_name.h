/* index_name.h -- the index of a record: a pure function of its kind and its own time. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_INDEX_NAME_H
#define ESPCAP_INDEX_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "frame.h"
#include "spool.h"

/* Packets go to the pattern in force, those of an unsynced clock to the one index that
 * index_pattern_unsynced() makes of it, lite documents to packets_lite, loss and clock documents to
 * espcap-events-YYYY.MM; dates are UTC. Nothing else counts but what the frame holds, so a retry
 * always meets its earlier self. */
enum { INDEX_NAME_MAX = 256, INDEX_PATTERNS_MAX = 64 };

/* Patterns and the sequence from which each is in force. */
struct index_patterns {
	size_t count;
	bool damaged; /* the file held lines that were none: what they said is not known */
	/* the last one with * for the sensor's name, for templates that serve all sensors; or "" */
	char wide[INDEX_NAME_MAX];
	struct {
		uint64_t from;
		char text[INDEX_NAME_MAX];
		bool stream; /* it names a data stream */
	} items[INDEX_PATTERNS_MAX];
};

/* A pattern has %Y, %m, %d, lower-case letters, digits and -_.+; ERR_CONFIG with a sentence. */
int index_pattern_check(const char *pattern, struct err_detail *why) ERR_WARN_UNUSED;

/* A pattern as people write it, checked: %s becomes the sensor's name, in small letters, with - for
 * what no index name may hold. So what is kept is a name, and when the sensor gets another one that
 * is a changed pattern like any other. `wide` has * in its place, or is "" when there is no %s.
 * ERR_CONFIG with a sentence; %s cannot stand first, since its template would be for the indices of
 * others. */
int index_pattern_expand(const char *pattern, const char *sensor, char out[INDEX_NAME_MAX],
	char wide[INDEX_NAME_MAX], struct err_detail *why) ERR_WARN_UNUSED;

/* Reads the spool's `pattern` file, and when `wanted` (a data stream?) is not the last one puts it in
 * force from sequence `from` on, durably. ERR_CONFIG (too many changes), ERR_SPOOL_IO. */
int index_patterns_load(struct index_patterns *p, const struct spool *spool, const char *wanted,
	bool stream, uint64_t from, struct err_detail *why) ERR_WARN_UNUSED;

/* Which one is in force for packet record seq. */
size_t index_patterns_at(const struct index_patterns *p, uint64_t seq);

/* Does record seq of this kind go to a data stream? */
bool index_is_stream(const struct index_patterns *p, enum frame_kind kind, uint64_t seq);

/* The index of record seq, of this time, in a frame with this header. */
void index_name(const struct index_patterns *p, const struct frame_header *h, uint64_t seq,
	int64_t time_ns, char out[INDEX_NAME_MAX]);

/* Have all records of the frame the same index? False is also "perhaps". */
bool index_name_same(const struct index_patterns *p, const struct frame_header *h);

/* The index of packets that an unsynced clock has stamped: "unsynced" takes the place of everything
 * from the first date part to the last. A pattern without date parts is one index anyway. */
void index_pattern_unsynced(const char *pattern, char out[INDEX_NAME_MAX]);

/* The pattern as a wildcard for an index template: each date part becomes *. */
void index_pattern_wildcard(const char *pattern, char out[INDEX_NAME_MAX]);

#endif
