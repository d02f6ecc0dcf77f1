/* damage_sweep.c -- F40 to F42, F44: anything happens to one file of a spool; what is whole is read,
 * what is missing is counted, and the chain goes on.
 *
 * usage: damage_sweep ROUNDS [ROUNDS WITH ESPCAP_LONG]; ESPCAP_SEED=N repeats. Built with the sanitizers, like the fuzz targets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box.h"
#include "rnd.h"

enum {
	PAGE = 4096,
	SEGMENTS = 3,
	MAP = 256 << 10,
	FILES = SEGMENTS + 5,
	FILE_BYTES = MAP,
	EACH = 4,             /* records of a frame */
	ON_A_PAGE = 16 * EACH /* the smallest frames */
};

enum damage {
	FLIP,
	FLIP_IN_TREE,
	ZERO_PAGE,
	NOISE_PAGE,
	DOUBLE_PAGE,
	SWAP_PAGES,
	CUT_AT_PAGE,
	CUT_ANYWHERE,
	GARBAGE,
	EMPTY,
	GONE,
	DAMAGES
};
static const char *const damage_names[DAMAGES] = { "bits flipped", "bits flipped in the tree",
	"pages zeroed", "pages of noise", "pages doubled", "pages swapped", "cuts at a page",
	"cuts", "garbage", "empty files", "missing files" };

/* A file as the writer left it. */
struct kept {
	char name[PATHS_MAX], folder[PATHS_MAX];
	uint8_t bytes[FILE_BYTES];
	size_t len;
};

static struct sweep {
	struct box *box;
	struct rnd rnd;
	struct kept files[FILES];
	uint64_t total, settled;
	unsigned long tried[DAMAGES], hit[DAMAGES];
} sweep;

/* --- the spool --- */

static struct chain *open_chain(struct box *b, uint64_t settled_to)
{
	struct chain_conf conf = { .name = "rec", .map_size = MAP, .settled_to = settled_to };
	struct err_detail why = { "" };
	struct chain *c = NULL;

	if (chain_open(&b->spool, &conf, &c, &why))
		fail_msg("%s", why.text);
	return c;
}

static void make_records(struct box *b)
{
	struct chain *c = open_chain(b, 0);

	for (unsigned i = 0; chain_segments(c) < SEGMENTS || i % 50; i++)
		box_append_ok(c, EACH, i % 3 ? 0 : 1500);
	sweep.total = chain_next_seq(c) - 1;
	chain_close(c);
}

static void make_state(struct box *b)
{
	struct slots slots;
	struct ack ack = { 0 };
	struct first first = { .first_seq = 1 };

	ack.chain[ACK_REC].frontier = ack.chain[ACK_REC].counts.indexed = sweep.settled = 20;
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(ack_write(&slots, &ack), 0);
	slots_close(&slots);
	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(first_write(&slots, &first), 0);
	slots_close(&slots);
}

static void keep(struct kept *k, const char *name)
{
	char *slash;

	(void)snprintf(k->name, sizeof(k->name), "%s", name);
	(void)snprintf(k->folder, sizeof(k->folder), "%s", name);
	slash = strrchr(k->folder, '/');
	*(slash ? slash : k->folder) = '\0';
	int fd = open(box_path(sweep.box, name), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, k->bytes, sizeof(k->bytes));
	assert_true(n >= 0);
	k->len = (size_t)n;
	(void)close(fd);
}

static void keep_all(void)
{
	static const char *const state[] = { "ack", "first", "SPOOL", "rec/tail", "capture.lock" };
	char name[PATHS_MAX];
	struct lock lock;

	assert_int_equal(spool_lock_capture(&sweep.box->spool, 0, &lock, NULL), 0);
	lock_drop(&lock);
	for (size_t i = 0; i < SEGMENTS; i++) {
		(void)snprintf(name, sizeof(name), "rec/%020llu/data.mdb",
			(unsigned long long)box_nth(sweep.box, i));
		keep(&sweep.files[i], name);
	}
	for (size_t i = 0; i < FILES - SEGMENTS; i++)
		keep(&sweep.files[SEGMENTS + i], state[i]);
}

