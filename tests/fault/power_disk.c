/* power_disk.c -- a disk that honours flushes, and what a power cut may leave on it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "power_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "power_image.h"

/* When that much waits for a sync that does not come, the kernel writes the oldest back. */
enum { PENDING_MAX = 256 };

uint64_t power_random(uint64_t *state)
{
	uint64_t x = (*state += UINT64_C(0x9e3779b97f4a7c15));

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static bool is_of_folder(const struct power_op *op)
{
	return op->kind == POWER_CREATE || op->kind == POWER_MKDIR || op->kind == POWER_RENAME ||
	       op->kind == POWER_LINK || op->kind == POWER_UNLINK;
}

bool power_op_changes(const struct power_op *op)
{
	return is_of_folder(op) || op->kind == POWER_WRITE || op->kind == POWER_SIZE ||
	       op->kind == POWER_GROW;
}

static bool touches(const struct power_op *op, int node)
{
	return op->node == node || (op->kind == POWER_RENAME && op->node2 == node);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash ^= value;
	return power_random(&hash);
}

/* --- what becomes durable --- */

static void all_of(struct power_disk *d, int node, size_t end)
{
	for (size_t i = 0; i < end; i++) {
		const struct power_op *op = &d->ops[d->pending[i].op];
		if (!touches(op, node) || d->pending[i].must)
			continue;
		d->pending[i].must = true;
		/* both folders of a move: what came before it in the other one too */
		if (op->kind == POWER_RENAME && op->node != op->node2)
			all_of(d, op->node == node ? op->node2 : op->node, i);
	}
}

/* Takes durable steps into the image, unless an earlier one of the same file still waits. */
static void fold(struct power_disk *d)
{
	bool *held = calloc(d->durable.count + 1, 1);
	size_t kept = 0;

	for (size_t i = 0; i < d->npending; i++) {
		const struct power_op *op = &d->ops[d->pending[i].op];
		bool two = op->kind == POWER_RENAME;
		if (d->pending[i].must && !held[op->node] && !(two && held[op->node2])) {
			power_image_apply(&d->durable, op, NULL);
			d->folded ^= mix(1, d->pending[i].op);
			continue;
		}
		held[op->node] = true;
		if (two)
			held[op->node2] = true;
		d->pending[kept++] = d->pending[i];
	}
	d->npending = kept;
	free(held);
}

static void take(struct power_disk *d, size_t i)
{
	const struct power_op *op = &d->ops[i];

	if (power_op_changes(op)) {
		d->pending[d->npending].op = i;
		d->pending[d->npending++].must = op->kind == POWER_WRITE && op->sync;
		if (d->npending > PENDING_MAX)
			all_of(d, d->ops[d->pending[0].op].node, 1);
		fold(d);
	} else if (op->kind == POWER_SYNC && op->node >= 0) {
		all_of(d, op->node, d->npending);
		fold(d);
	}
}

void power_disk_reach(struct power_disk *d, size_t op)
{
	for (; d->reached < op; d->reached++)
		take(d, d->reached);
}

/* --- a cut --- */

/* How a state is drawn: how likely a step is there, is torn, or ends a folder's list. */
struct mood {
	enum power_choice choice;
	uint64_t random;
	unsigned there, torn, stop; /* of 100 */
};

static bool chance(struct mood *m, unsigned percent)
{
	return power_random(&m->random) % 100 < percent;
}

static struct mood draw_mood(enum power_choice choice, uint64_t seed)
{
	static const unsigned there[] = { 10, 50, 50, 90 }, torn[] = { 0, 30, 100 },
			      stop[] = { 0, 10, 40, 100 };
	struct mood m = { .choice = choice, .random = seed };

	m.there = there[power_random(&m.random) % 4];
	m.torn = torn[power_random(&m.random) % 3];
	m.stop = stop[power_random(&m.random) % 4];
	return m;
}

/* Which sectors of a write are there: a beginning, an end, one missing, or any. */
static void draw_sectors(struct mood *m, const struct power_op *op, struct power_tear *tear)
{
	size_t first = op->at / POWER_SECTOR, last = (op->at + op->len - 1) / POWER_SECTOR;
	size_t n = last - first + 1;
	uint64_t way = power_random(&m->random) % 4, at = power_random(&m->random) % n;

	for (size_t i = 0; i < n && i < sizeof(tear->there); i++)
		tear->there[i] = way == 0   ? i < at
				 : way == 1 ? i >= at
				 : way == 2 ? i != at
					    : chance(m, 50);
	tear->whole_size = chance(m, 50);
}

/* Does a step come out? With *tear filled: a part of it. */
static bool comes_out(struct mood *m, const struct power_op *op, bool must, bool *stopped,
	struct power_tear *tear, bool *torn)
{
	bool two = op->kind == POWER_RENAME;

	*torn = false;
	if (must || m->choice != POWER_CHANCE)
		return must || m->choice == POWER_ALL;
	if (is_of_folder(op)) {
		if (!stopped[op->node] && !(two && stopped[op->node2]) && !chance(m, m->stop))
			return true;
		stopped[op->node] = true;
		if (two)
			stopped[op->node2] = true;
		return false;
	}
	*torn = op->kind == POWER_WRITE && op->len && chance(m, m->torn);
	if (*torn && op->len / POWER_SECTOR + 2 <= sizeof(tear->there))
		draw_sectors(m, op, tear);
	else
		*torn = false;
	return *torn || chance(m, m->there);
}

static uint64_t hash_of(const struct power_op *op, const struct power_tear *tear)
{
	uint64_t hash = 2U + tear->whole_size;

	for (size_t s = op->at / POWER_SECTOR; s * POWER_SECTOR < op->at + op->len; s++)
		hash = mix(hash, tear->there[s - op->at / POWER_SECTOR]);
	return hash;
}

uint64_t power_disk_cut(const struct power_disk *d, enum power_choice choice, uint64_t seed,
	struct power_image *out)
{
	struct mood m = draw_mood(choice, seed);
	bool *stopped = calloc(d->durable.count + 1, 1), torn;
	size_t n = d->npending + (d->reached < d->nops && power_op_changes(&d->ops[d->reached]));
	struct power_tear tear = { .whole_size = false };
	uint64_t hash = d->folded;

	if (out)
		power_image_share(out, &d->durable);
	for (size_t i = 0; i < n; i++) {
		size_t at = i < d->npending ? d->pending[i].op : d->reached;
		const struct power_op *op = &d->ops[at];
		bool must = i < d->npending && d->pending[i].must;
		if (!comes_out(&m, op, must, stopped, &tear, &torn))
			continue;
		if (out)
			power_image_apply(out, op, torn ? &tear : NULL);
		hash ^= torn ? mix(hash_of(op, &tear), at) : mix(1, at);
	}
	free(stopped);
	return hash;
}

/* --- reading a log --- */

static _Noreturn void bad_log(const char *what)
{
	(void)fprintf(stderr, "power: the log is none: %s\n", what);
	exit(2);
}

/* A file of the log while it is read. */
struct parse {
	struct power_disk *disk;
	struct power_image live; /* everything applied: where names lead */
	size_t room;
};

static int node_of(const struct parse *p, uint64_t inode)
{
	for (size_t i = p->live.count; i-- > 0;)
		if (p->live.nodes[i].inode == inode)
			return (int)i;
	return -1;
}

/* The folder of a path, and its last name (owned). */
static int resolve(const struct parse *p, const char *path, size_t len, char **name)
{
	char *text = strndup(path, len), *slash = strrchr(text, '/');
	int folder = 0;

	*name = strdup(slash ? slash + 1 : text);
	if (slash) {
		*slash = '\0';
		folder = power_image_index(&p->live, text);
	}
	free(text);
	if (folder < 0)
		bad_log("a name in a folder that is not there");
	return folder;
}

static int file_of(const struct parse *p, const char *path, size_t len)
{
	char *name;
	int folder = resolve(p, path, len, &name);
	int file = power_image_child(&p->live, folder, name);

	free(name);
	return file;
}

static void resolve_op(struct parse *p, struct power_op *op, const struct power_entry *e,
	const char *path, const char *path2)
{
	op->node = op->node2 = op->child = -1;
	switch (op->kind) {
	case POWER_CREATE:
	case POWER_MKDIR:
		op->node = resolve(p, path, e->path_len, &op->name);
		op->child = power_image_add(&p->live, e->inode, op->kind == POWER_MKDIR);
		break;
	case POWER_RENAME:
		op->node2 = resolve(p, path2, e->path2_len, &op->name2);
		/* fall through */
	case POWER_UNLINK:
		op->node = resolve(p, path, e->path_len, &op->name);
		op->child = power_image_child(&p->live, op->node, op->name);
		break;
	case POWER_LINK:
		op->child = file_of(p, path, e->path_len);
		op->node = resolve(p, path2, e->path2_len, &op->name);
		break;
	case POWER_WRITE:
	case POWER_SIZE:
	case POWER_GROW:
		op->node = node_of(p, e->inode);
		if (op->node < 0)
			bad_log("a write to a file that was never made");
		break;
	default:
		op->node = node_of(p, e->inode);
	}
}

static void add_entry(struct parse *p, const struct power_entry *e, const char *texts)
{
	struct power_disk *d = p->disk;

	if (e->kind == POWER_ROOT) {
		p->live.nodes[0].inode = e->inode;
		return;
	}
	if (d->nops == p->room) {
		p->room = p->room ? 2 * p->room : 1024;
		d->ops = realloc(d->ops, p->room * sizeof(*d->ops));
	}
	struct power_op *op = &d->ops[d->nops++];
	*op = (struct power_op){ .kind = (enum power_kind)e->kind,
		.at = e->at,
		.data = (const uint8_t *)texts + e->path_len + e->path2_len,
		.len = e->data_len,
		.sync = e->sync,
		.pid = e->pid };
	resolve_op(p, op, e, texts, texts + e->path_len);
	if (power_op_changes(op))
		power_image_apply(&p->live, op, NULL);
}

static void parse(struct parse *p, size_t size)
{
	const char *at = p->disk->memory, *end = at + size;
	struct power_entry e;

	while ((size_t)(end - at) >= sizeof(e)) {
		memcpy(&e, at, sizeof(e));
		size_t texts = (size_t)e.path_len + e.path2_len + e.data_len;
		if (e.magic != POWER_MAGIC || texts > (size_t)(end - at) - sizeof(e))
			bad_log("an entry is cut");
		add_entry(p, &e, at + sizeof(e));
		at += sizeof(e) + texts;
	}
	if (at != end)
		bad_log("its end is cut");
}

void power_disk_open(struct power_disk *d, const char *log, const struct power_image *start)
{
	struct parse p = { .disk = d };
	size_t size;

	*d = (struct power_disk){ .nops = 0 };
	d->memory = power_read_file(log, &size);
	if (!d->memory)
		bad_log(log);
	if (start)
		power_image_copy(&d->start, start);
	else
		power_image_load(&d->start, NULL);
	power_image_copy(&p.live, &d->start);
	parse(&p, size);
	/* every node of the log has its place from the start */
	for (size_t i = d->start.count; i < p.live.count; i++)
		(void)power_image_add(&d->start, p.live.nodes[i].inode, p.live.nodes[i].folder);
	power_image_copy(&d->durable, &d->start);
	d->pending = calloc(d->nops + 1, sizeof(*d->pending));
	power_image_free(&p.live);
}

void power_disk_close(struct power_disk *d)
{
	for (size_t i = 0; i < d->nops; i++) {
		free(d->ops[i].name);
		free(d->ops[i].name2);
	}
	free(d->ops);
	free(d->pending);
	power_image_free(&d->start);
	power_image_free(&d->durable);
	free(d->memory);
}
