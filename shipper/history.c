/* history.c -- an ack that is lost, or an old one: what is known without it of settled records. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead.h"
#include "dead_index.h"
#include "segment_file.h"
#include "ship_internal.h"

/* Lines of dead/ or parked/. */
struct lines {
	uint64_t first, last, count;     /* of the records [first, last] */
	const struct ack_chain *counted; /* but not of those in its ranges, if it is there */
	struct dead_index *index;        /* of letters: which of them is there once more */
};

static bool is_in(const struct lines *x, const struct dead_line *d)
{
	uint64_t at = dead_line_at(d);

	return d->chain == ACK_REC && at >= x->first && at <= x->last &&
	       !(x->counted && ack_settled_in(x->counted, at, at));
}

static int count_letter(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct lines *x = arg;
	struct dead_line d;

	(void)f;
	x->count += !dead_line_read(line, len, &d) && !d.parked && is_in(x, &d) &&
		    dead_index_is_last(x->index, &d, seq);
	return 0;
}

static int count_parked(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	struct lines *x = arg;
	struct dead_line d;

	(void)f;
	(void)seq;
	x->count += !dead_line_read(line, len, &d) && !d.letter && is_in(x, &d);
	return 0;
}

/* How many of n records are dead; in an error all count as stored. */
static uint64_t letters_of(
	const struct ship *s, const struct queue *q, struct lines letters, uint64_t n)
{
	uint64_t missing;

	if (q->id != ACK_REC || dead_index_new(&s->spool, 0, &letters.index))
		return 0;
	if (reader_each_line(&s->spool, "dead", 1, count_letter, &letters, &missing))
		letters.count = 0;
	dead_index_free(letters.index);
	return letters.count < n ? letters.count : n;
}

/* And how many lie in parked/: lines stay there until both slots know of them. */
static uint64_t parked_of(
	const struct ship *s, const struct queue *q, struct lines lines, uint64_t n)
{
	uint64_t missing;

	if (q->id != ACK_REC ||
		reader_each_line(&s->spool, "parked", 1, count_parked, &lines, &missing))
		return 0;
	return lines.count < n ? lines.count : n;
}

/* What the chain had committed when its oldest segment was made; *from is that one's sequence. */
static uint64_t committed_before_oldest(const struct ship *s, const struct queue *q, uint64_t *from)
{
	char path[PATHS_MAX];
	struct segment_file *f;
	const uint64_t *seqs;

	if (!reader_segments(q->reader, &seqs) ||
		paths_segment(path, s->spool.dir, q->name, seqs[0]) ||
		segment_file_open_worn(path, s->spool.epoch, &f, NULL))
		return 0;
	*from = seqs[0];
	uint64_t committed = segment_file_birth(f)->totals.committed;
	segment_file_close(f);
	return committed;
}

/* Cuts a range in two, of which the upper one begins at a sequence. Letters that are there tell how
 * many dead ones lie above; nobody knows how the other counts are divided. */
static struct ack_range cut_range(
	const struct ship *s, const struct queue *q, struct ack_range *r, uint64_t from)
{
	uint64_t all = (uint64_t)r->indexed + r->already_there + r->dead + r->lost;
	uint64_t n = r->last - from + 1;
	struct lines letters = { .first = from, .last = r->last };

	n = n < all ? n : all;
	uint64_t dead = letters_of(s, q, letters, n < r->dead ? n : r->dead);
	struct ack_range upper = { .first = from,
		.last = r->last,
		.dead = (uint32_t)dead,
		.already_there = (uint32_t)(n - dead),
		.apart = r->apart };
	uint64_t rest = r->dead - dead < all - n ? r->dead - dead : all - n;
	*r = (struct ack_range){ .first = r->first,
		.last = from - 1,
		.dead = (uint32_t)rest,
		.already_there = (uint32_t)(all - n - rest) };
	return upper;
}

/* What of an ack lies below a sequence is counted, and told in *counted; what lies above stays. */
static void cut_ranges(const struct ship *s, const struct queue *q, struct ack_chain *ack,
	uint64_t from, struct ack_chain *counted)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ack->nranges; i++) {
		struct ack_range r = ack->ranges[i];
		if (r.last >= from)
			ack->ranges[kept++] = r.first < from ? cut_range(s, q, &r, from) : r;
		if (r.first >= from)
			continue;
		ack_count_range(&ack->counts, &r);
		counted->ranges[counted->nranges++] = r;
	}
	ack->nranges = kept;
}

/* Records below a sequence are settled, though the ack does not know of so many. */
static void count_trimmed(struct ship *s, const struct queue *q, struct ack_chain *ack,
	uint64_t from, uint64_t settled, const struct ack_chain *counted)
{
	if (q->id == ACK_PARKED) { /* they count among the records that they are */
		ack->counts.apart += settled;
		return;
	}
	struct lines lines = { .first = ack->frontier + 1, .last = from - 1, .counted = counted };
	uint64_t dead = letters_of(s, q, lines, settled);
	uint64_t apart = parked_of(s, q, lines, settled - dead);
	uint64_t lost = q->id == ACK_REC ? gap_told_in(s, lines.first, lines.last, counted) : 0;
	lost = lost < settled - dead - apart ? lost : settled - dead - apart;
	ack->counts.dead += dead;
	ack->counts.apart += apart;
	ack->counts.lost += lost;
	ack->counts.already_there += settled - dead - apart - lost;
}

void history_recover(struct ship *s, struct queue *q, struct ack_chain *ack)
{
	struct first first = { .first_seq = UINT64_MAX };
	struct ack_chain counted = { 0 };
	uint64_t from = 1, committed = committed_before_oldest(s, q, &from);

	if (!committed || from - 1 <= ack->frontier)
		return;
	if (q->id == ACK_REC)
		first_read(&s->first_slots, &first);
	if (from > first.first_seq)
		return; /* more is gone than was settled or given up: a gap, as any other */
	cut_ranges(s, q, ack, from, &counted);
	uint64_t known = ack_sum(&ack->counts) + ack->counts.apart + first.trimmed;
	if (committed > known) {
		count_trimmed(s, q, ack, from, committed - known, &counted);
		log_warn("%s/ack is lost, or older than it was; what the spool still holds of %s "
			 "is sent again, under the same ids",
			s->spool.dir, q->name);
	}
	ack->frontier = from - 1;
	s->unsaved = true;
}

/* Segments of dead/ are trimmed only when all their letters were tried again or purged. */
void history_recover_letters(struct ship *s)
{
	struct reader *reader;
	const uint64_t *seqs;

	if (reader_new(&s->spool, "dead", &reader))
		return;
	if (reader_segments(reader, &seqs) && seqs[0] > s->letters.frontier + 1) {
		s->letters.frontier = seqs[0] - 1;
		s->unsaved = true;
	}
	reader_free(reader);
}
