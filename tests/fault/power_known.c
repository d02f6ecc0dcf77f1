/* power_known.c -- what a workload did to its spool, and since when it cannot be undone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "power_known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "dead.h"
#include "power_image.h"
#include "reader.h"

const char *const power_chains[POWER_CHAINS] = { "rec", "dead", "loss", "parked" };

static _Noreturn void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "power: %s: %s\n", what, why);
	exit(2);
}

uint64_t power_hash(const void *data, size_t n)
{
	const uint8_t *p = data;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

int power_read_chain(
	const struct spool *spool, const char *name, uint64_t from, power_line *use, void *arg)
{
	struct reader_frame f;
	struct reader *r;
	int err = reader_new(spool, name, &r);

	if (err)
		return err;
	while (!(err = reader_next(r, from, &f))) {
		const char *line = f.text, *end = f.text + f.header.raw_len;
		for (uint64_t i = 0; i < f.header.count && line < end; i++) {
			const char *stop = memchr(line, '\n', (size_t)(end - line));
			size_t len = (size_t)((stop ? stop : end) - line);
			if (f.header.first_seq + i >= from &&
				!use(arg, f.header.first_seq + i, f.header.run, line, len))
				goto out;
			line += len + 1;
		}
		from = f.header.first_seq + f.header.count;
	}
out:
	reader_free(r);
	return err == ERR_END ? 0 : err;
}

/* --- records --- */

struct learning {
	struct power_known *known;
	unsigned chain;
	size_t since;
	bool more;
};

void power_known_inside(struct power_record *r, const char *line, size_t len)
{
	struct dead_line d;

	if (dead_line_read(line, len, &d))
		return;
	r->of_run = d.run;
	r->of_seq = d.seq;
	r->of_hash = power_hash(d.record.p, d.record.len);
	r->parked = d.parked;
	r->letter = d.letter;
	r->of_loss = d.chain == ACK_LOSS;
}

static bool learn_line(void *arg, uint64_t seq, uint64_t run, const char *line, size_t len)
{
	struct learning *l = arg;
	struct power_known *k = l->known;
	size_t n = k->chain[l->chain].count;

	if ((n & (n - 1)) == 0)
		k->chain[l->chain].records = realloc(
			k->chain[l->chain].records, (n ? 2 * n : 1) * sizeof(struct power_record));
	struct power_record *r = &k->chain[l->chain].records[k->chain[l->chain].count++];
	*r = (struct power_record){
		.seq = seq,
		.run = run,
		.hash = power_hash(line, len),
		.since = l->since,
		.may_miss = POWER_NEVER,
	};
	if (l->chain == POWER_DEAD || l->chain == POWER_PARKED)
		power_known_inside(r, line, len);
	l->more = true;
	return true;
}

static void learn_given_up(struct power_known *k, const char *dir)
{
	struct slots slots;
	struct first first;

	if (first_open(&slots, dir, k->epoch, false, NULL))
		return;
	first_read(&slots, &first);
	k->given_up = first.trimmed;
	slots_close(&slots);
}

static void learn_letters_settled(struct power_known *k, const char *dir)
{
	struct slots slots;
	struct ack ack;

	if (ack_open(&slots, dir, k->epoch, false, NULL))
		return;
	ack_read(&slots, &ack, NULL);
	k->letters_settled = ack.chain[ACK_DEAD].frontier;
	slots_close(&slots);
}

static bool learn_records(struct power_known *k, const char *root, size_t since)
{
	struct learning l = { .known = k, .since = since };
	struct err_detail why = { "" };
	struct spool spool;
	char dir[PATHS_MAX];

	if (paths_join(dir, root, k->spool) || spool_open(&spool, dir, false, &why))
		return false;
	k->epoch = spool.epoch;
	for (l.chain = 0; l.chain < POWER_CHAINS; l.chain++) {
		size_t n = k->chain[l.chain].count;
		uint64_t from = n ? k->chain[l.chain].records[n - 1].seq + 1 : 1;
		int err = power_read_chain(&spool, power_chains[l.chain], from, learn_line, &l);
		if (err)
			fail("the spool of the workload cannot be read", err_text(err));
	}
	learn_given_up(k, dir);
	learn_letters_settled(k, dir);
	return l.more;
}

static int by_seq(const void *key, const void *record)
{
	uint64_t seq = *(const uint64_t *)key, other = ((const struct power_record *)record)->seq;

	return (seq > other) - (seq < other);
}