static void write_file(const struct kept *k, const uint8_t *bytes, size_t n)
{
	int fd = open(box_path(sweep.box, k->name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	(void)close(fd);
}

/* The spool as its writer left it. */
static void restore_all(void)
{
	box_remove_tree(box_path(sweep.box, "rec"));
	box_remove_tree(box_path(sweep.box, "quarantine"));
	assert_int_equal(mkdir(box_path(sweep.box, "rec"), 0700), 0);
	assert_int_equal(mkdir(box_path(sweep.box, "quarantine"), 0700), 0);
	for (size_t i = 0; i < FILES; i++) {
		const struct kept *k = &sweep.files[i];
		if (*k->folder)
			assert_true(mkdir(box_path(sweep.box, k->folder), 0700) == 0 ||
				    errno == EEXIST);
		write_file(k, k->bytes, k->len);
	}
}

/* --- damage --- */

static size_t any_page(const struct kept *k)
{
	size_t pages = k->len / PAGE;

	return pages ? rnd_below(&sweep.rnd, pages) * PAGE : 0;
}

/* A page of LMDB's tree, in use or replaced: a branch or a leaf by its flags. */
static size_t tree_page(const struct kept *k)
{
	size_t at = any_page(k);

	for (int i = 0; i < 1000; i++, at = any_page(k))
		if (k->len >= at + PAGE && (k->bytes[at + 10] == 1 || k->bytes[at + 10] == 2))
			break;
	return at;
}

/* Half of the flips hit the head of the page, where offsets and lengths stand. */
static size_t place_in_tree(const struct kept *k)
{
	size_t at = tree_page(k) + rnd_below(&sweep.rnd, rnd_below(&sweep.rnd, 2) ? 64 : PAGE);

	return at < k->len ? at : 0;
}

static void damage_page(enum damage how, const struct kept *k, uint8_t *bytes, size_t n)
{
	size_t at = any_page(k), from = any_page(k), len = n - at < PAGE ? n - at : PAGE;

	if (how == ZERO_PAGE)
		memset(bytes + at, 0, len);
	else if (how == NOISE_PAGE)
		rnd_fill(&sweep.rnd, bytes + at, len);
	else
		memcpy(bytes + at, k->bytes + from, len);
	if (how == SWAP_PAGES)
		memcpy(bytes + from, k->bytes + at, len);
}

static void hit_file(enum damage how, const struct kept *k)
{
	static uint8_t bytes[FILE_BYTES];
	size_t n = k->len, at = rnd_below(&sweep.rnd, n);

	memcpy(bytes, k->bytes, n);
	switch (how) {
	case FLIP:
	case FLIP_IN_TREE:
		at = how == FLIP ? at : place_in_tree(k);
		bytes[at] ^= (uint8_t)(1 << rnd_below(&sweep.rnd, 8));
		break;
	case CUT_AT_PAGE:
		n = rnd_below(&sweep.rnd, n / PAGE + 1) * PAGE;
		break;
	case CUT_ANYWHERE:
		n = rnd_below(&sweep.rnd, n);
		break;
	case GARBAGE:
		rnd_fill(&sweep.rnd, bytes, n);
		break;
	case EMPTY:
		n = 0;
		break;
	case GONE:
		assert_int_equal(unlink(box_path(sweep.box, k->name)), 0);
		return;
	default:
		damage_page(how, k, bytes, n);
	}
	write_file(k, bytes, n);
}

/* What one damage may cost at most, in records. */
static uint64_t most_lost(enum damage how)
{
	switch (how) {
	case FLIP:
	case FLIP_IN_TREE:
		return EACH;
	case ZERO_PAGE:
	case NOISE_PAGE:
	case DOUBLE_PAGE:
		return ON_A_PAGE;
	case SWAP_PAGES:
		return 2 * ON_A_PAGE;
	default:
		return UINT64_MAX;
	}
}

/* --- what must hold --- */

static uint64_t settled_on_disk(const struct box *b)
{
	struct slots slots;
	struct ack ack;

	if (ack_open(&slots, b->spool.dir, b->spool.epoch, false, NULL))
		slots.fd = -1;
	ack_read(&slots, &ack, NULL);
	slots_close(&slots);
	return ack_highest(&ack.chain[ACK_REC]);
}

static void judge(const char *when, const struct box_seen *seen, uint64_t total, enum damage how)
{
	if (seen->end != ERR_END || seen->records + seen->lost != total ||
		seen->lost > most_lost(how))
		fail_msg("%s: %llu records and %llu lost of %llu (end %d)", when,
			(unsigned long long)seen->records, (unsigned long long)seen->lost,
			(unsigned long long)total, seen->end);
}

/* As a capture and a shipper come to it. */
static void check(enum damage how)
{
	struct box b = *sweep.box;
	struct err_detail why = { "" };

	if (spool_open(&b.spool, sweep.box->spool.dir, true, &why))
		fail_msg("%s", why.text);
	assert_true(b.spool.epoch == sweep.box->spool.epoch);
	uint64_t settled = settled_on_disk(&b);
	assert_true(settled == 0 || settled == sweep.settled);
	struct box_seen seen = box_read(&b, "rec", 1);
	judge("as it is", &seen, sweep.total, how);
	sweep.hit[how] += seen.lost > 0;
	struct chain *c = open_chain(&b, settled);
	assert_true(chain_next_seq(c) > sweep.total);
	assert_int_equal(chain_totals(c)->committed, sweep.total);
	box_append_ok(c, EACH, 100);
	uint64_t last = chain_next_seq(c) - 1;
	chain_close(c);
	seen = box_read(&b, "rec", 1);
	judge("with more appended", &seen, sweep.total + EACH, how);
	assert_true(seen.last == last);
}

static void one_round(void)
{
	size_t file = rnd_below(&sweep.rnd, 2) ? rnd_below(&sweep.rnd, SEGMENTS)
					       : rnd_below(&sweep.rnd, FILES);
	enum damage how = (enum damage)rnd_below(&sweep.rnd, DAMAGES);

	if (sweep.files[file].len == 0)
		return;
	sweep.tried[how]++;
	hit_file(how, &sweep.files[file]);
	check(how);
	restore_all();
}

static unsigned long rounds = 400;

static void damage_costs_what_it_hits_and_no_more(void **state)
{
	sweep.box = *state;
	sweep.rnd = rnd_start();
	make_records(sweep.box);
	make_state(sweep.box);
	keep_all();
	for (unsigned long i = 0; i < rounds; i++)
		one_round();
	unsigned long all = 0;
	for (int how = 0; how < DAMAGES; how++) {
		print_message("%6lu %s, of which %lu cost records\n", sweep.tried[how],
			damage_names[how], sweep.hit[how]);
		all += sweep.tried[how];
	}
	print_message(
		"%lu damages over %d files: 0 wrong records, 0 uncounted, 0 crashes\n", all, FILES);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { BOX_TEST(damage_costs_what_it_hits_and_no_more) };

	if (argc > 1)
		rounds = strtoul(argv[argc > 2 && getenv("ESPCAP_LONG") ? 2 : 1], NULL, 10);
	if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0) /* each round syncs a dozen times */
		(void)setenv("TMPDIR", "/dev/shm", 0);
	return TEST_RUN(tests);
}
