/* power_letters.c -- of every record that was ever refused: a letter, parked, stored, or purged. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "power_letters.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "chain.h"
#include "dead_work.h"
#include "reader.h"

enum { SMALL_MAP = 64 << 10, WHY = 256 };

/* Lines of a chain above its frontier. */
struct lines {
	struct power_record *records;
	size_t count;
};

struct view {
	const struct power_letters *l;
	struct ack ack;
	struct lines dead, parked;
	bool requested;
	uint64_t purged; /* by the totals of loss/ */
	/* as a ship that starts: what has a letter is dead, whatever the ack says */
	bool heeded;
	uint64_t *refused; /* parked records that are dead by that */
	size_t nrefused;
	struct chain *chains[ACK_CHAINS];
	bool bad;
};

static char why[WHY];

__attribute__((format(printf, 2, 3))) static void find(struct view *v, const char *format, ...)
{
	va_list args;

	if (v->bad)
		return;
	v->bad = true;
	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
}

static void must(struct view *v, int err, const char *what)
{
	if (err)
		find(v, "%s: %s", what, err_text(err));
}

/* --- reading --- */

static bool take(void *arg, uint64_t seq, uint64_t run, const char *line, size_t len)
{
	struct lines *l = arg;
	struct power_record r = { .seq = seq, .run = run };

	power_known_inside(&r, line, len);
	if (!r.of_seq)
		return true;
	if ((l->count & (l->count - 1)) == 0)
		l->records = realloc(
			l->records, (l->count ? 2 * l->count : 1) * sizeof(*l->records));
	l->records[l->count++] = r;
	return true;
}

static void read_lines(struct view *v, const char *chain, enum ack_chain_id id, struct lines *l)
{
	free(l->records);
	*l = (struct lines){ .count = 0 };
	must(v, power_read_chain(v->l->spool, chain, v->ack.chain[id].frontier + 1, take, l),
		"dead/ or parked/ cannot be read");
}

static void read_all(struct view *v)
{
	struct frame_totals totals = { 0 };
	uint64_t first, last;
	struct reader *r;

	read_lines(v, "dead", ACK_DEAD, &v->dead);
	read_lines(v, "parked", ACK_PARKED, &v->parked);
	v->requested = request_is_there(v->l->spool);
	if (reader_new(v->l->spool, "loss", &r) == 0) {
		int err = reader_extent(r, &first, &last, &totals);
		must(v, err == ERR_END ? 0 : err, "loss/ cannot be read");
		v->purged = totals.lost[LOSS_PURGED];
		reader_free(r);
	}
}

/* --- what a line is --- */

static bool same(const struct power_record *a, const struct power_record *b)
{
	return a->of_run == b->of_run && a->of_seq == b->of_seq;
}

static bool is_refused(const struct view *v, uint64_t parked)
{
	for (size_t i = 0; i < v->nrefused; i++)
		if (v->refused[i] == parked)
			return true;
	return false;
}

/* The letter of the same record as r that lies last; NULL: none. */
static const struct power_record *letter_of(const struct view *v, const struct power_record *r)
{
	for (size_t i = v->dead.count; i-- > 0;)
		if (same(&v->dead.records[i], r))
			return &v->dead.records[i];
	return NULL;
}

/* Does the ack say what the letter does? */
static bool is_counted(const struct view *v, const struct power_record *letter)
{
	uint64_t seq = letter->parked ? letter->parked : letter->of_seq;
	enum ack_chain_id id = letter->parked ? ACK_PARKED : letter->of_loss ? ACK_LOSS : ACK_REC;

	return v->heeded || ack_covers(&v->ack.chain[id], seq, seq);
}

/* A letter that is tried again, or a record whose index took nothing. */
static bool is_moved(const struct view *v, const struct power_record *p)
{
	if (p->letter)
		return p->letter <= v->ack.chain[ACK_DEAD].frontier;
	return v->heeded ||
	       ack_covers(&v->ack.chain[p->of_loss ? ACK_LOSS : ACK_REC], p->of_seq, p->of_seq);
}

/* Moved to parked/ for good, and still to be sent. */
static bool waits(const struct view *v, const struct power_record *p)
{
	return is_moved(v, p) && !ack_covers(&v->ack.chain[ACK_PARKED], p->seq, p->seq) &&
	       !is_refused(v, p->seq);
}

