/* carry_spool.c -- the spool of --in-file that nobody has named: where it lies, and when it goes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "carry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "carry_job.h"
#include "state_dir.h"

/* Packets are not documents, and a warning for each line of them would help nobody. */
static bool is_capture(const char *path)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1,
		0x0a0d0d0a };
	uint32_t magic = 0;
	bool found = false;
	struct stat st;

	/* not a pipe: whoever writes into it would lose its reader */
	int fd = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? open(path, O_RDONLY | O_CLOEXEC)
							     : -1;
	if (fd < 0)
		return false;
	if (pread(fd, &magic, sizeof(magic), 0) == sizeof(magic))
		for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
			found = found || magic == magics[i];
	(void)close(fd);
	return found;
}

/* Before there is a spool, so that a typing error leaves none behind. In a named one a file may have
 * been read already. */
static int look_at_files(const struct ship_conf *c, struct err_detail *why)
{
	for (size_t i = 0; i < c->nin_files; i++) {
		const char *path = c->in_files[i];
		if (strcmp(path, "-") == 0)
			continue;
		if (!c->spool && access(path, R_OK) != 0)
			return err_set(why, ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
		if (is_capture(path))
			return err_set(why, ERR_INPUT,
				"%s holds packets, and --in-file takes documents that --out-file "
				"has written; espcap --file reads it",
				path);
	}
	return 0;
}

int carry_choose_spool(struct ship *s, struct err_detail *why)
{
	char state[PATHS_MAX], name[32];
	const struct ship_conf *c = &s->conf;

	if (look_at_files(c, why))
		return ERR_INPUT;
	if (c->spool)
		return 0;
	carry_job_name(c->in_files, c->nin_files, c->out_file ? &c->out_file : c->es.nodes,
		c->out_file ? 1 : c->es.nnodes, name);
	if (state_dir(state) || paths_join(s->own_dir, state, name))
		return err_set(why, ERR_USAGE, "HOME or XDG_STATE_HOME is too long");
	if (state_dir_make(state))
		return err_set(why, ERR_PERMISSION, "cannot make %s: %s", state, strerror(errno));
	s->conf.spool = s->own_dir;
	s->own_is_new = access(s->own_dir, F_OK) != 0;
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