const struct power_record *power_known_find(
	const struct power_known *k, unsigned chain, uint64_t seq)
{
	if (!k->chain[chain].count)
		return NULL;
	return bsearch(&seq, k->chain[chain].records, k->chain[chain].count,
		sizeof(struct power_record), by_seq);
}

/* --- state files --- */

static void add_gen(struct power_slots *s, uint64_t gen, size_t written, size_t durable)
{
	if ((s->count & (s->count - 1)) == 0)
		s->gens = realloc(s->gens, (s->count ? 2 * s->count : 1) * sizeof(*s->gens));
	s->gens[s->count++] = (struct power_gen){ gen, written, durable, 0 };
}

static int node_of(const struct power_image *live, const char *spool, const char *name)
{
	char path[PATHS_MAX];

	return paths_join(path, spool, name) ? -1 : power_image_index(live, path);
}

static uint64_t given_up_now(const struct power_known *k)
{
	const struct power_slots *firsts = &k->slots[POWER_FIRST];

	return firsts->count ? firsts->gens[firsts->count - 1].given_up : 0;
}

static void learn_slots(struct power_known *k, const struct power_image *live,
	const struct power_op *op, size_t moment)
{
	for (unsigned i = 0; i < 2; i++) {
		struct power_slots *s = &k->slots[i];
		if (op->node < 0 || node_of(live, k->spool, s->name) != op->node)
			continue;
		if (op->kind == POWER_WRITE && op->len == SLOTS_SIZE) {
			struct bytes b = bytes_of(op->data, op->len);
			bytes_skip(&b, 8);
			add_gen(s, bytes_le64(&b), moment, POWER_NEVER);
			bytes_skip(&b, SLOTS_HEADER - 16 + 8);
			s->gens[s->count - 1].given_up = i == POWER_FIRST ? bytes_le64(&b)
									  : given_up_now(k);
		}
		for (size_t g = 0; op->kind == POWER_SYNC && g < s->count; g++)
			if (s->gens[g].durable == POWER_NEVER)
				s->gens[g].durable = moment + 1;
	}
}

static void heed_request(struct power_known *k, size_t moment)
{
	k->asked = realloc(k->asked, (k->nasked + 1) * sizeof(*k->asked));
	k->asked[k->nasked++] = moment;
}

static bool is_request(const struct power_op *op)
{
	const char *name = op->kind == POWER_LINK     ? op->name
			   : op->kind == POWER_RENAME ? op->name2
						      : "";

	return strcmp(name, "request") == 0;
}

/* What a log begins with. */
static void learn_start(struct power_known *k, const char *root)
{
	struct slots slots;
	struct first first;
	char dir[PATHS_MAX], request[PATHS_MAX];
	struct ack ack;

	if (!learn_records(k, root, 0) && !k->epoch)
		return;
	k->made = 0;
	if (paths_join(dir, root, k->spool))
		return;
	if (!paths_join(request, dir, "request") && access(request, F_OK) == 0)
		heed_request(k, 0);
	if (!ack_open(&slots, dir, k->epoch, false, NULL)) {
		ack_read(&slots, &ack, NULL);
		add_gen(&k->slots[POWER_ACK], slots.gen, 0, 0);
		slots_close(&slots);
	}
	if (!first_open(&slots, dir, k->epoch, false, NULL)) {
		first_read(&slots, &first);
		add_gen(&k->slots[POWER_FIRST], slots.gen, 0, 0);
		k->slots[POWER_FIRST].gens[0].given_up = first.trimmed;
		slots_close(&slots);
	}
}

static void learn_text(struct power_known *k, const struct power_image *live, const char *name)
{
	int node = node_of(live, k->spool, name);

	if (node >= 0 && k->ntexts < sizeof(k->texts) / sizeof(k->texts[0]))
		k->texts[k->ntexts++] = power_hash(live->nodes[node].data, live->nodes[node].size);
}