static const struct power_record *parked_of(const struct view *v, const struct power_record *r)
{
	for (size_t i = 0; i < v->parked.count; i++)
		if (same(&v->parked.records[i], r) && waits(v, &v->parked.records[i]))
			return &v->parked.records[i];
	return NULL;
}

/* --- what must hold --- */

static struct ack_counts counts_of(const struct view *v, enum ack_chain_id id)
{
	struct ack_counts counts = v->ack.chain[id].counts;

	for (unsigned i = 0; i < v->ack.chain[id].nranges; i++)
		ack_count_range(&counts, &v->ack.chain[id].ranges[i]);
	return counts;
}

/* The sums of ack.h, against what lies there. */
static void check_counts(struct view *v)
{
	struct ack_counts rec = counts_of(v, ACK_REC), parked = counts_of(v, ACK_PARKED);
	struct ack_counts dead = counts_of(v, ACK_DEAD);
	uint64_t letters = 0, waiting = 0, late = 0;

	for (size_t i = 0; i < v->dead.count; i++) {
		const struct power_record *d = &v->dead.records[i];
		bool counted = !d->of_loss && letter_of(v, d) == d && is_counted(v, d);
		letters += counted;
		/* given up between the letter and the ack: its writer has counted it */
		late += counted && v->l->first.trimmed && d->of_seq < v->l->first.first_seq;
	}
	for (size_t i = 0; i < v->parked.count; i++)
		waiting += !v->parked.records[i].of_loss && waits(v, &v->parked.records[i]);
	uint64_t all = letters + dead.indexed + dead.lost;
	if (rec.dead + parked.dead > all || rec.dead + parked.dead + late < all)
		find(v,
			"%" PRIu64 " records are dead, and there are %" PRIu64 " letters, %" PRIu64
			" were retried and %" PRIu64 " purged",
			rec.dead + parked.dead, letters, dead.indexed, dead.lost);
	if (dead.indexed + rec.apart != ack_sum(&parked) + waiting)
		find(v,
			"%" PRIu64 " were retried and %" PRIu64 " parked, %" PRIu64
			" settled, and %" PRIu64 " wait",
			dead.indexed, rec.apart, ack_sum(&parked), waiting);
}

/* No record is in two places, or will be. */
static void check_places(struct view *v)
{
	for (size_t i = 0; i < v->parked.count && !v->bad; i++) {
		const struct power_record *p = &v->parked.records[i];
		const struct power_record *letter = letter_of(v, p);
		if (p->letter > v->ack.chain[ACK_DEAD].frontier && !v->requested)
			find(v, "record %" PRIu64 " is parked and dead, and nobody asks for it",
				p->of_seq);
		if (waits(v, p) && parked_of(v, p) != p)
			find(v, "record %" PRIu64 " is parked twice", p->of_seq);
		if (waits(v, p) && letter && letter->parked != p->seq)
			find(v, "record %" PRIu64 " is parked, and has a letter as well",
				p->of_seq);
		for (size_t k = 0; k < i; k++)
			if (p->letter && v->parked.records[k].letter == p->letter)
				find(v, "letter %" PRIu64 " is parked twice", p->letter);
	}
}

/* The first letter that a record ever had? */
static bool is_first(const struct power_known *k, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same(&k->chain[POWER_DEAD].records[j], &k->chain[POWER_DEAD].records[i]))
			return false;
	return true;
}

/* Records whose index took nothing, and then did. */
static uint64_t parked_done(const struct view *v)
{
	uint64_t waiting = 0, all = counts_of(v, ACK_REC).apart;

	for (size_t i = 0; i < v->parked.count; i++) {
		const struct power_record *p = &v->parked.records[i];
		waiting += !p->letter && !p->of_loss && waits(v, p);
	}
	return all - waiting;
}

