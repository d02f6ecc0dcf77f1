/* audit_spool.c -- what a sensor's spool says of its records. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "dead.h"
#include "looks.h"
#include "segment_file.h"

/* --- runs, by the headers of what is held --- */

struct walk {
	struct audit_spool *s;
	struct audit_facts *facts;
	enum ack_chain_id chain;
	struct reader *reader;
	uint64_t last, skipped; /* of the frame before; last 0: there was none */
};

/* One more, to be filled in; NULL: out of memory. */
static struct audit_held *new_held(struct audit_spool *s)
{
	size_t cap = s->held_cap ? 2 * s->held_cap : 16;

	if (s->nheld == s->held_cap) {
		struct audit_held *more = realloc(s->held, cap * sizeof(*more));
		if (!more)
			return NULL;
		s->held = more;
		s->held_cap = cap;
	}
	return &s->held[s->nheld++];
}

static int note_run(struct walk *w, const struct frame_header *h)
{
	struct audit_spool *s = w->s;
	struct audit_held *last = s->nheld ? &s->held[s->nheld - 1] : NULL;
	uint64_t end = h->first_seq + h->count - 1;

	if (last && last->run == h->run && last->chain == w->chain) {
		last->range.last = end;
		return 0;
	}
	last = new_held(s);
	if (!last)
		return ERR_NOMEM;
	*last = (struct audit_held){ h->run, w->chain, { h->first_seq, end } };
	return 0;
}

static int add_skips(struct walk *w, uint64_t first, uint64_t last, uint64_t count)
{
	const struct audit_region gap = { .range = { first, last }, .count = count, .skips = true };

	return audit_add_region(w->facts, &gap);
}

/* Numbers between two frames that were never records. */
static int note_gap(struct walk *w, const struct frame_header *h)
{
	if (w->chain != ACK_REC || !w->last || h->first_seq <= w->last + 1 ||
		h->totals.skipped <= w->skipped)
		return 0;
	return add_skips(w, w->last + 1, h->first_seq - 1, h->totals.skipped - w->skipped);
}

/* Documents of schema lite are there without their numbers. */
static int note_lite(struct walk *w, const struct frame_header *h)
{
	if (h->kind != FRAME_LITE)
		return 0;
	w->s->lite = true;
	return add_skips(w, h->first_seq, h->first_seq + h->count - 1, h->count);
}

/* A document, if it is one of losses with numbers; run and seq are its own. */
static int add_loss(
	struct audit_facts *facts, uint64_t run, uint64_t seq, const char *text, size_t len)
{
	struct loss loss;

	if (!loss_read(text, len, &loss) || !loss.first_seq || loss.last_seq < loss.first_seq ||
		loss.repeated > loss.count)
		return 0;
	const struct audit_region region = { .run = run,
		.seq = seq,
		.range = { loss.first_seq, loss.last_seq },
		.count = loss.count - loss.repeated,
		.reasons = 1U << loss.reason };
	return audit_add_region(facts, &region);
}

/* Loss documents that are still on their way to the centre. */
static int note_losses(struct walk *w, const struct frame_header *h)
{
	const struct ack_chain *ack = &w->s->st.ack.chain[w->chain];
	struct reader_frame f;
	int err = 0;

	if (h->kind != FRAME_EVENT || ack_covers(ack, h->first_seq, h->first_seq + h->count - 1) ||
		reader_next(w->reader, h->first_seq, &f) || f.header.first_seq != h->first_seq)
		return 0;
	const char *line = f.text, *end = line + f.header.raw_len, *next;
	for (uint64_t seq = h->first_seq; line < end && !err; seq++, line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		next = newline ? newline + 1 : end;
		if (!ack_covers(ack, seq, seq))
			err = add_loss(w->facts, h->run, seq, line, (size_t)(next - line));
	}
	return err;
}

/* The sensor's name, from the first packet that is held. */
static void note_host(struct walk *w, const struct frame_header *h)
{
	struct reader_frame f;

	if (*w->s->host || w->chain != ACK_REC || h->kind > FRAME_ECS ||
		reader_next(w->reader, h->first_seq, &f) || f.header.first_seq != h->first_seq)
		return;
	const char *end = memchr(f.text, '\n', f.header.raw_len);
	cJSON *line = cJSON_ParseWithLength(f.text, (size_t)(end - f.text));
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(line, "host"), "name"));
	(void)snprintf(w->s->host, sizeof(w->s->host), "%s", name ? name : "");
	cJSON_Delete(line);
}

static int walk_segment(struct walk *w, struct segment_file *f)
{
	struct frame_header h;
	uint64_t key = 0;
	int err;

	while (!(err = segment_file_read_header(f, key + 1, &key, &h)) ||
		err == ERR_FRAME_DAMAGED) {
		if (err || h.first_seq != key)
			continue;
		err = note_gap(w, &h);
		if (!err)
			err = note_run(w, &h);
		if (!err)
			err = note_losses(w, &h);
		if (!err)
			err = note_lite(w, &h);
		if (err)
			return err;
		note_host(w, &h);
		if (w->chain == ACK_REC && !w->s->held_first)
			w->s->held_first = h.first_seq;
		w->last = h.first_seq + h.count - 1;
		w->skipped = h.totals.skipped;
	}
	/* a writer too fast for us, or a disk that does not read: what is behind waits, or is told
	 * as settled by a run that is not known */
	return err == ERR_NOMEM || err == ERR_SPOOL_FORMAT ? err : 0;
}

