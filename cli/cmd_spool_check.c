/* cmd_spool_check.c -- espcap spool check: every checksum of a spool, and nothing is changed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "check_files.h"
#include "command.h"
#include "log.h"
#include "looks.h"
#include "reader.h"
#include "segment_file.h"
#include "stats.h"
#include "tail.h"

enum { VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX + 65536 };

/* What is found in one segment. */
struct finding {
	uint64_t frames, records, damaged_frames, first_damaged;
	uint64_t newer_frames, first_newer; /* of a version that this one does not know (I8) */
	int opened;                         /* 0, or why the segment cannot be opened */
	bool tree_broken;                   /* frames were found by a search from end to end */
};

struct check {
	struct spool spool;
	struct meter meter;
	uint64_t done; /* bytes of what was looked at */
	struct frame_coder *coder;
	struct buf value, text;
	bool bad;
	/* of the chain: the totals behind the last good frame */
	const char *chain;
	struct frame_totals totals;
	uint64_t next;
	enum ack_chain_id id;
	struct tail tail; /* as it was before the chain was read */
};

static const struct {
	const char *name;
	enum ack_chain_id id;
} chains[] = { { "rec", ACK_REC }, { "loss", ACK_LOSS }, { "dead", ACK_DEAD },
	{ "parked", ACK_PARKED } };
enum { CHAINS = sizeof(chains) / sizeof(chains[0]) };

/* --- frames --- */

static int believe(struct check *c, uint64_t key, struct frame_header *h)
{
	const uint8_t *payload;

	int err = frame_unpack(c->value.data, c->value.len, h, &payload);
	if (!err && (h->first_seq != key || h->epoch != c->spool.epoch))
		err = ERR_FRAME_DAMAGED;
	return err ? err : frame_expand(c->coder, h, payload, &c->text);
}

/* Says what is missing between two sequences, unless it was settled or given up, perhaps just now. */
static void miss(struct check *c, uint64_t from, uint64_t to, uint64_t lost)
{
	struct ack ack;
	struct first first;

	looks_settled(&c->spool, &ack, &first);
	if (!lost || (c->id == ACK_REC && to < first.first_seq) ||
		ack_covers(&ack.chain[c->id], from, to))
		return;
	c->bad = true;
	(void)printf("%s/%s: %llu of the %s %llu to %llu are missing; %s in a loss document\n",
		c->spool.dir, c->chain, (unsigned long long)lost,
		c->id == ACK_DEAD ? "letters" : "records", (unsigned long long)from,
		(unsigned long long)to,
		c->id == ACK_DEAD ? "espcap dead retry and purge name them"
				  : "espcap-ship names them");
}

/* What the chain's begin lacks: nothing there tells of it but what is settled. */
static int check_begin(struct check *c, const uint64_t *seqs, size_t count)
{
	struct reader_frame f;
	struct reader *r;
	struct ack ack;
	struct first first;

	looks_settled(&c->spool, &ack, &first);
	uint64_t at = ack.chain[c->id].frontier + 1;
	if (c->id == ACK_REC && first.first_seq > at)
		at = first.first_seq;
	if (count && at >= seqs[0])
		return 0;
	int err = reader_new(&c->spool, c->chain, &r);
	if (err)
		return err;
	f.gap = (struct reader_gap){ 0 };
	err = reader_next_now(r, at, &f);
	miss(c, f.gap.first, f.gap.last_lost, f.gap.lost);
	reader_free(r);
	return err == ERR_NOMEM ? err : 0;
}

static void take_whole(struct check *c, const struct frame_header *h)
{
	uint64_t before = h->totals.committed - h->count;

	if (c->next && h->first_seq > c->next && before > c->totals.committed)
		miss(c, c->next, h->first_seq - 1, before - c->totals.committed);
	c->next = h->first_seq + h->count;
	c->totals = h->totals;
}

static void add(
	struct check *c, struct finding *f, int err, uint64_t key, const struct frame_header *h)
{
	f->frames++;
	if (!err) {
		f->records += h->count;
		take_whole(c, h);
	} else if (err == ERR_SPOOL_FORMAT) {
		f->first_newer = f->newer_frames++ ? f->first_newer : key;
	} else {
		f->first_damaged = f->damaged_frames++ ? f->first_damaged : key;
	}
}

static int read_frames(struct check *c, struct segment_file *s, struct finding *f)
{
	struct frame_header h;
	uint64_t key = 0;
	int err;

	if (!c->next) { /* the first segment that can be read */
		c->next = segment_file_birth(s)->first_seq;
		c->totals = segment_file_birth(s)->totals;
	}
	while (!(err = segment_file_read(s, key + 1, &key, &c->value))) {
		meter_show(&c->meter, c->done + f->frames * c->value.len);
		add(c, f, believe(c, key, &h), key, &h);
	}
	return err == ERR_END ? 0 : err;
}

/* --- segments --- */

/* A segment is gone when it was trimmed while we looked. What the disk does not read is damaged. */
static void look(struct check *c, const char *path, struct finding *f)
{
	struct segment_file *s;

	*f = (struct finding){ 0 };
	f->opened = segment_file_open_worn(path, c->spool.epoch, &s, NULL);
	if (f->opened)
		return;
	f->opened = read_frames(c, s, f);
	f->tree_broken = segment_file_is_damaged(s);
	segment_file_close(s);
}

