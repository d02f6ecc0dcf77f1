/* cmd_spool_check.c -- espcap spool check: every checksum of a spool, and nothing is changed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ack.h"
#include "command.h"
#include "frame.h"
#include "log.h"
#include "segment_file.h"
#include "spool.h"
#include "stats.h"

enum { VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX + 65536 };

/* What is found in one segment. */
struct finding {
	uint64_t frames, records, damaged_frames, first_damaged;
	uint64_t newer_frames, first_newer; /* of a version that this one does not know (I8) */
	int opened;                         /* 0, or why the segment cannot be opened */
	bool tree_broken;                   /* frames were found by a search from end to end */
};

static const char *const chains[] = { "rec", "loss", "dead" };
enum { CHAINS = sizeof(chains) / sizeof(chains[0]) };

static int believe(const struct spool *spool, struct frame_coder *coder, const struct buf *value,
	uint64_t key, struct buf *text, struct frame_header *h)
{
	const uint8_t *payload;

	int err = frame_unpack(value->data, value->len, h, &payload);
	if (!err && (h->first_seq != key || h->epoch != spool->epoch))
		err = ERR_FRAME_DAMAGED;
	return err ? err : frame_expand(coder, h, payload, text);
}

static void add(struct finding *f, int err, uint64_t key, const struct frame_header *h)
{
	f->frames++;
	if (!err)
		f->records += h->count;
	else if (err == ERR_SPOOL_FORMAT)
		f->first_newer = f->newer_frames++ ? f->first_newer : key;
	else
		f->first_damaged = f->damaged_frames++ ? f->first_damaged : key;
}

static int read_frames(const struct spool *spool, struct segment_file *s, struct finding *f)
{
	struct buf value, text;
	struct frame_header h;
	struct frame_coder *coder;
	uint64_t key = 0;

	int err = frame_coder_new(&coder);
	if (err)
		return err;
	buf_init(&value, VALUE_MAX);
	buf_init(&text, FRAME_RAW_MAX);
	while (!(err = segment_file_read(s, key + 1, &key, &value)))
		add(f, believe(spool, coder, &value, key, &text, &h), key, &h);
	buf_done(&value);
	buf_done(&text);
	frame_coder_free(coder);
	return err == ERR_END ? 0 : err;
}

static void look(const struct spool *spool, const char *path, struct finding *f)
{
	struct err_detail why;
	struct segment_file *s;

	*f = (struct finding){ .frames = 0 };
	f->opened = segment_file_open(path, spool->epoch, &s, &why);
	if (f->opened)
		return;
	f->opened = read_frames(spool, s, f);
	f->tree_broken = segment_file_is_damaged(s);
	segment_file_close(s);
}

/* True when nothing is wrong with the segment. */
static bool tell(const char *path, const struct finding *f)
{
	bool trimmed = f->opened == ERR_END; /* while we looked */

	if (trimmed || (!f->opened && !f->damaged_frames && !f->newer_frames && !f->tree_broken))
		return true;
	if (f->newer_frames)
		(void)printf("%s: %llu of %llu frames were written by a newer espcap, the first at "
			     "sequence %llu: drain them with that version or a later one\n",
			path, (unsigned long long)f->newer_frames, (unsigned long long)f->frames,
			(unsigned long long)f->first_newer);
	if (f->opened)
		(void)printf("%s: %s\n", path, err_text(f->opened));
	else if (f->damaged_frames)
		(void)printf("%s: %llu of %llu frames are damaged, the first at sequence %llu; "
			     "the others are delivered\n",
			path, (unsigned long long)f->damaged_frames, (unsigned long long)f->frames,
			(unsigned long long)f->first_damaged);
	else if (f->tree_broken)
		(void)printf("%s: its index is damaged; what is whole of its %llu frames is "
			     "delivered\n",
			path, (unsigned long long)f->frames);
	return false;
}

/* Adds the findings of a chain; *bad is set when any is bad. */
static int check_chain(const struct spool *spool, const char *name, bool *bad)
{
	char folder[PATHS_MAX], path[PATHS_MAX], frames[STATS_TEXT], records[STATS_TEXT];
	struct finding f = { .frames = 0 }, sum = f;
	uint64_t *seqs = NULL;
	size_t count = 0;

	int err = paths_join(folder, spool->dir, name);
	if (!err && access(folder, F_OK) != 0)
		return 0; /* a chain that was never needed */
	if (!err)
		err = paths_list(folder, false, &seqs, &count);
	for (size_t i = 0; i < count && !err; i++) {
		err = paths_segment(path, spool->dir, name, seqs[i]);
		if (err)
			break;
		look(spool, path, &f);
		*bad = !tell(path, &f) || *bad;
		sum.frames += f.frames - f.damaged_frames - f.newer_frames;
		sum.records += f.records;
	}
	free(seqs);
	if (!err)
		(void)printf("%-4s  %zu segments, %s whole frames, %s records\n", name, count,
			stats_count(sum.frames, frames), stats_count(sum.records, records));
	return err;
}

/* A slot file that was made and never written to holds zeros. */
static bool is_blank(const char *path)
{
	FILE *file = fopen(path, "re");
	int c = 0;

	while (file && (c = getc(file)) == 0) {
	}
	if (file)
		(void)fclose(file);
	return file && c == EOF;
}

/* ack or first: is one of its two slots whole? */
static void check_slots(const struct spool *spool, const char *name, const char *consequence,
	int (*open)(struct slots *, const char *, uint64_t, bool, struct err_detail *), bool *bad)
{
	struct slots slots;
	struct err_detail why;
	char path[PATHS_MAX];

	if (paths_join(path, spool->dir, name) || access(path, F_OK) != 0 || is_blank(path))
		return;
	int err = open(&slots, spool->dir, spool->epoch, false, &why);
	if (err || slots_read(&slots) < 0) {
		(void)printf("%s: damaged; %s\n", path, consequence);
		*bad = true;
	}
	if (!err)
		slots_close(&slots);
}

static int run_check(int argc, char **argv)
{
	struct spool spool;
	struct err_detail why = { "" };
	bool bad = false;
	int err = 0;

	if (argc != 2 || argv[1][0] == '-')
		return command_wrong_usage(&command_spool_check);
	if (spool_open(&spool, argv[1], false, &why)) {
		log_error("%s", why.text);
		return 1;
	}
	check_slots(
		&spool, "ack", "what is left is sent again, under the same ids", ack_open, &bad);
	check_slots(&spool, "first", "what was given up cannot be told", first_open, &bad);
	for (unsigned i = 0; i < CHAINS && !err; i++)
		err = check_chain(&spool, chains[i], &bad);
	if (err) {
		log_error("cannot check %s: %s", spool.dir,
			err == ERR_SYS ? strerror(errno) : err_text(err));
		return 1;
	}
	(void)puts(bad ? "not whole: see above; nothing was changed" : "whole");
	return bad ? 1 : 0;
}

const struct command command_spool_check = { "spool check", "DIR",
	"read every record of a spool and check its checksums",
	"Looks without changing anything; both services may be running. The exit status is 1\n"
	"when anything is damaged.\n",
	run_check };
