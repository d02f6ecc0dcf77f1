/* power_check.c -- what must hold of a spool after a power cut, looked at through common/spool. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "power_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "power_image.h"
#include "power_letters.h"
#include "reader.h"
#include "record_id.h"
#include "writer.h"

enum { FRAMES = 2, RECORDS = 3, SMALL_MAP = 64 << 10 };

/* What a state was found to hold. */
struct seen {
	struct power_record *records;
	size_t count;
};

struct check {
	const struct power_case *c;
	const struct power_known *k;
	char *why;
	bool bad;
	struct spool spool;
	struct ack ack, found; /* as it is now, and as it was */
	struct first first;
	struct seen seen[POWER_CHAINS];
	uint64_t given_up; /* records that the ack leaves to their writer */
	uint64_t undone;   /* and that it has settled, and a cut has undone */
};

__attribute__((format(printf, 2, 3))) static void find(struct check *x, const char *format, ...)
{
	va_list args;

	if (x->bad)
		return; /* the first finding says most */
	x->bad = true;
	va_start(args, format);
	(void)vsnprintf(x->why, POWER_WHY, format, args);
	va_end(args);
}

/* --- what ack and first say --- */

static const enum ack_chain_id ack_ids[POWER_CHAINS] = { ACK_REC, ACK_DEAD, ACK_LOSS, ACK_PARKED };

static bool is_settled(const struct check *x, unsigned chain, uint64_t seq)
{
	return ack_covers(&x->ack.chain[ack_ids[chain]], seq, seq);
}

static bool is_given_up(const struct check *x, unsigned chain, uint64_t seq)
{
	return chain == POWER_REC && seq < x->first.first_seq;
}

static struct ack_counts counts_of(const struct ack_chain *chain)
{
	struct ack_counts counts = chain->counts;

	for (unsigned i = 0; i < chain->nranges; i++)
		ack_count_range(&counts, &chain->ranges[i]);
	return counts;
}

/* One that was durable is never undone, and none is there that was not written. */
static void check_gen(struct check *x, const struct power_slots *slots, uint64_t gen)
{
	uint64_t least = 0, most = 0;

	for (size_t i = 0; i < slots->count; i++) {
		if (slots->gens[i].durable <= x->c->moment && slots->gens[i].gen > least)
			least = slots->gens[i].gen;
		if (slots->gens[i].written <= x->c->moment && slots->gens[i].gen > most)
			most = slots->gens[i].gen;
	}
	if (gen < least || (gen > most && !x->c->ack_ahead))
		find(x, "%s is of generation %" PRIu64 ", not %" PRIu64 " to %" PRIu64, slots->name,
			gen, least, most);
}

/* An ack of a later moment: what it has settled, and the state does not have (F35). */
static void count_undone(struct check *x, uint64_t ack_gen)
{
	const struct power_slots *acks = &x->k->slots[POWER_ACK];

	x->given_up = x->first.trimmed;
	for (size_t i = 0; i < acks->count && x->c->ack_ahead; i++)
		if (acks->gens[i].gen == ack_gen)
			x->given_up = acks->gens[i].given_up;
	for (size_t i = 0; i < x->k->chain[POWER_REC].count && x->c->ack_ahead; i++) {
		const struct power_record *r = &x->k->chain[POWER_REC].records[i];
		x->undone += r->since > x->c->moment && is_settled(x, POWER_REC, r->seq);
	}
}

static void read_state(struct check *x)
{
	struct slots slots;

	if (ack_open(&slots, x->spool.dir, x->spool.epoch, false, NULL))
		slots.fd = -1;
	ack_read(&slots, &x->ack, NULL);
	x->found = x->ack;
	check_gen(x, &x->k->slots[POWER_ACK], slots.gen);
	uint64_t ack_gen = slots.gen;
	slots_close(&slots);
	if (first_open(&slots, x->spool.dir, x->spool.epoch, false, NULL))
		slots.fd = -1;
	first_read(&slots, &x->first);
	check_gen(x, &x->k->slots[POWER_FIRST], slots.gen);
	slots_close(&slots);
	count_undone(x, ack_gen);
}

