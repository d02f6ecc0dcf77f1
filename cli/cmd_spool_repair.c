/* cmd_spool_repair.c -- espcap spool repair: what is in the way is put aside, nothing is deleted.
 *
 * Segments are not rewritten. Readers find every whole frame of a damaged one by themselves, so a
 * copy would hold nothing more; and a segment of which nothing can be read has to stay until its
 * records are settled, since the segments on both sides of it tell how many it held. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain_internal.h"
#include "command.h"
#include "identity.h"
#include "log.h"
#include "looks.h"
#include "quarantine.h"
#include "request.h"
#include "segment_file.h"

enum { LOCK_WAIT_MS = 5000 };

struct repair {
	struct spool spool;
	bool yes; /* do it; else only say it */
	uint64_t found, left;
	struct ack ack;
	struct first first;
	struct lock capture, ship, trim;
};

/* Says what is to be done. True when it is to be done now. */
static bool plan(struct repair *r, const char *what, const char *path)
{
	r->found++;
	(void)printf("%s: %s%s\n", path, r->yes ? "" : "would be ", what);
	return r->yes;
}

/* --- the steps --- */

static int mend_identity(struct repair *r)
{
	struct err_detail why = { "" };

	if (!r->spool.recovered ||
		!plan(r, "written afresh: the segments say which spool it is", "SPOOL"))
		return 0;
	/* the damaged one is kept */
	char path[PATHS_MAX];
	if (!paths_join(path, r->spool.dir, "SPOOL") && access(path, F_OK) == 0) {
		int err = quarantine_move(&r->spool, "SPOOL");
		if (err)
			return err;
	}
	int err = identity_write(r->spool.dir, r->spool.epoch, &why);
	if (err)
		log_error("%s", why.text);
	return err;
}

static int mend_request(struct repair *r)
{
	struct request *request = malloc(sizeof(*request));
	bool damaged = request && request_read(&r->spool, request) == ERR_INPUT;

	free(request);
	return damaged && plan(r, "moved to quarantine/", "request")
		       ? quarantine_move(&r->spool, "request")
		       : 0;
}

/* Files that a kill left beside the one they were to replace. */
static bool is_left_over(const char *name)
{
	size_t n = strlen(name);

	return (n > 4 && strcmp(name + n - 4, ".new") == 0) ||
	       (strncmp(name, "request.", 8) == 0 && name[8 + strspn(name + 8, "0123456789")] == 0);
}

static int mend_left_over(struct repair *r)
{
	const struct dirent *entry;
	DIR *folder = opendir(r->spool.dir);
	int err = folder ? 0 : ERR_SPOOL_IO;

	while (!err && (entry = readdir(folder)))
		if (is_left_over(entry->d_name) && plan(r, "moved to quarantine/", entry->d_name))
			err = quarantine_move(&r->spool, entry->d_name);
	if (folder)
		(void)closedir(folder);
	return err;
}

/* The record chain's own rule (chain_trim): the sequences up to the next segment are done with. */
static bool is_done_with(
	const struct repair *r, enum ack_chain_id id, uint64_t first, uint64_t last)
{
	return ack_covers(&r->ack.chain[id], first, last) ||
	       (id == ACK_REC && last < r->first.first_seq);
}

static bool is_unreadable(const struct repair *r, const char *chain, uint64_t seq)
{
	char path[PATHS_MAX];
	struct segment_file *s;

	if (paths_segment(path, r->spool.dir, chain, seq))
		return false;
	int err = segment_file_open(path, r->spool.epoch, &s, NULL);
	if (!err)
		segment_file_close(s);
	/* a folder without a file is there all the same */
	return err == ERR_SEGMENT_DAMAGED || (err == ERR_END && access(path, F_OK) == 0);
}

static int mend_segment(
	struct repair *r, const char *chain, enum ack_chain_id id, uint64_t seq, uint64_t next)
{
	char name[64];

	if (!is_unreadable(r, chain, seq))
		return 0;
	(void)snprintf(name, sizeof(name), "%s/%0*llu", chain, PATHS_SEQ, (unsigned long long)seq);
	if (next && is_done_with(r, id, seq, next - 1))
		return plan(r, "moved to quarantine/: nothing in it can be read", name)
			       ? chain_quarantine(&r->spool, chain, seq)
			       : 0;
	r->left++;
	(void)printf("%s: nothing in it can be read; it stays until %s\n", name,
		next ? "espcap-ship has counted what it held"
		     : "its writer starts again, and goes on behind it");
	return 0;
}

