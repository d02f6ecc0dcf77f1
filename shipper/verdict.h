/* verdict.h -- what a server's answer means for each record. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_VERDICT_H
#define ESPCAP_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum verdict {
	VERDICT_INDEXED,       /* settled: 200 or 201. Of a request: its items are read */
	VERDICT_ALREADY_THERE, /* settled: 409; safe since ids are never used again */
	VERDICT_AGAIN,         /* the same id again, after a while */
	VERDICT_ALONE,         /* once more in a request of its own, then a dead letter */
	VERDICT_DEAD,          /* a dead letter */
	VERDICT_DEAD_TIME,     /* the same, for its time: the index takes only that of now */
	VERDICT_PAUSE_INDEX,   /* this index takes nothing now: again, slowly; others go on */
	VERDICT_PAUSE_ALL,     /* credentials, a blocked cluster, shard limit: all wait, loudly */
	/* of requests only */
	VERDICT_SPLIT,   /* too large, or poisoned as a whole: halve it */
	VERDICT_FOREIGN, /* somebody else answers: the node rests, nothing is settled */
};

enum { VERDICT_TYPE_MAX = 128, VERDICT_REASON_MAX = 2048 };

/* One item of an answer. Texts are "" when absent; valid during the callback. */
struct verdict_item {
	int status;
	const char *type, *reason; /* error.type, error.reason */
	bool failure_store;        /* went to the failure store */
	bool store_failed;         /* was to go there, which failed too */
	const char *id;            /* _id, when it was asked for */
};

/* The verdict of an item by the table in verdict.def, and the row's name if `row` is not NULL. */
enum verdict verdict_of_item(const struct verdict_item *item, const char **row);

/* Reads the answer of _bulk. Only a complete one counts: valid JSON, as many items as were sent,
 * each with the one op `create` and a status from 100 to 599, nothing said twice. Then each() is
 * called for each item in order; before that nothing is. ERR_INPUT with a sentence otherwise;
 * ERR_UNSUPPORTED when it is not JSON's object at all, but somebody else's page. Takes no memory. */
int verdict_read(const char *body, size_t n, size_t sent,
	void (*each)(void *arg, size_t i, const struct verdict_item *item), void *arg,
	struct err_detail *why) ERR_WARN_UNUSED;

/* A whole answer that holds no items. */
struct verdict_whole {
	enum verdict verdict; /* VERDICT_INDEXED means "read the items" */
	const char *row;      /* of the table */
	const char *words;    /* for people, static; "" for VERDICT_INDEXED */
	char type[VERDICT_TYPE_MAX], reason[VERDICT_REASON_MAX]; /* of the server's error, or "" */
};

void verdict_of_request(int status, const char *body, size_t n, struct verdict_whole *out);

/* Is it somebody else who answers, rather than a server of ours? Then this node rests. */
bool verdict_is_foreign(int status, const char *body, size_t n);

#endif