static void check_text(struct check *x, const char *name)
{
	char path[PATHS_MAX];
	size_t size;

	if (paths_join(path, x->spool.dir, name))
		return;
	char *text = power_read_file(path, &size);
	uint64_t hash = text ? power_hash(text, size) : 0;
	bool known = !text;
	for (size_t i = 0; i < x->k->ntexts; i++)
		known = known || x->k->texts[i] == hash;
	free(text);
	if (!known)
		find(x, "%s has contents that nobody wrote", name);
}

/* --- records --- */

struct walk {
	struct check *x;
	unsigned chain;
};

static bool look_at(void *arg, uint64_t seq, uint64_t run, const char *line, size_t len)
{
	struct walk *w = arg;
	struct check *x = w->x;
	struct seen *seen = &x->seen[w->chain];
	const struct power_record *known = power_known_find(x->k, w->chain, seq);
	uint64_t hash = power_hash(line, len);

	if (!known || known->run != run || known->hash != hash) {
		find(x, "%s: record %" PRIu64 " of run %016" PRIx64 " %s: %.60s",
			power_chains[w->chain], seq, run,
			known ? "is another one than was committed" : "was never committed", line);
		return false;
	}
	if ((seen->count & (seen->count - 1)) == 0)
		seen->records = realloc(seen->records,
			(seen->count ? 2 * seen->count : 1) * sizeof(*seen->records));
	if (seen->count && seen->records[seen->count - 1].seq >= seq) {
		find(x, "%s: record %" PRIu64 " comes twice", power_chains[w->chain], seq);
		return false;
	}
	seen->records[seen->count++] = *known;
	return true;
}

static void walk_chain(struct check *x, unsigned chain)
{
	struct walk w = { x, chain };
	int err = power_read_chain(&x->spool, power_chains[chain], 1, look_at, &w);

	if (err)
		find(x, "%s cannot be read: %s", power_chains[chain], err_text(err));
}

/* Every record whose commit had returned: there, or settled, or given up. */
static void check_committed(struct check *x, unsigned chain)
{
	const struct seen *seen = &x->seen[chain];
	size_t at = 0;

	if (x->c->moment > x->k->removing)
		return;
	for (size_t i = 0; i < x->k->chain[chain].count && !x->bad; i++) {
		const struct power_record *r = &x->k->chain[chain].records[i];
		while (at < seen->count && seen->records[at].seq < r->seq)
			at++;
		bool there = at < seen->count && seen->records[at].seq == r->seq;
		if (!there && r->since <= x->c->moment && r->may_miss > x->c->moment &&
			!is_settled(x, chain, r->seq) && !is_given_up(x, chain, r->seq))
			find(x,
				"%s: record %" PRIu64
				" is missing, though its commit had returned (step %zu)",
				power_chains[chain], r->seq, r->since);
	}
}

/* A shipper that starts here must meet no gap that it would call a loss. */
static void check_gaps(struct check *x, unsigned chain)
{
	const struct ack_chain *ack = &x->ack.chain[ack_ids[chain]];
	uint64_t from = ack->frontier + 1, first, last;
	struct frame_totals totals;
	struct reader_frame f;
	struct reader *r;
	unsigned range = 0;
	int err = reader_new(&x->spool, power_chains[chain], &r);

	while (!err) {
		for (; range < ack->nranges && ack->ranges[range].first <= from; range++)
			if (ack->ranges[range].last >= from)
				from = ack->ranges[range].last + 1;
		err = reader_next(r, from, &f);
		uint64_t lost = f.gap.lost;
		for (uint64_t seq = f.gap.first; lost && seq <= f.gap.last; seq++) {
			const struct power_record *known = power_known_find(x->k, chain, seq);
			if ((known && known->may_miss <= x->c->moment) || is_settled(x, chain, seq))
				lost--;
		}
		if (lost && !is_given_up(x, chain, f.gap.first))
			find(x,
				"%s: a shipper would report %" PRIu64 " of records %" PRIu64
				" to %" PRIu64 " as damaged",
				power_chains[chain], f.gap.lost, f.gap.first, f.gap.last);
		if (!err)
			from = f.header.first_seq + f.header.count;
		else if (f.gap.first)
			from = f.gap.last + 1;
	}
	if (err != ERR_END)
		find(x, "%s cannot be read on: %s", power_chains[chain], err_text(err));
	if (reader_extent(r, &first, &last, &totals) == 0 && from <= last)
		find(x, "%s: a shipper would wait for ever at %" PRIu64 " of %" PRIu64,
			power_chains[chain], from, last);
	reader_free(r);
}

