/* carry.c -- files of --out-file come home: their records into the record chain, a piece at a time.
 *
 *   line --[carry_line_read]--> text of a frame --[close_frame]--> group --[append]--> rec/ --> ship
 *
 * The frames are of kind FRAME_PARKED: each line carries its own _id and index (dead.h). From there on
 * they are records as any others, with all that ship knows to do for one. This process writes the
 * chain, so it holds capture.lock. The chain has a small cap: when it is reached, reading waits until
 * records are settled and their segments gone; so a file of any size takes this much room. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "carry_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

enum {
	SPOOL_MAX = 64 << 20,
	GROUP_CLOSE = CARRY_PACKED_MAX / 2, /* behind it one more frame of any kind has room */
	SAVE_MS = 1000,
	FULL_MS = 100,
	SICK_MS = 5000,
	IDLE_MS = 20,
	FLUSH_MS = 250,
};

/* --- frames --- */

static void save(struct ship *s, int64_t now)
{
	struct carry *c = s->carry;

	c->save_due_ms = now + SAVE_MS;
	carry_tell_bad(c);
	if (!carry_was_told(c, c->at.at))
		c->job.told = c->at;
	c->job.done = c->appended;
	if (carry_job_save(&c->job, &s->spool) == 0)
		c->bad_unsaved = false; /* else it is told again after a kill */
}

int carry_close_frame(struct carry *c)
{
	struct frame_header h = { .kind = FRAME_PARKED,
		.count = c->text_lines,
		.min_time_ns = c->min_ns,
		.max_time_ns = c->max_ns,
		.file = c->job.id,
		.number = carry_job_number(&c->text_end) };
	size_t at = c->packed.len;

	if (!c->text_lines)
		return 0;
	int err = frame_compress(c->coder, c->text.data, c->text.len, &c->packed, &h);
	if (err)
		return err;
	c->offsets[c->count] = at;
	c->frames[c->count++] = (struct chain_frame){ .header = h };
	c->closed = c->text_end;
	c->text_lines = 0;
	buf_reset(&c->text);
	return 0;
}

static bool group_is_full(const struct carry *c)
{
	return c->count == CARRY_GROUP_FRAMES || c->packed.len >= GROUP_CLOSE;
}

/* The same frames are given again after an error. */
static int append(struct ship *s, int64_t now)
{
	struct carry *c = s->carry;
	struct err_detail why;

	if (c->bad_unsaved) /* before records stand behind it */
		save(s, now);
	for (size_t i = 0; i < c->count; i++)
		c->frames[i].payload = c->packed.data + c->offsets[i];
	int err = c->count ? chain_append(c->chain, c->frames, c->count, &why) : 0;
	if (err == ERR_SPOOL_FULL && progress_backlog(s)) {
		/* room comes when a segment is settled and trimmed */
		s->ack_due_ms = s->unsaved ? now : s->ack_due_ms;
		s->trim_due_ms = now;
		c->due_ms = now + FULL_MS;
	} else if (err) {
		progress_trouble(s, why.text);
		c->due_ms = now + SICK_MS;
	}
	if (err)
		return err;
	c->appended = c->closed;
	c->count = 0;
	buf_reset(&c->packed);
	return 0;
}

/* --- the work --- */

static void finish_reading(struct ship *s, int64_t now)
{
	struct carry *c = s->carry;

	save(s, now);
	c->done = true;
	chain_close(c->chain);
	c->chain = NULL;
	lock_drop(&c->lock);
}

bool carry_work(struct ship *s, int64_t now)
{
	struct carry *c = s->carry;
	int err = 0;

	if (!c || c->done || now < c->due_ms)
		return false;
	while (!group_is_full(c) && !err)
		err = carry_step(c);
	bool all = err == ERR_END;
	if (err == ERR_NOMEM) {
		c->due_ms = now + SICK_MS;
		return false;
	}
	bool late = c->text_lines && now - c->text_since_ms >= FLUSH_MS;
	if ((all || (err == ERR_AGAIN && late)) && carry_close_frame(c))
		return false;
	if (err == ERR_AGAIN)
		c->due_ms = now + IDLE_MS;
	if (append(s, now))
		return false;
	if (all)
		finish_reading(s, now);
	else if (now >= c->save_due_ms)
		save(s, now);
	return err == 0;
}

