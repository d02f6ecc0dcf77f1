/* trim.c -- segments leave: settled, given up, or damaged.
 *
 * Order: `first` durable, rename to SEQ.gone, unlink, rmdir, sync of the folder. A start
 * accepts every prefix of that: what is named .gone is finished off, and a segment below `first`
 * that still has its name is trimmed again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain_internal.h"
#include "fault.h"

enum { BLOCK = 512, QUARANTINE_TRIES = 1000 };

static uint64_t blocks_of(const char *folder, const char *name)
{
	char path[PATHS_MAX];
	struct stat st;

	if (paths_join(path, folder, name) || stat(path, &st) != 0)
		return 0;
	return (uint64_t)st.st_blocks * BLOCK;
}

uint64_t chain_disk_bytes(const char *path)
{
	return blocks_of(path, "data.mdb");
}

uint64_t chain_disk_total(const struct spool *spool, const char *name)
{
	char path[PATHS_MAX];
	uint64_t *seqs, bytes = 0;
	size_t count;

	if (paths_join(path, spool->dir, name) || paths_list(path, false, &seqs, &count))
		return 0;
	for (size_t i = 0; i < count; i++)
		if (!paths_segment(path, spool->dir, name, seqs[i]))
			bytes += chain_disk_bytes(path);
	free(seqs);
	return bytes;
}

static int gone_name(char out[PATHS_MAX], const struct spool *spool, const char *name, uint64_t seq)
{
	char path[PATHS_MAX];
	int err = paths_segment(path, spool->dir, name, seq);

	if (err)
		return err;
	int n = snprintf(out, PATHS_MAX, "%s.gone", path);
	return n < PATHS_MAX ? 0 : ERR_TOO_BIG;
}

int chain_finish_unlink(const struct spool *spool, const char *name, uint64_t seq)
{
	static const char *const files[] = { "damaged", "data.mdb" };
	char gone[PATHS_MAX], file[PATHS_MAX];

	int err = gone_name(gone, spool, name, seq);
	(void)FAULT_POINT(SEGMENT_RENAMED);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !err; i++) {
		err = paths_join(file, gone, files[i]);
		if (!err && unlink(file) != 0 && errno != ENOENT)
			err = ERR_SPOOL_IO;
	}
	/* with files in it that are not ours the folder stays */
	if (!err && rmdir(gone) != 0 && errno != ENOENT && errno != ENOTEMPTY)
		err = ERR_SPOOL_IO;
	(void)FAULT_POINT(SEGMENT_UNLINKED);
	return err ? err : paths_sync_parent(gone);
}

int chain_unlink(const struct spool *spool, const char *name, uint64_t seq)
{
	char path[PATHS_MAX], gone[PATHS_MAX];

	int err = paths_segment(path, spool->dir, name, seq);
	if (!err)
		err = gone_name(gone, spool, name, seq);
	(void)FAULT_POINT(FIRST_WRITTEN);
	if (!err && rename(path, gone) != 0 && errno != ENOENT)
		err = ERR_SPOOL_IO;
	return err ? err : chain_finish_unlink(spool, name, seq);
}

int chain_quarantine(const struct spool *spool, const char *name, uint64_t seq)
{
	char from[PATHS_MAX], to[PATHS_MAX], as[64];

	int err = paths_segment(from, spool->dir, name, seq);
	for (int i = 1; i < QUARANTINE_TRIES && !err; i++) {
		(void)snprintf(as, sizeof(as), "%s-%020llu.%d", name, (unsigned long long)seq, i);
		err = spool_quarantine(spool, as, to);
		if (err)
			return err;
		if (rename(from, to) == 0)
			return paths_sync_parent(to) ? ERR_SPOOL_IO : paths_sync_parent(from);
		if (errno != EEXIST && errno != ENOTEMPTY)
			return ERR_SPOOL_IO;
	}
	return err ? err : ERR_SPOOL_IO;
}

static int mark_path(char out[PATHS_MAX], const struct spool *spool, const char *name, uint64_t seq)
{
	char path[PATHS_MAX];
	int err = paths_segment(path, spool->dir, name, seq);

	return err ? err : paths_join(out, path, "damaged");
}

void chain_mark_damaged(const struct spool *spool, const char *name, uint64_t seq)
{
	char path[PATHS_MAX];

	if (mark_path(path, spool, name, seq))
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0660);
	if (fd >= 0)
		(void)close(fd);
}

static bool is_marked(const struct spool *spool, const char *name, uint64_t seq)
{
	char path[PATHS_MAX];

	return !mark_path(path, spool, name, seq) && access(path, F_OK) == 0;
}

static int finish_unlinks(const struct spool *spool, const char *name, const char *folder)
{
	uint64_t *seqs;
	size_t count;
	int err = paths_list(folder, true, &seqs, &count);

	for (size_t i = 0; i < count && !err; i++)
		err = chain_finish_unlink(spool, name, seqs[i]);
	free(seqs);
	return err;
}