/* --- what ack claims (I10) --- */

struct text_walk {
	struct check *x;
	uint64_t count;
};

static uint64_t number_of(const char *line, size_t len, const char *key)
{
	const char *at = memmem(line, len, key, strlen(key));

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static bool count_losses(void *arg, uint64_t seq, uint64_t run, const char *line, size_t len)
{
	struct text_walk *w = arg;

	(void)seq;
	(void)run;
	if (memmem(line, len, "\"corrupt\"", 9))
		w->count += number_of(line, len, "\"count\":");
	return true;
}

/* Records settled as lost have a document that is as durable as the claim; of dead ones see
 * power_letters.h. */
static void check_claims(struct check *x)
{
	struct ack_counts counts = counts_of(&x->ack.chain[ACK_REC]);
	struct text_walk losses = { x, 0 };

	if (x->c->ack_ahead)
		return;
	(void)power_read_chain(&x->spool, "loss", 1, count_losses, &losses);
	if (losses.count < counts.lost)
		find(x, "ack calls %" PRIu64 " records lost, and documents name %" PRIu64,
			counts.lost, losses.count);
}

/* Records whose whole line, as ship writes it, is in the file. */
static uint64_t lines_in(const struct check *x, const char *text)
{
	char line[128] = "", run[RECORD_ID_PART + 1] = "";
	uint64_t n = 0;

	for (size_t i = 0; i < x->k->chain[POWER_REC].count; i++) {
		const struct power_record *r = &x->k->chain[POWER_REC].records[i];
		record_id_part(r->run, run);
		(void)snprintf(line, sizeof(line),
			"{\"event.sequence\":%" PRIu64 ",\"espcap.run\":\"%s\",", r->seq, run);
		const char *at = is_settled(x, POWER_REC, r->seq) ? strstr(text, line) : NULL;
		while (at && (at != text && at[-1] != '\n'))
			at = strstr(at + 1, line);
		const char *end = at ? strchr(at, '\n') : NULL;
		/* the record's own bytes stand behind the brace */
		char *whole =
			end ? strndup(at + strlen(line) - 1, (size_t)(end - at) - strlen(line) + 1)
			    : NULL;
		if (whole) {
			whole[0] = '{';
			n += power_hash(whole, strlen(whole)) == r->hash;
		}
		free(whole);
	}
	return n;
}

/* What counts as indexed is in the file, durably. */
static void check_out(struct check *x)
{
	struct ack_counts counts = counts_of(&x->ack.chain[ACK_REC]);
	char path[PATHS_MAX];
	size_t size;

	if (!x->c->out || x->c->ack_ahead || paths_join(path, x->c->root, x->c->out))
		return;
	char *text = power_read_file(path, &size);
	uint64_t n = text ? lines_in(x, text) : 0;
	if (n < counts.indexed)
		find(x, "ack calls %" PRIu64 " records stored, and %s holds %" PRIu64,
			counts.indexed, x->c->out, n);
	free(text);
}

/* committed = settled + given up + backlog, from the files alone. */
static void check_identity(struct check *x, const struct frame_totals *totals, uint64_t backlog)
{
	struct ack_counts counts = counts_of(&x->ack.chain[ACK_REC]);
	uint64_t settled = ack_sum(&counts) + counts.apart; /* parked/ has those: power_letters.c */

	if (totals->committed + x->undone != settled + x->given_up + backlog)
		find(x,
			"the identity is off: %" PRIu64 " committed, %" PRIu64 " undone, %" PRIu64
			" settled + %" PRIu64 " given up + %" PRIu64 " in the backlog",
			totals->committed, x->undone, settled, x->given_up, backlog);
}

static uint64_t backlog_of(const struct check *x)
{
	uint64_t n = 0;
	size_t at = 0;
	const struct seen *seen = &x->seen[POWER_REC];

	for (size_t i = 0; i < x->k->chain[POWER_REC].count; i++) {
		const struct power_record *r = &x->k->chain[POWER_REC].records[i];
		while (at < seen->count && seen->records[at].seq < r->seq)
			at++;
		bool there = (at < seen->count && seen->records[at].seq == r->seq) ||
			     (r->may_miss <= x->c->moment && r->since <= x->c->moment);
		n += there && !is_settled(x, POWER_REC, r->seq) &&
		     !is_given_up(x, POWER_REC, r->seq);
	}
	return n;
}

/* --- going on --- */

static uint64_t highest(const struct check *x, unsigned chain)
{
	const struct seen *seen = &x->seen[chain];
	uint64_t seq = ack_highest(&x->ack.chain[ack_ids[chain]]);

	if (seen->count && seen->records[seen->count - 1].seq > seq)
		seq = seen->records[seen->count - 1].seq;
	if (chain == POWER_REC && x->first.first_seq - 1 > seq)
		seq = x->first.first_seq - 1;
	return seq;
}

static void check_start(struct check *x, unsigned chain, uint64_t run, uint64_t next)
{
	if (next <= highest(x, chain)) /* (I2) */
		find(x, "%s goes on at %" PRIu64 ", and %" PRIu64 " was used", power_chains[chain],
			next, highest(x, chain));
	for (size_t i = 0; i < x->k->chain[chain].count; i++)
		if (x->k->chain[chain].records[i].run == run) /* (I4) */
			find(x, "%s goes on with an old run", power_chains[chain]);
}

/* Every sequence was committed or passed over: what a cut undid counts as the latter (F35). */
static void check_skipped(struct check *x, const struct frame_totals *totals, uint64_t next)
{
	const struct power_record *r = x->k->chain[POWER_REC].records;
	/* a first segment that was never made whole makes the first start jump, uncounted */
	bool from_one = x->k->chain[POWER_REC].count && r->seq == 1 && r->since <= x->c->moment;

	if (from_one && totals->committed + totals->skipped != next - 1)
		find(x,
			"before %" PRIu64 ", %" PRIu64 " were committed and %" PRIu64
			" passed over",
			next, totals->committed, totals->skipped);
}

static int append(struct chain *c, struct err_detail *why)
{
	static const char text[] = "{\"after\":1}\n{\"after\":2}\n{\"after\":3}\n";
	struct frame_coder *coder;
	struct chain_frame frames[FRAMES];
	struct buf packed;

	int err = frame_coder_new(&coder);
	buf_init(&packed, 1 << 16);
	frames[0] = (struct chain_frame){ .header = { .kind = FRAME_FULL, .count = RECORDS } };
	if (!err)
		err = frame_compress(coder, text, sizeof(text) - 1, &packed, &frames[0].header);
	frames[0].payload = packed.data;
	for (unsigned i = 1; i < FRAMES; i++)
		frames[i] = frames[0];
	if (!err)
		err = chain_append(c, frames, FRAMES, why);
	buf_done(&packed);
	frame_coder_free(coder);
	return err;
}

/* Reading again, behind what was appended. */
struct again {
	struct check *x;
	unsigned chain;
	const struct seen *seen;
	size_t at;
	uint64_t run, fresh;
};

/* A writer trims: what is settled or given up may go. */
static void pass_trimmed(struct again *a, uint64_t seq)
{
	for (; a->at < a->seen->count && a->seen->records[a->at].seq < seq; a->at++)
		if (!is_settled(a->x, a->chain, a->seen->records[a->at].seq) &&
			!is_given_up(a->x, a->chain, a->seen->records[a->at].seq))
			break;
}

static bool look_again(void *arg, uint64_t seq, uint64_t run, const char *line, size_t len)
{
	struct again *a = arg;

	if (run == a->run) {
		a->fresh++;
		return true;
	}
	pass_trimmed(a, seq);
	if (a->at >= a->seen->count || a->seen->records[a->at].seq != seq ||
		a->seen->records[a->at].hash != power_hash(line, len)) {
		find(a->x, "record %" PRIu64 " is not what it was before the capture went on", seq);
		return false;
	}
	a->at++;
	return true;
}

static void read_again(struct check *x, unsigned chain, uint64_t run, uint64_t fresh)
{
	struct again a = { .x = x, .chain = chain, .seen = &x->seen[chain], .run = run };
	int err = power_read_chain(&x->spool, power_chains[chain], 1, look_again, &a);

	if (err)
		find(x, "%s cannot be read after going on: %s", power_chains[chain], err_text(err));
	pass_trimmed(&a, UINT64_MAX);
	if (a.at != a.seen->count)
		find(x, "%s: of %zu records %zu are left after going on", power_chains[chain],
			a.seen->count, a.at);
	if (a.fresh != fresh)
		find(x, "%s: %" PRIu64 " records were appended and %" PRIu64 " are there",
			power_chains[chain], fresh, a.fresh);
	check_gaps(x, chain);
}

/* All that is left is settled twice over, and trimmed. */
static void settle_all(struct check *x, struct chain *c, uint64_t backlog)
{
	struct ack_chain *rec = &x->ack.chain[ACK_REC];
	struct slots acks, firsts;
	struct lock lock;

	if (ack_open(&acks, x->spool.dir, x->spool.epoch, true, NULL) ||
		first_open(&firsts, x->spool.dir, x->spool.epoch, true, NULL) ||
		spool_lock_trim(&x->spool, 0, &lock)) {
		find(x, "ack, first or trim.lock cannot be opened");
		return;
	}
	rec->counts = counts_of(rec);
	rec->counts.indexed += backlog;
	rec->nranges = 0;
	rec->frontier = chain_next_seq(c) - 1;
	int err = ack_write(&acks, &x->ack);
	if (!err)
		err = ack_write(&acks, &x->ack); /* the other slot too */
	if (err || chain_trim(c, rec, rec, &firsts, &x->first))
		find(x, "what is settled cannot be trimmed");
	if (chain_segments(c) != 1)
		find(x, "%zu segments stay though all is settled", chain_segments(c));
	check_identity(x, chain_totals(c), 0);
	lock_drop(&lock);
	slots_close(&acks);
	slots_close(&firsts);
}

static void go_on(struct check *x)
{
	struct chain_conf conf = { .name = "rec",
		.map_size = x->c->map_size,
		.settled_to = ack_highest(&x->ack.chain[ACK_REC]) };
	struct err_detail why = { "" };
	struct chain *c = NULL;
	uint64_t backlog = backlog_of(x);

	if (x->first.first_seq - 1 > conf.settled_to)
		conf.settled_to = x->first.first_seq - 1;
	int err = chain_open(&x->spool, &conf, &c, &why);
	if (err) {
		find(x, "a capture does not start: %s", why.text);
		return;
	}
	check_start(x, POWER_REC, chain_run(c), chain_next_seq(c));
	check_identity(x, chain_totals(c), backlog);
	check_skipped(x, chain_totals(c), chain_next_seq(c));
	err = append(c, &why);
	if (err)
		find(x, "a capture cannot append: %s", why.text);
	read_again(x, POWER_REC, chain_run(c), (uint64_t)FRAMES * RECORDS);
	settle_all(x, c, backlog + (uint64_t)FRAMES * RECORDS);
	chain_close(c);
}

/* What was given up has its loss document by now. */
static void check_losses(struct check *x)
{
	struct frame_totals totals = { 0 };
	uint64_t first, last;
	struct reader *r;

	int err = reader_new(&x->spool, "rec", &r);
	if (!err)
		err = reader_extent(r, &first, &last, &totals);
	if (err || totals.lost[LOSS_TRIMMED] != x->first.to_tell)
		find(x, "%" PRIu64 " records were given up, and loss documents name %" PRIu64,
			x->first.to_tell, totals.lost[LOSS_TRIMMED]);
	reader_free(r);
}

/* The same by the threads of the real writer. */
static void write_on(struct check *x)
{
	struct writer_conf conf = { .sensor = "power", .cap = 64 << 20 };
	struct err_detail why = { "" };
	struct writer_status last;
	struct writer *w;

	int err = writer_open(&x->spool, &conf, &w, &why);
	if (err) {
		find(x, "a writer does not start: %s", why.text);
		return;
	}
	for (int i = 0; i < RECORDS; i++) {
		char *room = writer_begin(w, FRAME_FULL, 16, 0);
		memcpy(room, "{\"after\":1}", 11);
		writer_end(w, 11, 1, 0, 0);
	}
	err = writer_close(w, &last, &why);
	if (err || last.committed != RECORDS)
		find(x, "a writer cannot append: %s", why.text);
	read_again(x, POWER_REC, last.run, RECORDS + last.events);
	check_losses(x);
}

/* ship's own chains. */
static void own_chain(struct check *x, unsigned chain)
{
	struct chain_conf conf = { .name = power_chains[chain],
		.map_size = SMALL_MAP,
		.settled_to = ack_highest(&x->ack.chain[ack_ids[chain]]) };
	struct err_detail why = { "" };
	struct chain *c = NULL;

	int err = chain_open(&x->spool, &conf, &c, &why);
	if (err) {
		find(x, "%s does not open: %s", conf.name, why.text);
		return;
	}
	check_start(x, chain, chain_run(c), chain_next_seq(c));
	if (append(c, &why))
		find(x, "%s takes nothing: %s", conf.name, why.text);
	read_again(x, chain, chain_run(c), (uint64_t)FRAMES * RECORDS);
	chain_close(c);
}

static void check_letters(struct check *x, const char *(*look)(const struct power_letters *))
{
	const struct power_letters l = { x->k, x->c->moment, &x->spool, x->found, x->first };
	const char *what = x->bad || x->c->ack_ahead ? NULL : look(&l);

	if (what)
		find(x, "%s", what);
}

/* --- all of it --- */

/* False: there is no spool, and rightly so. */
static bool open_state(struct check *x)
{
	struct err_detail why = { "" };
	char dir[PATHS_MAX];
	bool may_miss = x->c->moment < x->k->made || x->c->moment > x->k->removing;

	if (paths_join(dir, x->c->root, x->k->spool)) {
		find(x, "the path is too long");
		return false;
	}
	int err = spool_open(&x->spool, dir, false, &why);
	bool missing = err == ERR_SPOOL_MISSING && may_miss;
	if (missing)
		err = spool_open(&x->spool, dir, true, &why);
	if (err)
		find(x, "the spool does not open: %s", why.text);
	else if (!missing && x->k->epoch && x->spool.epoch != x->k->epoch)
		find(x, "the spool has another epoch");
	return !err && !missing;
}

bool power_check(const struct power_case *c, char why[POWER_WHY])
{
	struct check x = { .c = c, .k = c->known, .why = why, .first = { .first_seq = 1 } };

	bool old = open_state(&x);
	if (old && !x.bad) {
		check_text(&x, "SPOOL");
		check_text(&x, "pattern");
		read_state(&x);
		for (unsigned i = 0; i < POWER_CHAINS && !x.bad; i++) {
			walk_chain(&x, i);
			check_committed(&x, i);
			if (!x.bad)
				check_gaps(&x, i);
		}
		if (!x.bad)
			check_claims(&x);
		if (!x.bad)
			check_out(&x);
		check_letters(&x, power_letters_look);
	}
	if (!x.bad && c->by_writer)
		write_on(&x);
	else if (!x.bad)
		go_on(&x);
	/* a workload without a retry need not pay for it */
	bool retries = x.k->nasked || x.k->chain[POWER_PARKED].count;
	for (unsigned i = POWER_DEAD; i < POWER_CHAINS && old && !x.bad; i++)
		if (i != POWER_PARKED || retries)
			own_chain(&x, i);
	if (old && retries)
		check_letters(&x, power_letters_go_on);
	for (unsigned i = 0; i < POWER_CHAINS; i++)
		free(x.seen[i].records);
	return !x.bad;
}
