/* own_chain.c -- the chains that espcap-ship itself writes: dead, loss, parked. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"
#include "limits.h"
#include "ship_internal.h"

/* Said once in ten minutes: the same records come again every few seconds. */
static void own_chain_trouble(struct ship *s, const struct err_detail *why)
{
	log_limited(&s->limit_own, 600000, "%s; the records stay in the spool, and are tried again",
		why->text);
}

int own_chain_open(struct ship *s, const char *name, enum ack_chain_id id, struct chain **chain)
{
	struct chain_conf conf = { .name = name, .map_size = CHAIN_MAP_SMALL };
	struct err_detail why;
	struct ack ack;

	if (*chain)
		return 0;
	ack_read(&s->ack_slots, &ack, NULL);
	conf.settled_to = ack_highest(&ack.chain[id]);
	uint64_t heeded = id == ACK_DEAD     ? ack.heeded_dead
			  : id == ACK_PARKED ? ack.heeded_parked
					     : 0;
	if (heeded > conf.settled_to)
		conf.settled_to = heeded;
	int err = chain_open(&s->spool, &conf, chain, &why);
	if (err)
		own_chain_trouble(s, &why);
	return err;
}

void own_chain_limit(struct ship *s, struct chain *chain, enum ack_chain_id id)
{
	uint64_t dead = s->conf.dead_max ? s->conf.dead_max : limits_dead_max(&s->spool);

	chain_set_cap(chain, id == ACK_DEAD ? dead : limits_parked_max(&s->spool));
}

int own_chain_append(struct ship *s, struct chain *chain, enum frame_kind kind,
	const struct buf *text, uint32_t count)
{
	struct err_detail why;

	int err = chain_append_text(chain, kind, text, count, NULL, &why);
	if (err && (err != ERR_SPOOL_FULL || chain != s->dead)) /* bury.c says that */
		own_chain_trouble(s, &why);
	return err;
}

int own_chain_append_loss(struct ship *s, const struct loss *loss)
{
	struct err_detail why;

	int err = own_chain_open(s, "loss", ACK_LOSS, &s->loss);
	if (err)
		return err;
	err = chain_append_loss(s->loss, loss, s->conf.sensor, clock_wall_ns(), &why);
	if (err)
		own_chain_trouble(s, &why);
	return err;
}