static int walk_chain(
	struct audit_spool *s, struct audit_facts *facts, const char *name, enum ack_chain_id chain)
{
	struct walk w = { .s = s, .facts = facts, .chain = chain };
	char folder[PATHS_MAX], path[PATHS_MAX];
	struct segment_file *f;
	uint64_t *seqs;
	size_t count;

	int err = paths_join(folder, s->st.spool.dir, name);
	if (err || paths_list(folder, false, &seqs, &count))
		return err; /* ship has made no such chain */
	err = reader_new(&s->st.spool, name, &w.reader);
	for (size_t i = 0; i < count && !err; i++) {
		err = paths_segment(path, s->st.spool.dir, name, seqs[i]);
		if (err || segment_file_open(path, s->st.spool.epoch, &f, NULL))
			continue; /* trimmed, or damaged beyond reading */
		err = walk_segment(&w, f);
		segment_file_close(f);
	}
	reader_free(w.reader);
	free(seqs);
	return err;
}

/* --- letters --- */

struct letters {
	struct audit_facts *facts;
	const struct ack_chain *settled; /* of the chain that the lines are in */
	enum audit_fate fate;
};

static int note_letter(
	void *arg, const struct reader_frame *f, uint64_t seq, const char *line, size_t len)
{
	const struct letters *l = arg;
	struct dead_line d;

	(void)f;
	if (dead_line_read(line, len, &d) || ack_covers(l->settled, seq, seq))
		return 0;
	const struct audit_letter letter = { d.run, d.seq, l->fate };
	int err = audit_add_letter(l->facts, &letter);
	return err ? err : add_loss(l->facts, d.run, d.seq, d.record.p, d.record.len);
}

static int read_letters(struct audit_spool *s, struct audit_facts *facts)
{
	struct letters dead = { facts, &s->st.ack.chain[ACK_DEAD], AUDIT_DEAD },
		       parked = { facts, &s->st.ack.chain[ACK_PARKED], AUDIT_WAITING };
	uint64_t missing;

	int err = reader_each_line(
		&s->st.spool, "dead", dead.settled->frontier + 1, note_letter, &dead, &missing);
	return err ? err
		   : reader_each_line(&s->st.spool, "parked", parked.settled->frontier + 1,
			     note_letter, &parked, &missing);
}

int audit_spool_read(
	struct audit_spool *s, const char *dir, struct audit_facts *facts, struct err_detail *why)
{
	*s = (struct audit_spool){ .held = NULL };
	int err = spool_open(&s->st.spool, dir, false, why);
	if (err)
		return err;
	err = status_read(&s->st);
	if (!err)
		err = walk_chain(s, facts, "rec", ACK_REC);
	if (!err)
		err = walk_chain(s, facts, "loss", ACK_LOSS);
	if (!err)
		err = read_letters(s, facts);
	if (err)
		return err_set(why, err, "cannot read the spool %s: %s", dir, err_text(err));
	const struct first *first = &s->st.first;
	uint64_t told = status_less(first->to_tell, first->repeated);
	facts->spool = true;
	facts->ack = s->st.ack;
	facts->first_kept = first->first_seq;
	facts->events_given_up = status_less(first->trimmed, told);
	return 0;
}

void audit_spool_done(struct audit_spool *s)
{
	free(s->held);
	s->held = NULL;
}

/* --- where its documents go --- */

bool audit_indices_add(char *out, size_t size, const char *pattern)
{
	const char *first = strchr(pattern, '%'), *last = strrchr(pattern, '%');
	char name[256];
	size_t n = strlen(out);

	/* all between the dates, too: packets of an unsynced clock have a word instead */
	if (first && last[1])
		(void)snprintf(
			name, sizeof(name), "%.*s*%s", (int)(first - pattern), pattern, last + 2);
	else
		(void)snprintf(name, sizeof(name), "%s", pattern);
	for (char *at = strstr(out, name); at; at = strstr(at + 1, name)) {
		char end = at[strlen(name)];
		if ((at == out || at[-1] == ',') && (end == ',' || end == '\0'))
			return true;
	}
	if (n + strlen(name) + 2 > size)
		return false;
	(void)snprintf(out + n, size - n, "%s%s", n ? "," : "", name);
	return true;
}

/* Lines "FROM PATTERN CHECK"; espcap-ship judges them, a look takes what it can get. */
void audit_spool_indices(const struct audit_spool *s, char *out, size_t size)
{
	char path[PATHS_MAX], line[400], pattern[257];

	out[0] = '\0';
	if (paths_join(path, s->st.spool.dir, "pattern"))
		return;
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*u %256[-a-z0-9_.+%%Ymd] %*8[0-9a-f]", pattern) == 1)
			(void)audit_indices_add(out, size, pattern);
	if (file)
		(void)fclose(file);
}
