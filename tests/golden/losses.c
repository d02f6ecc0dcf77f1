/* losses.c -- prints a loss document for each reason, with and without all that may be unknown. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "loss.h"

static void print(const struct loss *loss, int64_t now_ns)
{
	char text[LOSS_DOCUMENT_MAX];
	size_t n = loss_document(loss, "edge-7 \"\xff\"", now_ns, text);

	(void)printf("%.*s\n", (int)n, text);
}

int main(void)
{
	for (int reason = 0; reason < LOSS_REASONS; reason++) {
		struct loss little = { .reason = (enum loss_reason)reason, .count = 1 };
		struct loss all = { .reason = (enum loss_reason)reason,
			.count = UINT64_MAX,
			.bytes = UINT64_MAX,
			.first_seq = 1,
			.last_seq = UINT64_MAX,
			.start_ns = 1,
			.end_ns = INT64_MAX };
		print(&little, 0);
		print(&all, INT64_MAX);
	}
	return 0;
}
