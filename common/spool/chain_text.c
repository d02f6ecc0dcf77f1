/* chain_text.c -- appending text to a chain that has no threads: one frame at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"
#include "clock.h"

int chain_append_text(struct chain *c, enum frame_kind kind, const struct buf *text, uint32_t count,
	const struct loss *loss, struct err_detail *why)
{
	int64_t now = clock_wall_ns();
	struct chain_frame frame = {
		.header = { .kind = kind, .count = count, .min_time_ns = now, .max_time_ns = now }
	};
	struct frame_coder *coder;
	struct buf packed;

	int err = frame_coder_new(&coder);
	if (err)
		return err_set(why, err, "out of memory for a frame");
	if (loss)
		frame.lost[loss_total(loss->reason)] = loss->count;
	buf_init(&packed, FRAME_RAW_MAX + FRAME_RAW_MAX / 64);
	err = frame_compress(coder, text->data, text->len, &packed, &frame.header);
	frame.payload = packed.data;
	if (!err)
		err = chain_append(c, &frame, 1, why);
	if (err)
		chain_abandon(c); /* the next text is another one (I4) */
	buf_done(&packed);
	frame_coder_free(coder);
	return err;
}

int chain_append_loss(struct chain *c, const struct loss *loss, const char *sensor, int64_t now_ns,
	struct err_detail *why)
{
	char document[LOSS_DOCUMENT_MAX + 1];
	const struct event_head head = { .sensor = sensor, .now_ns = event_now(now_ns) };
	size_t len = loss_document(loss, &head, document);
	const struct buf text = {
		.data = document, .len = len + 1, .cap = sizeof(document), .max = sizeof(document)
	};

	document[len] = '\n';
	return chain_append_text(c, FRAME_EVENT, &text, 1, loss, why);
}
