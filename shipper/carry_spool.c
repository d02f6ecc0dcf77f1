/* carry_spool.c -- the spool of --in-file that nobody has named: where it lies, and when it goes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "carry.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "carry_job.h"
#include "state_dir.h"

/* Before there is a spool, so that a typing error leaves none behind. */
static int look_at_files(const struct ship_conf *c, struct err_detail *why)
{
	for (size_t i = 0; i < c->nin_files; i++)
		if (strcmp(c->in_files[i], "-") != 0 && access(c->in_files[i], R_OK) != 0)
			return err_set(why, ERR_INPUT, "cannot read %s: %s", c->in_files[i],
				strerror(errno));
	return 0;
}

int carry_choose_spool(struct ship *s, struct err_detail *why)
{
	char state[PATHS_MAX], name[32];
	const struct ship_conf *c = &s->conf;

	if (c->spool)
		return 0;
	if (look_at_files(c, why))
		return ERR_INPUT;
	carry_job_name(c->in_files, c->nin_files, c->out_file ? &c->out_file : c->es.nodes,
		c->out_file ? 1 : c->es.nnodes, name);
	if (state_dir(state) || paths_join(s->own_dir, state, name))
		return err_set(why, ERR_USAGE, "HOME or XDG_STATE_HOME is too long");
	if (state_dir_make(state))
		return err_set(why, ERR_PERMISSION, "cannot make %s: %s", state, strerror(errno));
	s->conf.spool = s->own_dir;
	/* of a ship that was killed while it took its spool away */
	return spool_remove_rest(s->own_dir)
		       ? err_set(why, ERR_SPOOL_IO, "cannot remove %s.gone: %s", s->own_dir,
				 strerror(errno))
		       : 0;
}

bool carry_holds_letters(struct ship *s)
{
	struct ack ack;

	if (!*s->own_dir)
		return false;
	ack_read(&s->ack_slots, &ack, NULL);
	const struct ack_counts *dead = &ack.chain[ACK_DEAD].counts;
	return ack.chain[ACK_REC].counts.dead + ack.chain[ACK_PARKED].counts.dead >
	       dead->indexed + dead->lost;
}

void carry_remove_spool(struct ship *s)
{
	struct err_detail why;

	if (spool_remove(&s->spool, &why))
		log_warn("%s", why.text);
}
