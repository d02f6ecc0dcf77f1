/* loss.c -- loss documents: what is missing, how much, why and when. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loss.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)LOSS_DOCUMENT_MAX == (int)EVENT_DOCUMENT_MAX, "the documents are alike");

static const struct {
	const char *name, *text;
} reasons[LOSS_REASONS] = {
#define X(id, name, text) [LOSS_##id] = { name, text },
#include "loss.def"
#undef X
};

const char *loss_name(enum loss_reason reason)
{
	return reasons[reason].name;
}

void loss_add(struct loss *a, const struct loss *b)
{
	a->reason = b->reason;
	a->count += b->count;
	a->repeated += b->repeated;
	a->bytes += b->bytes;
	if (b->first_seq && (!a->first_seq || b->first_seq < a->first_seq))
		a->first_seq = b->first_seq;
	if (b->last_seq > a->last_seq)
		a->last_seq = b->last_seq;
	if (b->start_ns && (!a->start_ns || b->start_ns < a->start_ns))
		a->start_ns = b->start_ns;
	if (b->end_ns > a->end_ns)
		a->end_ns = b->end_ns;
}

size_t loss_document(
	const struct loss *loss, const struct event_head *head, char out[LOSS_DOCUMENT_MAX])
{
	struct json j;

	event_begin(&j, head, "espcap.loss", out);
	json_str(&j, "reason", reasons[loss->reason].name);
	event_time(&j, "start", loss->start_ns);
	event_time(&j, "end", loss->end_ns);
	event_middle(&j, head, reasons[loss->reason].text, NULL);
	json_open(&j, "loss");
	json_str(&j, "reason", reasons[loss->reason].name);
	json_u64(&j, "count", loss->count);
	if (loss->repeated)
		json_u64(&j, "repeated", loss->repeated);
	if (loss->bytes)
		json_u64(&j, "bytes", loss->bytes);
	if (loss->first_seq) {
		json_u64(&j, "first_sequence", loss->first_seq);
		json_u64(&j, "last_sequence", loss->last_seq);
	}
	json_close(&j);
	return event_end(&j);
}

/* The number behind "key": in text, which ends with a NUL. */
static uint64_t number_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

bool loss_read(const char *text, size_t n, struct loss *loss)
{
	static const char begin[] = "\"loss\":{\"reason\":\"";
	char object[256];

	const char *at = memmem(text, n, begin, sizeof(begin) - 1);
	if (!at)
		return false;
	at += sizeof(begin) - 1;
	size_t len = n - (size_t)(at - text);
	(void)snprintf(object, sizeof(object), "%.*s", (int)(len < 255 ? len : 255), at);
	object[strcspn(object, "}")] = '\0';
	for (unsigned r = 0; r < LOSS_REASONS; r++) {
		size_t name = strlen(reasons[r].name);
		if (strncmp(object, reasons[r].name, name) != 0 || object[name] != '"')
			continue;
		*loss = (struct loss){ .reason = (enum loss_reason)r,
			.count = number_of(object, "\"count\":"),
			.repeated = number_of(object, "\"repeated\":"),
			.first_seq = number_of(object, "\"first_sequence\":"),
			.last_seq = number_of(object, "\"last_sequence\":") };
		return true;
	}
	return false;
}
