/* brake.h -- is it poison, or is the index wrong? Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BRAKE_H
#define ESPCAP_BRAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index_name.h"
#include "verdict.h"

/* Where nearly all records of an index are refused for ever, and all alike, a wrong template or
 * mapping is likelier than that many poisoned records. The brake then holds them all back, and none
 * becomes a dead letter. As soon as the server takes one of them the brake is off: then the others
 * were poison after all, and the same refusal is believed for BRAKE_BELIEVED_MS.
 *
 * It begins again after a restart: nothing of it is durable. */
enum {
	BRAKE_RECORDS = 100, /* fewer than that are poison */
	BRAKE_TENTHS = 9,    /* of an answer's records */
	BRAKE_INDICES = 32,
	BRAKE_BELIEVED_MS = 600000,
};

/* One answer, as far as it is about dead letters. */
struct brake_answer {
	size_t sent, stored; /* stored: by this answer, or already there */
	size_t alike;        /* refused for ever, with this status and type */
	int status;
	const char *type;
};

struct brake {
	bool off;        /* nobody wants it */
	uint64_t random; /* of brake_sample() */
	struct brake_index {
		char index[INDEX_NAME_MAX]; /* "": none */
		int status;
		char type[VERDICT_TYPE_MAX];
		size_t run; /* alike, and none was stored in between */
		bool on;
		int64_t believed_ms; /* until then */
		int64_t used_ms;
	} items[BRAKE_INDICES];
};

/* Heeds an answer. True when the brake is on for this index, so that none of its records may become a
 * dead letter. */
bool brake_heed(
	struct brake *b, const char *index, const struct brake_answer *answer, int64_t now_ms);

/* Is it on? */
bool brake_holds(const struct brake *b, const char *index);

#endif
