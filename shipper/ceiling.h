/* ceiling.h -- how large a request may be at most, as a server or a proxy has let us know. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CEILING_H
#define ESPCAP_CEILING_H

#include <stddef.h>
#include <stdint.h>

/* A limit (413) is learned as bytes of text, whatever its owner counts: some count the body as sent,
 * others what comes out of it. Between the largest request that passed and the smallest that did not
 * it is searched by halves, so it costs a handful of refusals; every ten minutes without one the
 * smallest that did not is doubted, so a limit that was lifted is noticed. */
struct ceiling {
	size_t max;    /* of the next request's text; SIZE_MAX: no limit is known */
	size_t passed; /* the largest that did, since `refused` was met; 0: none */
	size_t refused;
	int64_t doubt_ms;
};

enum { CEILING_DOUBT_MS = 600000 };

void ceiling_init(struct ceiling *c);

/* A request of so many bytes of text was too large. */
void ceiling_refused(struct ceiling *c, size_t text, int64_t now_ms);
/* One was not. */
void ceiling_passed(struct ceiling *c, size_t text, int64_t now_ms);

#endif
