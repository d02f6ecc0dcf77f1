/* loss.h -- loss documents: what is missing, how much, why and when. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LOSS_H
#define ESPCAP_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

enum loss_reason {
#define X(id, name, text) LOSS_##id,
#include "loss.def"
#undef X
	LOSS_REASONS
};

/* Chains keep totals of the reasons that there were in the first version. Letters that found no room
 * are only ever told of in loss/, and records that found none only in rec/: they share a total. */
enum { LOSS_TOTALS = LOSS_DEAD_OVERFLOW };
static inline enum loss_reason loss_total(enum loss_reason reason)
{
	return reason == LOSS_DEAD_OVERFLOW ? LOSS_SPOOL_FULL : reason;
}

/* A value: zero it to begin, loss_add() to let it grow. */
struct loss {
	enum loss_reason reason;
	uint64_t count;
	uint64_t
		repeated; /* of count: named before, by loss documents that were given up themselves */
	uint64_t bytes;               /* of documents, where known */
	uint64_t first_seq, last_seq; /* 0: they never had sequence numbers */
	int64_t start_ns, end_ns;     /* times of the lost packets; 0: not known */
};

/* Widens a by what b says of the same reason. */
void loss_add(struct loss *a, const struct loss *b);

const char *loss_name(enum loss_reason reason);

/* The document, without a newline: at most LOSS_DOCUMENT_MAX bytes. */
enum { LOSS_DOCUMENT_MAX = 4096 };
size_t loss_document(
	const struct loss *loss, const struct event_head *head, char out[LOSS_DOCUMENT_MAX]);

/* Reason, counts and sequences of a document that loss_document() made; false for any other text. */
bool loss_read(const char *text, size_t n, struct loss *loss);

#endif