/* A trim that was stopped between its steps: what it had given up is unlinked. */
static int mend_trims(struct repair *r, const char *chain, const char *folder)
{
	char name[64];
	uint64_t *seqs;
	size_t count;
	int err = paths_list(folder, true, &seqs, &count);

	for (size_t i = 0; i < count && !err; i++) {
		(void)snprintf(name, sizeof(name), "%s/%0*llu.gone", chain, PATHS_SEQ,
			(unsigned long long)seqs[i]);
		if (plan(r, "unlinked: a trim was stopped in the midst of it", name))
			err = chain_finish_unlink(&r->spool, chain, seqs[i]);
	}
	free(seqs);
	return err;
}

static int mend_chain(struct repair *r, const char *chain, enum ack_chain_id id)
{
	char folder[PATHS_MAX];
	uint64_t *seqs = NULL;
	size_t count = 0;

	int err = paths_join(folder, r->spool.dir, chain);
	if (!err)
		err = mend_trims(r, chain, folder);
	if (!err)
		err = paths_list(folder, false, &seqs, &count);
	for (size_t i = 0; i < count && !err; i++)
		err = mend_segment(r, chain, id, seqs[i], i + 1 < count ? seqs[i + 1] : 0);
	free(seqs);
	return err;
}

static int mend(struct repair *r)
{
	static const struct {
		const char *name;
		enum ack_chain_id id;
	} chains[] = { { "rec", ACK_REC }, { "loss", ACK_LOSS }, { "dead", ACK_DEAD },
		{ "parked", ACK_PARKED } };

	looks_settled(&r->spool, &r->ack, &r->first);
	int err = mend_identity(r);
	if (!err)
		err = mend_request(r);
	if (!err)
		err = mend_left_over(r);
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]) && !err; i++)
		err = mend_chain(r, chains[i].name, chains[i].id);
	return err;
}

/* --- the command --- */

/* Nobody else writes while anything is changed. */
static int take_locks(struct repair *r)
{
	static const char *const names[] = { "capture.lock", "ship.lock", "trim.lock" };
	struct lock *const locks[] = { &r->capture, &r->ship, &r->trim };
	struct err_detail why = { "" };
	char path[PATHS_MAX];

	for (unsigned i = 0; i < 3; i++) {
		int err = paths_join(path, r->spool.dir, names[i]);
		if (!err)
			err = lock_take(path, "espcap spool repair", i == 2 ? LOCK_WAIT_MS : 0,
				locks[i], &why);
		if (err) {
			log_error("%s; %snothing was changed", why.text,
				err == ERR_SPOOL_LOCKED ? "stop it first, " : "");
			return err;
		}
	}
	return 0;
}

static int run_on(struct repair *r, const char *dir)
{
	int err = r->yes ? looks_become_owner(&r->spool) : 0;

	if (!err && r->yes)
		err = take_locks(r);
	if (err)
		return 1;
	err = mend(r);
	if (err) {
		log_error("cannot repair %s: %s", dir,
			err == ERR_SPOOL_IO ? strerror(errno) : err_text(err));
		return 1;
	}
	if (!r->found)
		(void)printf("%s\n", r->left ? "nothing can be done now: see above"
					     : "there is nothing to repair");
	else if (!r->yes)
		(void)puts("nothing was changed; with --yes it is done");
	return r->found && !r->yes ? 1 : 0;
}

static int run_repair(int argc, char **argv)
{
	struct repair r = { .capture = { -1 }, .ship = { -1 }, .trim = { -1 } };
	const char *dir = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--yes") == 0)
			r.yes = true;
		else if (!dir && argv[i][0] != '-')
			dir = argv[i];
		else
			return command_stray(&command_spool_repair, argv[i]);
	}
	if (!dir)
		return command_wrong_usage(&command_spool_repair);
	if (looks_open(dir, &r.spool))
		return 1;
	int code = run_on(&r, dir);
	lock_drop(&r.trim);
	lock_drop(&r.ship);
	lock_drop(&r.capture);
	return code;
}

const struct command command_spool_repair = { "spool repair", "DIR [--yes]",
	"put aside what is in the way in a damaged spool",
	"Says what it would do, and with --yes does it; then neither service may be running.\n"
	"What is damaged moves to quarantine/. Records need no repair: espcap-ship finds all that\n"
	"are whole by itself, and names the others in a loss document. The exit status is 1 when\n"
	"something is left to do.\n",
	run_repair };