/* Each record that was ever refused is dead, or parked, or stored, or purged with account. */
static void check_account(struct view *v)
{
	const struct power_known *k = v->l->known;
	struct ack_counts parked = counts_of(v, ACK_PARKED), dead = counts_of(v, ACK_DEAD);
	uint64_t gone = 0, done = parked.indexed + parked.already_there + parked.lost + dead.lost;
	bool of_loss = false;

	for (size_t i = 0; i < k->chain[POWER_DEAD].count; i++) {
		const struct power_record *r = &k->chain[POWER_DEAD].records[i];
		of_loss = of_loss || r->of_loss;
		if (r->of_seq && !r->of_loss && r->since <= v->l->moment && is_first(k, i))
			gone += !letter_of(v, r) && !parked_of(v, r);
	}
	done -= parked_done(v); /* those were never refused */
	/* a log that begins with a spool does not know of what was trimmed before */
	if (gone > done || (k->made && gone != done))
		find(v,
			"%" PRIu64 " refused records are neither dead nor parked, and %" PRIu64
			" were stored or purged",
			gone, done);
	if (v->purged < dead.lost || (!v->requested && !of_loss && v->purged != dead.lost))
		find(v, "%" PRIu64 " letters were purged, and documents name %" PRIu64, dead.lost,
			v->purged);
}

/* A letter and a parked record hold the record itself, under its own id. */
static void check_contents(struct view *v, const struct lines *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct power_record *in = &l->records[i];
		const struct power_record *own = power_known_find(
			v->l->known, in->of_loss ? POWER_LOSS : POWER_REC, in->of_seq);
		/* one that was trimmed before the log began is not known */
		if (own && (own->run != in->of_run || own->hash != in->of_hash))
			find(v, "%s: line %" PRIu64 " is not record %" PRIu64, name, in->seq,
				in->of_seq);
	}
}

/* What was reported as done stays done. */
static void check_done(struct view *v)
{
	const struct power_done *done = power_known_done(v->l->known, v->l->moment);
	static struct request r;

	if (done && v->ack.chain[ACK_DEAD].frontier < done->frontier)
		find(v, "letters up to %" PRIu64 " were done with, now up to %" PRIu64,
			done->frontier, v->ack.chain[ACK_DEAD].frontier);
	/* who waits for a ship may see that its request is gone before that is durable */
	if (v->requested && !power_known_asked(v->l->known, v->l->moment) &&
		(request_read(v->l->spool, &r) || r.until > v->ack.chain[ACK_DEAD].frontier))
		find(v, "there is a request that was done, and it would be done again");
}

static void check(struct view *v)
{
	check_contents(v, &v->dead, "dead");
	check_contents(v, &v->parked, "parked");
	check_places(v);
	check_counts(v);
	check_account(v);
}

static void end(struct view *v)
{
	for (unsigned i = 0; i < ACK_CHAINS; i++)
		chain_close(v->chains[i]);
	free(v->dead.records);
	free(v->parked.records);
	free(v->refused);
}

const char *power_letters_look(const struct power_letters *l)
{
	struct view v = { .l = l, .ack = l->ack };

	read_all(&v);
	check(&v);
	check_done(&v);
	end(&v);
	return v.bad ? why : NULL;
}

/* --- going on --- */

static void heed(struct view *v)
{
	v->refused = calloc(v->dead.count + 1, sizeof(*v->refused));
	for (size_t i = 0; i < v->dead.count; i++) {
		const struct power_record *d = &v->dead.records[i];
		if (letter_of(v, d) != d || is_counted(v, d))
			continue;
		if (d->parked)
			v->refused[v->nrefused++] = d->parked;
		if (!d->of_loss)
			v->ack.chain[d->parked ? ACK_PARKED : ACK_REC].counts.dead++;
	}
	for (size_t i = 0; i < v->parked.count; i++) {
		const struct power_record *p = &v->parked.records[i];
		if (!p->letter && !p->of_loss && !is_moved(v, p))
			v->ack.chain[ACK_REC].counts.apart++;
	}
	v->heeded = true;
}

static int open_chain(struct view *v, enum ack_chain_id id)
{
	static const char *const names[ACK_CHAINS] = { "rec", "loss", "parked", "dead" };
	struct chain_conf conf = { .name = names[id],
		.map_size = SMALL_MAP,
		.settled_to = ack_highest(&v->ack.chain[id]) };

	return v->chains[id] ? 0 : chain_open(v->l->spool, &conf, &v->chains[id], NULL);
}

