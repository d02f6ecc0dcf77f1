/* outcome.c -- event.outcome and error.*: what a message says became of an operation. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

#include "json.h"

/* False when an earlier message has told one. */
static bool tell(struct packet *pkt, const char *outcome, size_t n)
{
	if (pkt->ecs_set[0] >> ECS_EVENT_OUTCOME & 1)
		return false;
	ecs_clean(pkt, ECS_EVENT_OUTCOME, outcome, n);
	return true;
}
_Static_assert((int)ECS_EVENT_OUTCOME < 64, "it lies in the first word");

static bool fails(struct packet *pkt)
{
	return tell(pkt, "failure", 7);
}

void outcome_success(struct packet *pkt)
{
	(void)tell(pkt, "success", 7);
}

void outcome_failure(struct packet *pkt, uint64_t code, const char *name)
{
	if (!fails(pkt))
		return;
	ecs_u64(pkt, ECS_ERROR_CODE, code);
	ecs_text(pkt, ECS_ERROR_MESSAGE, name);
}

void outcome_failure_words(struct packet *pkt, struct bytes code, struct bytes words)
{
	if (!fails(pkt))
		return;
	ecs_str(pkt, ECS_ERROR_CODE, code.p, bytes_left(&code));
	if (bytes_left(&words) == 0 && bytes_left(&code) == 0)
		ecs_text(pkt, ECS_ERROR_MESSAGE, "no reason given");
	ecs_str(pkt, ECS_ERROR_MESSAGE, words.p, bytes_left(&words));
}

void outcome_failure_said(struct packet *pkt, uint64_t code, struct bytes words, const char *name)
{
	if (!fails(pkt))
		return;
	ecs_u64(pkt, ECS_ERROR_CODE, code);
	ecs_str(pkt, ECS_ERROR_MESSAGE, words.p, bytes_left(&words));
	ecs_text(pkt, ECS_ERROR_MESSAGE, name); /* the first one stays */
}

void outcome_failure_hex(struct packet *pkt, uint32_t code, unsigned digits, const char *name)
{
	const uint8_t bytes[4] = { (uint8_t)(code >> 24), (uint8_t)(code >> 16),
		(uint8_t)(code >> 8), (uint8_t)code };
	char *text = pkt_scratch(pkt, 2 + (size_t)digits);

	if (!text || !fails(pkt))
		return;
	memcpy(text, "0x", 2);
	(void)json_emit_hex(text + 2, bytes + 4 - digits / 2, digits / 2);
	ecs_clean(pkt, ECS_ERROR_CODE, text, 2 + (size_t)digits);
	ecs_text(pkt, ECS_ERROR_MESSAGE, name);
}

void outcome_failure_named(struct packet *pkt, const char *name)
{
	if (fails(pkt))
		ecs_text(pkt, ECS_ERROR_MESSAGE, name);
}
