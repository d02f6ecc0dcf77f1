/* losses.c -- prints every form of loss and clock documents, with and without what may be unknown. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "clock_event.h"
#include "loss.h"

static const char sensor[] = "edge-7 \"\xff\"", boot[] = "0b6b4b47-0d4a-4c6e-8d1b-2f8d2f3e4a5b";

static void print(const struct loss *loss, int64_t now_ns, int64_t boot_ns)
{
	char text[LOSS_DOCUMENT_MAX];
	const struct event_head head = {
		.sensor = sensor, .now_ns = now_ns, .boot_ns = boot_ns, .boot_id = boot
	};
	size_t n = loss_document(loss, &head, text);

	(void)printf("%.*s\n", (int)n, text);
}

static void print_clock(struct clock_change change, const char *boot_id)
{
	char text[CLOCK_DOCUMENT_MAX];
	size_t n = clock_document(&change, sensor, boot_id, text);

	(void)printf("%.*s\n", (int)n, text);
}

int main(void)
{
	for (int reason = 0; reason < LOSS_REASONS; reason++) {
		struct loss little = { .reason = (enum loss_reason)reason, .count = 1 };
		struct loss all = { .reason = (enum loss_reason)reason,
			.count = UINT64_MAX,
			.repeated = UINT64_MAX,
			.bytes = UINT64_MAX,
			.first_seq = 1,
			.last_seq = UINT64_MAX,
			.start_ns = 1,
			.end_ns = INT64_MAX };
		print(&little, 0, 0);
		print(&all, INT64_MAX, 0);
		print(&all, INT64_MAX, INT64_MAX);
	}
	for (unsigned steps = 0; steps < 6; steps++) {
		struct clock_change change = { .before_ns = steps % 2 ? 0 : INT64_MAX,
			.after_ns = steps % 2 ? INT64_MAX : 0,
			.boot_ns = 1,
			.unsynced = steps % 2,
			.steps = steps / 2 };
		print_clock(change, steps % 3 ? boot : NULL);
	}
	return 0;
}
