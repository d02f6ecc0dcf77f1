/* cmd_spool_where.c -- espcap spool where: what has become of one record. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "dead.h"
#include "log.h"
#include "looks.h"
#include "record_id.h"

struct question {
	uint64_t seq, run;
	bool by_id; /* the run is known */
};

/* What the spool's files say of it. */
struct answer {
	struct spool spool;
	struct question q;
	struct ack ack;
	struct first first;
	bool here;            /* the spool still holds it */
	enum ack_chain_id in; /* the chain that does, or of which its run is */
	int64_t frame_ns;
	struct buf record;
	bool other_run; /* the sequence belongs to another run */
	uint64_t gap_lost, last;
	/* its last lines in dead/ and parked/, and their sequences; 0: none */
	struct buf letter, parked;
	uint64_t letter_at, parked_at;
	struct loss loss; /* of the last document that may name it; count 0: none */
	int64_t loss_ns;
};

static bool parse(const char *text, struct question *q)
{
	*q = (struct question){ 0 };
	if (strlen(text) == RECORD_ID_LEN && record_id_parse(text, &q->run, &q->seq) == 0) {
		q->by_id = true;
		return q->seq > 0;
	}
	return looks_number(text, &q->seq);
}

/* --- looking --- */

static int keep(struct buf *b, const char *p, size_t n)
{
	buf_reset(b);
	return buf_add(b, p, n);
}

/* Where a line of a frame begins; lines are counted by the frame's own check. */
static const char *line_of(const struct reader_frame *f, uint64_t seq, size_t *len)
{
	const char *line = f->text, *end = f->text + f->header.raw_len;

	for (uint64_t s = f->header.first_seq; s < seq; s++)
		line = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
	*len = (size_t)((const char *)memchr(line, '\n', (size_t)(end - line)) - line);
	return line;
}

static int take_record(struct answer *a, enum ack_chain_id id, const struct reader_frame *f)
{
	size_t len;
	const char *line = line_of(f, a->q.seq, &len);

	a->here = true;
	a->in = id;
	a->q.run = f->header.run;
	a->frame_ns = f->header.min_time_ns;
	return keep(&a->record, line, len);
}

/* Of a sequence alone the record chain is meant; an _id may be one of ship's loss documents, too. */
static int find_record(struct answer *a, const char *chain, enum ack_chain_id id)
{
	struct reader *r;
	struct reader_frame f = { 0 };
	struct frame_totals totals;
	uint64_t begin, last = 0;

	int err = reader_new(&a->spool, chain, &r);
	if (err)
		return err;
	err = reader_extent(r, &begin, &last, &totals);
	if (id == ACK_REC)
		a->last = last;
	if (!err)
		err = reader_next_now(r, a->q.seq, &f);
	if (!err && f.header.first_seq > a->q.seq) {
		err = ERR_END;
	} else if (!err && a->q.by_id && f.header.run != a->q.run) {
		a->other_run = id == ACK_REC;
		err = ERR_END;
	} else if (!err) {
		err = take_record(a, id, &f);
	}
	if (id == ACK_REC && f.gap.first && a->q.seq >= f.gap.first && a->q.seq <= f.gap.last)
		a->gap_lost = f.gap.lost;
	reader_free(r);
	return err == ERR_END ? 0 : err;
}

static bool is_it(const struct answer *a, const struct dead_line *d)
{
	if (d->seq != a->q.seq)
		return false;
	if (a->q.by_id || a->here)
		return d->run == a->q.run;
	return d->chain == ACK_REC;
}

static int find_letter(
	void *answer, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct answer *a = answer;
	struct dead_line d;

	(void)f;
	if (dead_line_read(line, len, &d) || !is_it(a, &d))
		return 0;
	a->letter_at = seq;
	return keep(&a->letter, line, len);
}

static int find_parked(
	void *answer, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct answer *a = answer;
	struct dead_line d;

	if (dead_line_read(line, len, &d) || !is_it(a, &d))
		return 0;
	(void)f;
	a->parked_at = seq;
	return keep(&a->parked, line, len);
}

static int find_loss(
	void *answer, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct answer *a = answer;
	struct loss loss;

	(void)seq;
	if (f->header.kind != FRAME_EVENT || !loss_read(line, len, &loss) ||
		a->q.seq < loss.first_seq || a->q.seq > loss.last_seq)
		return 0;
	a->loss = loss;
	a->loss_ns = frame_record_time(&f->header, line, len);
	return 0;
}

static int look(struct answer *a)
{
	uint64_t missing;

	looks_settled(&a->spool, &a->ack, &a->first);
	int err = find_record(a, "rec", ACK_REC);
	if (!err && !a->here && a->q.by_id)
		err = find_record(a, "loss", ACK_LOSS);
	if (!err)
		err = reader_each_line(&a->spool, "dead", 1, find_letter, a, &missing);
	if (!err)
		err = reader_each_line(&a->spool, "parked", 1, find_parked, a, &missing);
	if (!err && !a->here)
		err = reader_each_line(&a->spool, "loss", 1, find_loss, a, &missing);
	return err;
}

/* --- telling --- */

static void when(int64_t ns, char out[CLOCK_ISO_LEN + 1])
{
	clock_iso(ns, out);
}