int chain_list(struct chain *c)
{
	char folder[PATHS_MAX], path[PATHS_MAX];
	uint64_t *seqs;
	size_t count;

	int err = paths_join(folder, c->spool->dir, c->conf.name);
	if (!err)
		err = finish_unlinks(c->spool, c->conf.name, folder);
	if (!err)
		err = paths_list(folder, false, &seqs, &count);
	if (err)
		return err;
	c->list_cap = count ? count : 1;
	c->list = calloc(c->list_cap, sizeof(*c->list));
	for (size_t i = 0; i < count && c->list; i++) {
		if (paths_segment(path, c->spool->dir, c->conf.name, seqs[i]))
			continue;
		c->list[c->count].first_seq = seqs[i];
		segment_give_back(path); /* of a writer that was killed */
		c->list[c->count++].bytes = chain_disk_bytes(path);
	}
	free(seqs);
	return c->list ? 0 : ERR_NOMEM;
}

/* The last sequence that segment i can hold: one less than the next one's first. */
static uint64_t last_possible(const struct chain *c, size_t i)
{
	return c->list[i + 1].first_seq - 1;
}

static bool is_settled(
	const struct chain *c, size_t i, const struct ack_chain *ack, const struct ack_chain *older)
{
	uint64_t first = c->list[i].first_seq, last = last_possible(c, i);

	return ack->frontier >= last ||
	       (ack_covers(ack, first, last) && ack_covers(older, first, last));
}

/* A damaged segment is settled as well, but it may be of use to somebody yet. */
static int remove_at(struct chain *c, size_t i, bool keep_damaged)
{
	uint64_t seq = c->list[i].first_seq;
	bool keep = keep_damaged && is_marked(c->spool, c->conf.name, seq);
	int err = keep ? chain_quarantine(c->spool, c->conf.name, seq)
		       : chain_unlink(c->spool, c->conf.name, seq);

	if (err)
		return err;
	memmove(&c->list[i], &c->list[i + 1], (c->count - i - 1) * sizeof(*c->list));
	c->count--;
	return 0;
}

/* `first` says up to where nothing is left to be read: only its front moves it. */
static int advance_first(struct slots *slots, struct first *first, uint64_t seq)
{
	if (!slots || !first || seq <= first->first_seq)
		return 0;
	struct first moved = *first;
	moved.first_seq = seq;
	int err = first_write(slots, &moved);
	if (!err)
		*first = moved;
	return err;
}

int chain_trim(struct chain *c, const struct ack_chain *ack, const struct ack_chain *older,
	struct slots *first_slots, struct first *first)
{
	int failed = 0;

	for (size_t i = 0; i + 1 < c->count;) {
		bool gone = first && last_possible(c, i) < first->first_seq;
		if (!gone && !is_settled(c, i, ack, older)) {
			i++;
			continue;
		}
		int err = i == 0 && !gone
				  ? advance_first(first_slots, first, last_possible(c, i) + 1)
				  : 0;
		if (!err)
			err = remove_at(c, i, true);
		if (err) { /* it is tried again; those behind it give their space back */
			failed = err;
			i++;
		}
	}
	return failed;
}

int chain_trim_unowned(const struct spool *spool, const char *name, uint64_t newest,
	const struct ack_chain *ack, const struct ack_chain *older, struct slots *first_slots,
	struct first *first)
{
	struct chain c = { .spool = spool, .conf = { .name = name } };

	int err = chain_list(&c);
	while (!err && c.count && c.list[c.count - 1].first_seq > newest)
		c.count--;
	if (!err)
		err = chain_trim(&c, ack, older, first_slots, first);
	free(c.list);
	return err;
}

/* Durably: from here on nobody counts them in any other way. *loss says what. */
static int give_up_oldest(const struct chain *c, const struct ack_chain *ack,
	struct slots *first_slots, struct first *first, struct loss *loss)
{
	struct first moved = *first;
	struct chain_cost cost;

	int err = chain_cost_of_oldest(c, ack, &cost);
	if (err)
		return err;
	moved.first_seq = last_possible(c, 0) + 1;
	moved.trimmed += cost.records;
	moved.trimmed_bytes += cost.loss.bytes;
	moved.to_tell += cost.loss.count;
	moved.repeated += cost.loss.repeated;
	if (cost.loss.count)
		moved.last = cost.loss;
	err = first_write(first_slots, &moved);
	if (err)
		return err;
	*first = moved;
	*loss = cost.loss;
	return 0;
}

int chain_drop_oldest(struct chain *c, const struct ack_chain *ack, struct slots *first_slots,
	struct first *first, struct loss *loss)
{
	int err = 0;

	*loss = (struct loss){ .reason = LOSS_TRIMMED };
	if (c->count < 2)
		return ERR_END;
	/* one that was given up before, and could not be removed, was counted then */
	if (last_possible(c, 0) >= first->first_seq)
		err = give_up_oldest(c, ack, first_slots, first, loss);
	return err ? err : remove_at(c, 0, false); /* the room is needed */
}
