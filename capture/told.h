/* told.h -- which of several applications in a packet event.* and error.* are of; for decode.c only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TOLD_H
#define ESPCAP_TOLD_H

#include <string.h>

#include "decode.h"

/* What is told of an application: its words for what was asked and how that ended. */
struct told {
	uint64_t event, error;
	const uint8_t *by; /* network.protocol of the one beside this that speaks, NULL: none */
};
#define ROW(id) (UINT64_C(1) << (ECS_##id & 63))
static const uint64_t TOLD_EVENT = ROW(EVENT_ACTION) | ROW(EVENT_OUTCOME);
static const uint64_t TOLD_ERROR = ROW(ERROR_CODE) | ROW(ERROR_MESSAGE);
#undef ROW
enum { TOLD_ERROR_WORD = ECS_ERROR_CODE >> 6 };
_Static_assert((int)ECS_NETWORK_PROTOCOL < 64, "in the first word, see told_put_by()");
_Static_assert((int)ECS_EVENT_OUTCOME < 64, "in the first word");
_Static_assert(TOLD_ERROR_WORD == ECS_ERROR_MESSAGE >> 6, "both in one word");

static inline bool told_is_named(const struct packet *pkt)
{
	return pkt->ecs_set[0] >> ECS_NETWORK_PROTOCOL & 1;
}

static inline bool told_is_named_as(const struct packet *pkt, const char *application)
{
	const struct value *name = &pkt->ecs[ECS_NETWORK_PROTOCOL];

	return value_len(name) == strlen(application) &&
	       memcmp(name->p, application, value_len(name)) == 0;
}

/* An application within another one speaks for the packet, as network.protocol says, too. That is named
 * when an application ends: where it is set, one beside this has spoken, and as the first; then
 * another one is silent. */
static inline struct told told_put_by(struct packet *pkt, const char *application)
{
	struct told told = { pkt->ecs_set[0] & TOLD_EVENT,
		pkt->ecs_set[TOLD_ERROR_WORD] & TOLD_ERROR, NULL };

	if (pkt->quoted)
		return told;
	if (!told_is_named(pkt)) {
		pkt->ecs_set[0] &= ~TOLD_EVENT;
		pkt->ecs_set[TOLD_ERROR_WORD] &= ~TOLD_ERROR;
	} else if (!told_is_named_as(pkt, application)) { /* rows that are set take nothing */
		told.by = pkt->ecs[ECS_NETWORK_PROTOCOL].p;
		pkt->ecs_set[0] |= TOLD_EVENT;
		pkt->ecs_set[TOLD_ERROR_WORD] |= TOLD_ERROR;
	}
	return told;
}

/* It was none after all. */
static inline void told_take_back(struct packet *pkt, struct told told)
{
	if (told.by) {
		pkt->ecs_set[0] &= ~TOLD_EVENT;
		pkt->ecs_set[TOLD_ERROR_WORD] &= ~TOLD_ERROR;
	}
	pkt->ecs_set[0] |= told.event;
	pkt->ecs_set[TOLD_ERROR_WORD] |= told.error;
}

/* Unless one within a flow of its own has spoken meanwhile. */
static inline void told_end_silence(struct packet *pkt, struct told told)
{
	if (told.by && (!told_is_named(pkt) || pkt->ecs[ECS_NETWORK_PROTOCOL].p == told.by))
		told_take_back(pkt, told);
}

#endif