bool carry_is_done(const struct ship *s)
{
	return !s->carry || s->carry->done;
}

bool carry_trim(struct ship *s, const struct ack *ack, const struct ack *older)
{
	struct carry *c = s->carry;
	struct lock trim;
	struct first first;

	if (!c || !c->chain)
		return false;
	if (spool_lock_trim(&s->spool, 0, &trim))
		return true;
	first_read(&s->first_slots, &first);
	if (chain_trim(c->chain, &ack->chain[ACK_REC], &older->chain[ACK_REC], &s->first_slots,
		    &first)) {
		/* it is tried again soon */
	}
	lock_drop(&trim);
	reader_forget(s->queues[QUEUE_REC].reader, s->queues[QUEUE_REC].window.state.frontier);
	return true;
}

int64_t carry_due_ms(const struct ship *s)
{
	return carry_is_done(s) ? 0 : s->carry->due_ms;
}

/* --- beginning and end --- */

static int open_chain(struct ship *s, struct carry *c, struct err_detail *why)
{
	struct chain_conf conf = { .name = "rec", .map_size = CHAIN_MAP_MIN, .cap = SPOOL_MAX };
	struct ack ack;
	struct first first;

	int err = spool_lock_capture(&s->spool, 0, &c->lock, why);
	if (err)
		return err;
	ack_read(&s->ack_slots, &ack, NULL);
	first_read(&s->first_slots, &first);
	conf.settled_to = ack_highest(&ack.chain[ACK_REC]);
	if (first.first_seq > conf.settled_to + 1)
		conf.settled_to = first.first_seq - 1;
	return chain_open(&s->spool, &conf, &c->chain, why);
}

int carry_open(struct ship *s, struct err_detail *why)
{
	struct carry *c = calloc(1, sizeof(*c));

	s->carry = c;
	if (!c)
		return err_set(why, ERR_NOMEM, "out of memory for the files");
	c->lock.fd = -1;
	buf_init(&c->text, FRAME_RAW_MAX);
	buf_init(&c->packed, CARRY_PACKED_MAX);
	c->reading.patterns = &s->patterns;
	int err = carry_job_open(&c->job, &s->spool, s->conf.in_files, s->conf.nin_files, why);
	if (!err)
		err = open_chain(s, c, why);
	if (err)
		return err;
	if (frame_coder_new(&c->coder) || buf_reserve(&c->packed, CARRY_PACKED_MAX))
		return err_set(why, ERR_NOMEM, "out of memory for the files");
	c->at = carry_job_mark(chain_place(c->chain, c->job.id));
	c->at.line = 1;
	c->appended = c->closed = c->job.done;
	if (c->at.at || c->at.file)
		log_info("going on where the last run has stopped");
	if (carry_job_save(&c->job, &s->spool))
		return err_set(why, ERR_SPOOL_IO, "cannot write %s/carry: %s", s->spool.dir,
			strerror(errno));
	return 0;
}

int carry_conclude(struct ship *s)
{
	char records[STATS_TEXT], bad[STATS_TEXT];
	const struct carry *c = s->carry;

	if (!c)
		return 0;
	if (s->drained)
		carry_job_remove(&s->spool);
	else
		log_info("what was read and is not settled stays in %s; the same command goes on",
			s->spool.dir);
	log_info("%s records read, %s lines passed over", stats_count(c->records, records),
		stats_count(c->job.bad, bad));
	return c->job.bad ? 1 : 0;
}

void carry_close(struct ship *s)
{
	struct carry *c = s->carry;

	if (!c)
		return;
	line_file_free(c->lines);
	chain_close(c->chain);
	lock_drop(&c->lock);
	frame_coder_free(c->coder);
	buf_done(&c->text);
	buf_done(&c->packed);
	carry_job_close(&c->job);
	free(c);
	s->carry = NULL;
}
