/* pace.h -- how large a request is, and how many are on their way at a time. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PACE_H
#define ESPCAP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A request starts small and grows while the link takes it within a second, by leaps when it takes much
 * less; it shrinks when the link needs more than some, and is halved when it does not come through at
 * all. The number of requests goes up by one with each clean answer until it was once too large, then
 * with each round of them; it is halved by a server that is busy, a time-out and a reset. Sizes are
 * bytes of text, before gzip. */
struct pace {
	size_t most; /* of a request */
	unsigned most_requests, least_requests;
	size_t size;       /* of the next request, about */
	unsigned requests; /* at a time */
	size_t brim;    /* more than this on its way made the server say busy; SIZE_MAX: unknown */
	unsigned clean; /* answers since the number went up */
	unsigned calm;  /* clean answers since the server was busy */
	double rate;    /* bytes of bodies a second that the link carries; 0: unknown */
	double part;    /* of a text that its gzip is */
	size_t quick;   /* bytes of bodies that went fast, of those sent in the second from */
	int64_t quick_ms;
	int64_t cut_ms; /* when it went down: what was sent before that tells nothing new */
};

enum { PACE_LEAST = 16 << 10, PACE_FIRST = 64 << 10, PACE_FIRST_REQUESTS = 2 };
enum { PACE_LITTLE_WIRE = 4 << 10 };

/* A request that has ended. */
struct pace_trip {
	size_t raw, wire;  /* the body before and after gzip */
	size_t raw_beside; /* of all that were on their way when it was sent, it included */
	unsigned beside;   /* how many these were */
	int64_t sent_ms;
	int64_t took_ms;   /* to the end of the answer */
	int64_t upload_ms; /* until the other side had acknowledged the body */
};

/* least_requests: one for each host, that a host which hangs does not hold up the others. */
void pace_init(struct pace *p, size_t most, unsigned most_requests, unsigned least_requests);

/* Begins as if all that may be had been found good. */
void pace_start_large(struct pace *p);

/* A body was made: how well texts are compressed, unless it is a short one. */
void pace_made(struct pace *p, size_t raw, size_t wire);

/* How much a request may hold that tries a node: little to send in vain, but a whole one where it is
 * little after gzip. */
size_t pace_little(const struct pace *p);

/* May one more be sent, with so many, and so many bytes, on their way? */
bool pace_may(const struct pace *p, unsigned flying, size_t raw_flying);

/* A whole answer came, whatever it says. */
void pace_answered(struct pace *p, const struct pace_trip *trip);
/* It says that everything was taken. */
void pace_clean(struct pace *p, const struct pace_trip *trip);
/* It says busy (429). */
void pace_busy(struct pace *p, const struct pace_trip *trip, int64_t now_ms);
/* None came: a time-out, or a connection that broke in the midst of it. */
void pace_broken(struct pace *p, const struct pace_trip *trip, int64_t now_ms);

#endif
