/* scratch.c -- memory that lives as long as the packet, and which of its bytes are secret.
 *
 * A mark is a stretch of memory, not a field: whatever shows these bytes masks them. What copies or changes
 * bytes has to take their marks along, or to leave them out. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

void pkt_secret(struct packet *pkt, const void *p, size_t n)
{
	const uint8_t *from = p, *end = from + n;

	if (n && pkt->nsecrets == PKT_SECRETS_MAX) {
		/* the last mark then covers all between: too much hidden, not too little */
		struct secret *last = &pkt->secrets[PKT_SECRETS_MAX - 1];
		last->p = from < last->p ? from : last->p;
		last->end = end > last->end ? end : last->end;
	} else if (n) {
		pkt->secrets[pkt->nsecrets++] = (struct secret){ from, end };
	}
}

bool pkt_is_secret(const struct packet *pkt, const void *p, size_t n)
{
	const uint8_t *from = p, *end = from + n;

	for (unsigned i = 0; i < pkt->nsecrets; i++)
		if (pkt->secrets[i].p < end && from < pkt->secrets[i].end)
			return true;
	return false;
}

char *pkt_scratch(struct packet *pkt, size_t n)
{
	if (n > PKT_SCRATCH - pkt->scratch_len) {
		pkt->overflow = true;
		return NULL;
	}
	char *p = pkt->scratch + pkt->scratch_len;
	pkt->scratch_len += (unsigned)n;
	return p;
}

void pkt_scratch_back(struct packet *pkt, const char *p)
{
	if (p)
		pkt->scratch_len = (unsigned)(p - pkt->scratch);
}

/* The part of a secret that lies in [p, p + n), as a mark at the same place of the copy. */
static void copy_marks(struct packet *pkt, const uint8_t *p, size_t n, const uint8_t *copy)
{
	unsigned count = pkt->nsecrets;

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *from = pkt->secrets[i].p, *to = pkt->secrets[i].end;
		from = from < p ? p : from;
		to = to > p + n ? p + n : to;
		if (from < to)
			pkt_secret(pkt, copy + (from - p), (size_t)(to - from));
	}
}

char *pkt_copy(struct packet *pkt, const void *p, size_t n)
{
	char *copy = pkt_scratch(pkt, n);

	if (!copy || n == 0)
		return copy;
	memcpy(copy, p, n);
	copy_marks(pkt, p, n, (const uint8_t *)copy);
	return copy;
}