/* --- the log --- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void heed_done(struct power_known *k, size_t moment)
{
	k->done = realloc(k->done, (k->ndone + 1) * sizeof(*k->done));
	k->done[k->ndone++] = (struct power_done){ moment, k->letters_settled };
}

static void heed_mark(struct power_known *k, const struct power_op *op, size_t moment)
{
	char *text = strndup((const char *)op->data, op->len);
	unsigned long long first, last;

	if (strcmp(text, "made") == 0)
		k->made = moment;
	if (sscanf(text, "damaged %llu %llu", &first, &last) == 2) {
		k->damaged = moment;
		for (size_t i = 0; i < k->chain[POWER_REC].count; i++) {
			struct power_record *r = &k->chain[POWER_REC].records[i];
			if (r->seq >= first && r->seq <= last)
				r->may_miss = moment;
		}
	}
	free(text);
}

/* spool_remove() begins by another name for the folder; the cut may come while it is given. */
static void heed_rename(struct power_known *k, const struct power_op *op, size_t moment)
{
	size_t n = strlen(op->name2);

	if (k->removing == POWER_NEVER && strcmp(op->name, base_name(k->spool)) == 0 && n > 5 &&
		strcmp(op->name2 + n - 5, ".gone") == 0)
		k->removing = moment - 1;
}

static bool is_mark(const struct power_op *op, const char *text)
{
	return op->kind == POWER_MARK && op->len == strlen(text) &&
	       memcmp(op->data, text, op->len) == 0;
}

static bool teaches(const struct power_op *op)
{
	return (op->kind == POWER_WRITE && op->sync) || is_mark(op, "commit") ||
	       is_mark(op, "done");
}

static void look(
	struct power_known *k, const struct power_image *live, const char *scratch, size_t since)
{
	char root[PATHS_MAX];

	if (node_of(live, k->spool, "SPOOL") < 0)
		return;
	if (paths_join(root, scratch, "live"))
		fail("the path is too long", scratch);
	if (mkdir(root, 0755) != 0)
		fail("cannot make", root);
	power_image_write(live, root);
	if (since == 0)
		learn_start(k, root);
	else if (learn_records(k, root, since)) {
		if (k->made == POWER_NEVER)
			k->made = since;
		k->learnt = realloc(k->learnt, (k->nlearnt + 1) * sizeof(*k->learnt));
		k->learnt[k->nlearnt++] = since;
	}
	power_remove_tree(root);
}

static void is_text(struct power_known *k, const struct power_image *live, const char *name)
{
	if (strcmp(name, "SPOOL") == 0 || strcmp(name, "pattern") == 0)
		learn_text(k, live, name);
}

void power_known_learn(struct power_known *k, const struct power_disk *disk, const char *spool,
	const char *scratch)
{
	struct power_image live;

	*k = (struct power_known){ .spool = spool,
		.made = POWER_NEVER,
		.removing = POWER_NEVER,
		.damaged = POWER_NEVER,
		.slots = { { .name = "ack" }, { .name = "first" } } };
	power_image_copy(&live, &disk->start);
	look(k, &live, scratch, 0);
	is_text(k, &live, "SPOOL");
	is_text(k, &live, "pattern");
	for (size_t i = 0; i < disk->nops; i++) {
		const struct power_op *op = &disk->ops[i];
		power_image_apply(&live, op, NULL);
		learn_slots(k, &live, op, i);
		if (op->kind == POWER_RENAME) {
			is_text(k, &live, op->name2);
			heed_rename(k, op, i);
		}
		if (is_request(op))
			heed_request(k, i);
		if (op->kind == POWER_MARK)
			heed_mark(k, op, i);
		if (teaches(op))
			look(k, &live, scratch, i + 1);
		if (is_mark(op, "done"))
			heed_done(k, i);
	}
	power_image_free(&live);
}

size_t power_known_learnt(const struct power_known *k, size_t moment)
{
	size_t n = 0;

	while (n < k->nlearnt && k->learnt[n] <= moment)
		n++;
	for (size_t i = 0; i < k->ndone && k->done[i].moment <= moment; i++)
		n++;
	return n;
}

const struct power_done *power_known_done(const struct power_known *k, size_t moment)
{
	size_t n = 0;

	while (n < k->ndone && k->done[n].moment < moment)
		n++;
	return n ? &k->done[n - 1] : NULL;
}

bool power_known_asked(const struct power_known *k, size_t moment)
{
	const struct power_done *done = power_known_done(k, moment);

	for (size_t i = 0; i < k->nasked; i++)
		if (k->asked[i] <= moment && (!done || k->asked[i] > done->moment))
			return true;
	return false;
}

void power_known_free(struct power_known *k)
{
	for (unsigned i = 0; i < POWER_CHAINS; i++)
		free(k->chain[i].records);
	free(k->slots[0].gens);
	free(k->slots[1].gens);
	free(k->learnt);
	free(k->done);
	free(k->asked);
}
