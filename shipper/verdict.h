/* verdict.h -- what a server's answer means for each record. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_VERDICT_H
#define ESPCAP_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum verdict {
	VERDICT_INDEXED,       /* settled: 200 or 201 */
	VERDICT_ALREADY_THERE, /* settled: 409; safe since ids are never used again */
	VERDICT_AGAIN,         /* the same id again, after a while */
	VERDICT_ALONE,         /* once more in a request of its own, then a dead letter */
	VERDICT_DEAD,          /* a dead letter */
	VERDICT_PAUSE_INDEX,   /* this index takes nothing now: again, slowly; others go on */
	VERDICT_PAUSE_ALL,     /* credentials, a blocked cluster, shard limit: all wait, loudly */
	VERDICT_SPLIT,         /* requests only: too large, or poisoned as a whole: halve it */
};

/* One item of an answer. Texts are "" when absent; valid during the callback. */
struct verdict_item {
	int status;
	const char *type, *reason; /* error.type, error.reason */
	bool failure_store;        /* went to the failure store */
};

/* The verdict of an item, from one table (durability.md, S-4). */
enum verdict verdict_of_item(const struct verdict_item *item);

/* Reads the answer of _bulk. Only a complete one counts: valid JSON, as many items as were sent,
 * each with the one op `create` and a status from 100 to 599. Then each() is called for each item
 * in order; before that nothing is. ERR_INPUT with a sentence otherwise, ERR_NOMEM. */
int verdict_read(const char *body, size_t n, size_t sent,
	void (*each)(void *arg, size_t i, const struct verdict_item *item), void *arg,
	struct err_detail *why) ERR_WARN_UNUSED;

/* The verdict of a whole request from its status and error (which may be NULL): VERDICT_INDEXED
 * means "read the items". *text, if not NULL, is a few words for people. */
enum verdict verdict_of_request(int status, const char *body, size_t n, const char **text);

#endif
