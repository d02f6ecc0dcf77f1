/* buf.h -- a growing byte buffer that is born with a maximum. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BUF_H
#define ESPCAP_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* Grows by doubling up to `max` bytes and never beyond. A failed append leaves the contents
 * unchanged and sets `failed`, which stays set until buf_reset(), so that a writer can work in a
 * straight line and ask once. */
struct buf {
	char *data; /* owned; NULL while nothing was appended */
	size_t len, cap, max;
	bool failed;
};

/* Nothing is allocated yet. max > 0. */
void buf_init(struct buf *b, size_t max);

/* Frees the memory; b can be used again as after buf_init(). A zeroed buf is fine. */
void buf_done(struct buf *b);

/* Forgets the contents and `failed`, keeps the memory. */
void buf_reset(struct buf *b);

/* Makes room for n more bytes behind len. ERR_TOO_BIG beyond max, ERR_NOMEM. */
int buf_reserve(struct buf *b, size_t n) ERR_WARN_UNUSED;

/* Append. Errors as buf_reserve(), also remembered in `failed`. buf_printf() formats for people
 * and start-up only, never per packet. */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_adds(struct buf *b, const char *s);
int buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends a terminating NUL that does not count in len and returns data, or NULL after a failure.
 * Valid until the next append. */
const char *buf_str(struct buf *b);

#endif