/* A letter that nobody has retried or purged, or that came after that. */
static bool tell_letter(const struct answer *a)
{
	struct dead_line d;
	char time[CLOCK_ISO_LEN + 1];

	if (!a->letter_at || dead_line_read(a->letter.data, a->letter.len, &d))
		return false;
	when(d.time_ns, time);
	if (a->letter_at <= a->ack.chain[ACK_DEAD].frontier) {
		(void)printf("was a dead letter since %s, and was retried or purged\n", time);
		return false;
	}
	(void)printf("dead letter since %s: status %u, %.*s\n", time, d.status, (int)d.type.len,
		d.type.p);
	return true;
}

static bool tell_parked(const struct answer *a)
{
	const struct ack_chain *parked = &a->ack.chain[ACK_PARKED];

	if (!a->parked_at)
		return false;
	if (!ack_covers(parked, a->parked_at, a->parked_at)) {
		(void)printf("parked: it waits to be shipped, by its own _id\n");
		return true;
	}
	if (!a->letter_at || a->letter_at <= a->ack.chain[ACK_DEAD].frontier)
		(void)printf("settled: it was retried, and is indexed or was already there\n");
	return true;
}

static bool tell_loss(const struct answer *a)
{
	char time[CLOCK_ISO_LEN + 1];

	if (!a->loss.count)
		return false;
	when(a->loss_ns, time);
	(void)printf("%s: a loss document of %s says that %llu of the records %llu to %llu are "
		     "lost (%s)\n",
		a->loss.count == a->loss.last_seq - a->loss.first_seq + 1 ? "lost"
									  : "lost, perhaps",
		time, (unsigned long long)a->loss.count, (unsigned long long)a->loss.first_seq,
		(unsigned long long)a->loss.last_seq, loss_name(a->loss.reason));
	return true;
}

static void tell_state(const struct answer *a)
{
	enum ack_chain_id id = a->here ? a->in : ACK_REC;
	const struct ack_chain *settled = &a->ack.chain[id];
	uint64_t seq = a->q.seq;
	char time[CLOCK_ISO_LEN + 1];
	const struct loss *last = &a->first.last;

	bool counted = id == ACK_REC && last->first_seq && seq >= last->first_seq &&
		       seq <= last->last_seq;
	if (counted && !a->here) {
		when(last->end_ns, time);
		(void)printf("given up when the spool was full, unless it was settled before; a "
			     "loss document counts it, with packets up to %s\n",
			time);
	} else if (ack_covers(settled, seq, seq)) {
		(void)puts(
			a->gap_lost || (!a->here && a->first.first_seq <= seq)
				? "settled: it was damaged and is named in a loss document, or "
				  "was never a record"
				: "settled: indexed, already there, or named in a loss document");
	} else if (id == ACK_REC && seq < a->first.first_seq) {
		(void)puts("given up when the spool was full; a loss document counts it");
	} else if (a->here) {
		(void)puts("backlog: it waits to be shipped");
	} else if (a->gap_lost) {
		(void)puts("damaged on the disk, or never a record; espcap-ship will say in a loss "
			   "document how many are lost");
	} else {
		(void)puts("never a record: the sequence was passed over");
	}
}

static void tell_record(const struct answer *a)
{
	char time[CLOCK_ISO_LEN + 1], id[RECORD_ID_LEN];

	if (!a->here) {
		(void)puts("the spool holds it no longer");
		return;
	}
	record_id_write(a->q.run, a->q.seq, id);
	when(a->frame_ns, time);
	(void)printf("sequence %llu, _id %.*s, in a frame from %s\n%.*s\n",
		(unsigned long long)a->q.seq, RECORD_ID_LEN, id, time, (int)a->record.len,
		a->record.data);
}

static int tell(const struct answer *a)
{
	bool known = a->here || a->letter_at || a->parked_at;

	if (a->other_run && !known) {
		log_error("sequence %llu of this spool belongs to another run, so that id is not "
			  "of this spool",
			(unsigned long long)a->q.seq);
		return 1;
	}
	if (!known && a->q.seq > a->last) {
		log_error("there is no record %llu in %s yet", (unsigned long long)a->q.seq,
			a->spool.dir);
		return 1;
	}
	bool parked = tell_parked(a), dead = tell_letter(a);
	if (!parked && !dead && !tell_loss(a))
		tell_state(a);
	tell_record(a);
	if (dead)
		(void)printf("dead letter: %.*s\n", (int)a->letter.len, a->letter.data);
	return 0;
}

static int run_where(int argc, char **argv)
{
	static struct answer a;

	int code = command_words(&command_spool_where, 2, argc, argv);
	if (code)
		return code;
	if (!parse(argv[2], &a.q)) {
		log_error(
			"\"%s\" is neither an _id of 26 characters nor a sequence number", argv[2]);
		return EXIT_USAGE;
	}
	if (looks_open(argv[1], &a.spool))
		return 1;
	buf_init(&a.record, FRAME_RAW_MAX);
	buf_init(&a.letter, FRAME_RAW_MAX);
	buf_init(&a.parked, FRAME_RAW_MAX);
	int err = look(&a);
	code = err ? 1 : tell(&a);
	if (err)
		log_error("cannot read the spool %s: %s", a.spool.dir, err_text(err));
	buf_done(&a.record);
	buf_done(&a.letter);
	buf_done(&a.parked);
	return code;
}

const struct command command_spool_where = { "spool where", "DIR ID|SEQUENCE",
	"say what has become of one record",
	"Says whether it waits, is settled, parked, a dead letter, lost or was given up, and "
	"when,\n"
	"and prints what the spool still holds of it. A sequence is one of the record chain; an\n"
	"_id may be that of any document of this spool.\n",
	run_where };
