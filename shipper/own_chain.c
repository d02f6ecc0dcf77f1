/* own_chain.c -- the chains that espcap-ship itself writes: dead letters and loss documents. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"
#include "ship_internal.h"

int own_chain_open(struct ship *s, const char *name, enum ack_chain_id id, struct chain **chain)
{
	struct chain_conf conf = { .name = name, .map_size = CHAIN_MAP_SMALL };
	struct err_detail why;
	struct ack ack;

	if (*chain)
		return 0;
	ack_read(&s->ack_slots, &ack, NULL);
	conf.settled_to = ack_highest(&ack.chain[id]);
	int err = chain_open(&s->spool, &conf, chain, &why);
	if (err)
		log_error("%s", why.text);
	return err;
}

int own_chain_append(
	struct chain *chain, enum frame_kind kind, const struct buf *text, uint32_t count)
{
	int64_t now = clock_wall_ns();
	struct chain_frame frame = {
		.header = { .kind = kind, .count = count, .min_time_ns = now, .max_time_ns = now }
	};
	struct err_detail why;
	struct frame_coder *coder;
	struct buf packed;

	int err = frame_coder_new(&coder);
	if (err)
		return err;
	buf_init(&packed, FRAME_RAW_MAX + FRAME_RAW_MAX / 64);
	err = frame_compress(coder, text->data, text->len, &packed, &frame.header);
	frame.payload = packed.data;
	if (!err)
		err = chain_append(chain, &frame, 1, &why);
	buf_done(&packed);
	frame_coder_free(coder);
	return err;
}