static void tell(struct check *c, const char *path, const struct finding *f)
{
	bool sound = !f->damaged_frames && !f->newer_frames && !f->tree_broken;

	if (f->opened == ERR_END || (!f->opened && sound)) /* ERR_END: trimmed while we looked */
		return;
	c->bad = true;
	if (f->newer_frames)
		(void)printf("%s: %llu of %llu frames were written by a newer espcap, the first at "
			     "sequence %llu: drain them with that version or a later one\n",
			path, (unsigned long long)f->newer_frames, (unsigned long long)f->frames,
			(unsigned long long)f->first_newer);
	if (f->opened == ERR_SEGMENT_DAMAGED)
		(void)printf("%s: nothing in it can be read; espcap-ship passes over it\n", path);
	else if (f->opened)
		(void)printf("%s: %s\n", path, err_text(f->opened));
	else if (f->damaged_frames)
		(void)printf("%s: %llu of %llu frames are damaged, the first at sequence %llu; "
			     "the others are whole\n",
			path, (unsigned long long)f->damaged_frames, (unsigned long long)f->frames,
			(unsigned long long)f->first_damaged);
	else if (f->tree_broken)
		(void)printf("%s: its index is damaged; %llu whole frames were found without it\n",
			path, (unsigned long long)f->frames);
}

static void read_tail(struct check *c)
{
	struct slots slots;

	tail_open(&slots, c->spool.dir, c->chain, c->spool.epoch, false);
	tail_read(&slots, &c->tail);
	slots_close(&slots);
}

/* What the chain's end lacks. */
static void check_end(struct check *c)
{
	uint64_t committed = c->tail.totals.committed;

	if (c->next && c->tail.last_seq >= c->next && committed > c->totals.committed)
		miss(c, c->next, c->tail.last_seq, committed - c->totals.committed);
}

static int check_segments(struct check *c, const uint64_t *seqs, size_t count, struct finding *sum)
{
	char path[PATHS_MAX];
	struct finding f;

	for (size_t i = 0; i < count; i++) {
		int err = paths_segment(path, c->spool.dir, c->chain, seqs[i]);
		if (err)
			return err;
		look(c, path, &f);
		tell(c, path, &f);
		sum->frames += f.frames - f.damaged_frames - f.newer_frames;
		sum->records += f.records;
		c->done += chain_disk_bytes(path);
		meter_show(&c->meter, c->done);
	}
	return 0;
}

/* No folder: a chain that was never needed, unless the ack tells of letters in it. */
static void check_absent(struct check *c)
{
	struct ack ack;

	looks_settled(&c->spool, &ack, NULL);
	uint64_t letters = looks_letters(&ack);
	if (c->id != ACK_DEAD || !letters)
		return;
	c->bad = true;
	(void)printf("%s/dead: gone, with the letters of %llu records\n", c->spool.dir,
		(unsigned long long)letters);
}

static int check_chain(struct check *c, unsigned i)
{
	char folder[PATHS_MAX], frames[STATS_TEXT], records[STATS_TEXT];
	struct finding sum = { 0 };
	uint64_t *seqs = NULL;
	size_t count = 0;

	c->chain = chains[i].name;
	c->id = chains[i].id;
	c->next = 0;
	int err = paths_join(folder, c->spool.dir, c->chain);
	if (!err && access(folder, F_OK) != 0) {
		check_absent(c);
		return 0;
	}
	read_tail(c);
	check_tail_file(&c->spool, c->chain, &c->bad);
	if (!err)
		err = paths_list(folder, false, &seqs, &count);
	if (!err)
		err = check_begin(c, seqs, count);
	if (!err)
		err = check_segments(c, seqs, count, &sum);
	free(seqs);
	check_end(c);
	meter_end(&c->meter);
	if (!err)
		(void)printf("%-6s  segments: %zu, whole frames: %s, %s: %s\n", c->chain, count,
			stats_count(sum.frames, frames), c->id == ACK_DEAD ? "letters" : "records",
			stats_count(sum.records, records));
	return err;
}

/* --- all of it --- */

static int check_all(struct check *c)
{
	uint64_t all = 0;
	int err = frame_coder_new(&c->coder);

	if (err)
		return err;
	for (unsigned i = 0; i < CHAINS; i++)
		all += chain_disk_total(&c->spool, chains[i].name);
	meter_begin(&c->meter, "checked", all, true);
	buf_init(&c->value, VALUE_MAX);
	buf_init(&c->text, FRAME_RAW_MAX);
	check_state_files(&c->spool, &c->bad);
	for (unsigned i = 0; i < CHAINS && !err; i++)
		err = check_chain(c, i);
	meter_end(&c->meter);
	buf_done(&c->value);
	buf_done(&c->text);
	frame_coder_free(c->coder);
	return err;
}

static int run_check(int argc, char **argv)
{
	static struct check c;

	int code = command_words(&command_spool_check, 1, argc, argv);
	if (code)
		return code;
	if (looks_open(argv[1], &c.spool))
		return 1;
	int err = check_all(&c);
	if (err) {
		log_error("cannot check %s: %s", c.spool.dir,
			err == ERR_SYS ? strerror(errno) : err_text(err));
		return 1;
	}
	(void)puts(c.bad ? "not whole: see above; nothing was changed" : "whole");
	return c.bad ? 1 : 0;
}

const struct command command_spool_check = { "spool check", "DIR",
	"read every record of a spool and check its checksums",
	"Looks without changing anything; both services may be running. Each finding says what\n"
	"it costs. The exit status is 1 when anything is damaged.\n",
	run_check };
