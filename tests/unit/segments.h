/* segments.h -- segments of frames that say nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SEGMENTS_H
#define ESPCAP_SEGMENTS_H

#include "segment.h"

enum { SEGMENTS_EPOCH = 0x1234 };

/* In a new folder; the test fails when that fails. */
struct segment *segments_make(const char *path, const struct segment_birth *birth);

/* The same, of a chain's first segment. */
struct segment *segments_make_plain(const char *path);

/* Commits a frame of n zero bytes, at most 1 MiB. What segment_put() or segment_commit() says. */
int segments_put(struct segment *s, uint64_t seq, uint32_t count, size_t n) ERR_WARN_UNUSED;

#endif