static int append(void *arg, enum ack_chain_id id, const struct buf *text, uint32_t count)
{
	struct view *v = arg;
	int err = open_chain(v, id);

	return err ? err
		   : chain_append_text(v->chains[id], id == ACK_PARKED ? FRAME_PARKED : FRAME_DEAD,
			     text, count, NULL, NULL);
}

static int lose(void *arg, const struct loss *loss)
{
	struct view *v = arg;
	int err = open_chain(v, ACK_LOSS);

	return err ? err : chain_append_loss(v->chains[ACK_LOSS], loss, "power", 1, NULL);
}

/* All steps of the request, as a ship that has heeded the letters. */
static void work(struct view *v)
{
	const struct dead_work_sink sink = { append, lose, v, .keeps = false };
	struct dead_work *w;
	struct ack all = v->ack;
	int err = dead_work_begin(v->l->spool, &v->ack, &sink, &w);

	if (err) {
		must(v, err, "a request cannot be begun");
		return;
	}
	all.chain[ACK_REC].frontier = all.chain[ACK_LOSS].frontier =
		all.chain[ACK_PARKED].frontier = UINT64_MAX;
	while (!(err = dead_work_step(w, &all))) {
	}
	dead_work_free(w);
	v->ack.chain[ACK_DEAD] = all.chain[ACK_DEAD];
	must(v, err == ERR_END ? 0 : err, "a request cannot be done");
	must(v, request_remove(v->l->spool), "a request cannot be removed");
	read_all(v);
	check(v);
}

static void ask_for_all(struct view *v)
{
	static struct request r;

	r = (struct request){ .action = REQUEST_RETRY, .before_ns = INT64_MAX };
	must(v, open_chain(v, ACK_DEAD), "dead does not open");
	must(v, open_chain(v, ACK_LOSS), "loss does not open");
	if (v->bad)
		return;
	r.until = chain_next_seq(v->chains[ACK_DEAD]) - 1;
	r.loss_after = chain_next_seq(v->chains[ACK_LOSS]) - 1;
	must(v, request_put(v->l->spool, &r, NULL), "nothing can be asked for");
}

const char *power_letters_go_on(const struct power_letters *l)
{
	struct view v = { .l = l, .ack = l->ack };

	read_all(&v);
	heed(&v);
	if (v.requested)
		work(&v);
	if (!v.bad)
		ask_for_all(&v);
	if (!v.bad)
		work(&v);
	if (v.dead.count)
		find(&v, "%zu letters stay though all are tried again", v.dead.count);
	end(&v);
	return v.bad ? why : NULL;
}

/* --- what a server has --- */

static bool was_refused(const struct power_letters *l, uint64_t parked)
{
	const struct power_record *r = l->known->chain[POWER_DEAD].records;

	for (size_t i = 0; i < l->known->chain[POWER_DEAD].count; i++)
		if (r[i].parked == parked && r[i].since <= l->moment)
			return true;
	return false;
}

static bool is_of(const struct power_record *line, const struct power_record *record)
{
	return line->of_run == record->run && line->of_seq == record->seq && !line->of_loss;
}

bool power_letters_stored(const struct power_letters *l, const struct power_record *record)
{
	const struct power_record *dead = l->known->chain[POWER_DEAD].records;
	const struct power_record *parked = l->known->chain[POWER_PARKED].records;
	bool stored = true;

	for (size_t i = 0; i < l->known->chain[POWER_DEAD].count; i++)
		stored = stored && !(is_of(&dead[i], record) && dead[i].since <= l->moment);
	for (size_t i = 0; i < l->known->chain[POWER_PARKED].count; i++)
		if (is_of(&parked[i], record) &&
			ack_covers(&l->ack.chain[ACK_PARKED], parked[i].seq, parked[i].seq))
			stored = stored || !was_refused(l, parked[i].seq);
	return stored;
}

bool power_letters_waits(const struct power_letters *l, const struct power_record *record)
{
	const struct power_record *parked = l->known->chain[POWER_PARKED].records;

	for (size_t i = 0; i < l->known->chain[POWER_PARKED].count; i++)
		if (is_of(&parked[i], record) && parked[i].since <= l->moment &&
			parked[i].letter <= l->ack.chain[ACK_DEAD].frontier &&
			!ack_covers(&l->ack.chain[ACK_PARKED], parked[i].seq, parked[i].seq))
			return !was_refused(l, parked[i].seq);
	return false;
}
