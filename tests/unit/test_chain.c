/* test_chain.c -- the writer's side of a chain: commits, sequences, runs, rotation, quarantine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"
#include "clock.h"
#include "crc32c.h"
#include "disk.h"
#include "plant.h"
#include "record_id.h"
#include "rnd.h"

static void sees(struct box *b, uint64_t records, uint64_t last, uint64_t lost)
{
	struct box_seen seen = box_read(b, "rec", 1);

	assert_int_equal(seen.end, ERR_END);
	assert_int_equal(seen.records, records);
	assert_int_equal(seen.last, last);
	assert_int_equal(seen.lost, lost);
}

static void copy_file(const char *from, const char *to)
{
	char bytes[65536];
	ssize_t n;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	(void)close(in);
	(void)close(out);
}

/* The folder of a spool as a power cut leaves it: only what is in the files now. */
static void copy_chain(const struct box *b, uint64_t seq, const char *to)
{
	char from[PATHS_MAX * 2], folder[PATHS_MAX * 2], file[PATHS_MAX * 3];

	(void)snprintf(folder, sizeof(folder), "%s/%s", b->dir, to);
	(void)mkdir(folder, 0700);
	(void)snprintf(file, sizeof(file), "%s/SPOOL", folder);
	copy_file(box_path(b, "SPOOL"), file);
	(void)snprintf(file, sizeof(file), "%s/rec", folder);
	(void)mkdir(file, 0700);
	(void)snprintf(file, sizeof(file), "%s/rec/%020llu", folder, (unsigned long long)seq);
	(void)mkdir(file, 0700);
	(void)snprintf(from, sizeof(from), "%s/data.mdb", box_segment(b, seq));
	(void)snprintf(
		file, sizeof(file), "%s/rec/%020llu/data.mdb", folder, (unsigned long long)seq);
	copy_file(from, file);
}

/* How many records the copy holds. */
static uint64_t records_in_copy(const struct box *b, const char *name)
{
	struct box copy = *b;

	(void)snprintf(copy.spool.dir, sizeof(copy.spool.dir), "%.900s/%s", b->dir, name);
	return box_read(&copy, "rec", 1).records;
}

/* --- (I1) --- */

struct cut {
	const struct box *box;
	char order
		[64]; /* W: data written, S: data synced, M: the meta page is about to be written */
	unsigned n;
};

static void note_order(enum disk_call call, const char *path, void *arg)
{
	static const char letters[DISK_CALLS] = { 'W', 'M', 'S', 'F', 'R', 'D', 'N', 'U' };
	struct cut *cut = arg;

	if (strstr(path, "data.mdb") && cut->n < sizeof(cut->order) - 1)
		cut->order[cut->n++] = letters[call];
	if (call == DISK_META)
		copy_chain(cut->box, 1, "cut");
}

static void i1_a_commit_is_synced_data_and_then_a_synced_meta_page(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct cut cut = { .box = b };

	box_append_ok(c, 3, 0);
	disk_watch(note_order, &cut);
	box_append_ok(c, 5, 5000);
	disk_reset();
	const char *sync = strchr(cut.order, 'S'), *meta = strchr(cut.order, 'M');
	assert_true(cut.order[0] == 'W' && sync && meta);
	assert_true(sync < meta && !strchr(sync, 'W') && meta[1] == '\0');
	copy_chain(b, 1, "after");
	assert_int_equal(records_in_copy(b, "cut"), 3); /* a power cut before the last flush */
	assert_int_equal(records_in_copy(b, "after"), 8);
	chain_close(c);
}

static void i1_a_group_is_stored_whole_or_not_at_all(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct chain_frame two[2] = { { .header = { .count = 1, .raw_len = 3, .stored_len = 3 },
		.payload = "{}\n" } };

	box_append_ok(c, 4, 0);
	two[1] = two[0];
	two[1].header.stored_len = UINT32_MAX; /* no map takes that one */
	assert_int_not_equal(chain_append(c, two, 2, NULL), 0);
	sees(b, 4, 4, 0);
	assert_int_equal(chain_next_seq(c), 5);
	box_append_ok(c, 2, 0);
	chain_close(c);
	sees(b, 6, 6, 0);
}

/* One call of the disk fails; what chain_append() says decides what is there afterwards. */
static bool with_one_failure(struct box *b, enum disk_call call, unsigned nth, int error)
{
	struct chain *c = NULL;
	uint64_t want = 0;
	struct chain_conf conf = { .name = "rec", .map_size = BOX_MAP };

	disk_reset();
	disk_fail(call, nth, 1, error);
	int err = chain_open(&b->spool, &conf, &c, NULL);
	for (unsigned i = 0; i < 5 && !err; i++) { /* the fourth needs a second segment */
		err = box_append(c, 4, 80000);
		if (err) /* nothing of it was stored: the same frames can be given again */
			err = box_append(c, 4, 80000);
		want += err ? 0 : 4;
	}
	bool used = disk_count(call) >= nth;
	disk_reset();
	chain_close(c);
	if (!used || c)
		sees(b, want, want, 0);
	assert_int_equal(want, c ? 20 : 0);
	return used;
}

static void i1_records_are_there_exactly_when_append_says_so(void **state)
{
	static const int errors[] = { EIO, ENOSPC };
	struct box *b = *state;

	for (enum disk_call call = 0; call < DISK_UNLINK; call++) {
		unsigned nth = 1;
		for (; with_one_failure(b, call, nth, errors[nth % 2]); nth++) {
			box_remove_tree(box_path(b, "rec"));
			assert_true(nth < 1000);
		}
		box_remove_tree(box_path(b, "rec"));
		assert_true(call == DISK_RENAME || nth > 2);
	}
}

static void i1_a_segment_whose_sync_failed_is_never_written_again(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 3, 0);
	disk_fail(DISK_SYNC, 1, 1, EIO);
	box_append_ok(c, 3, 0);
	disk_reset();
	assert_int_equal(chain_segments(c), 2);
	assert_int_equal(box_nth(b, 1), 4);
	disk_fail(DISK_META, 1, 1, EIO); /* LMDB's own panic */
	box_append_ok(c, 3, 0);
	disk_reset();
	assert_int_equal(chain_segments(c), 3);
	chain_close(c);
	sees(b, 9, 9, 0);
}

/* The child appends for ever and says each time what is durable. */
static void append_and_tell(struct box *b, int fd)
{
	struct chain *c = box_chain(b, 0);

	for (uint64_t last;;) {
		box_append_ok(c, 3, 3000);
		last = chain_next_seq(c) - 1;
		if (write(fd, &last, sizeof(last)) != sizeof(last))
			_exit(1);
	}
}

static void i1_what_was_committed_survives_kill_9(void **state)
{
	struct box *b = *state;
	struct rnd r = rnd_start();
	uint64_t told = 0, all = 0;
	int fds[2];

	for (int round = 0; round < 8; round++) {
		assert_int_equal(pipe(fds), 0);
		pid_t child = fork();
		if (child == 0) {
			(void)close(fds[0]);
			append_and_tell(b, fds[1]);
		}
		(void)close(fds[1]);
		for (uint64_t n = 1 + rnd_below(&r, 30); n; n--)
			assert_int_equal(read(fds[0], &told, sizeof(told)), sizeof(told));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		while (read(fds[0], &told, sizeof(told)) == sizeof(told))
			;
		(void)close(fds[0]);
		struct box_seen seen = box_read(b, "rec", 1);
		assert_true(seen.last == told || seen.last == told + 3);
		assert_true(seen.records == seen.last && seen.lost == 0 && seen.last > all);
		all = seen.last;
	}
}

/* --- (I2) --- */

static void i2_sequences_go_on_after_a_restart(void **state)
{
	struct box *b = *state;
	uint64_t next = 1;

	for (int i = 0; i < 5; i++) {
		struct chain *c = box_chain(b, 0);
		assert_int_equal(chain_next_seq(c), next);
		box_append_ok(c, 3, 0);
		box_append_ok(c, 1, 0);
		next += 4;
		assert_int_equal(chain_totals(c)->committed, next - 1);
		chain_close(c);
	}
	sees(b, 20, 20, 0);
}

/* A power cut undid commits that were already shipped: their numbers are not given out again. */
static void i2_what_was_ever_settled_is_never_numbered_again(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 10, 0);
	chain_close(c);
	c = box_chain(b, 25);
	assert_int_equal(chain_next_seq(c), 26);
	assert_int_equal(chain_totals(c)->skipped, 15);
	box_append_ok(c, 5, 0);
	assert_int_equal(chain_totals(c)->committed, 15);
	chain_close(c);
	sees(b, 15, 30, 0); /* a gap, but nothing of it was ever committed */
	c = box_chain(b, 25);
	assert_int_equal(chain_next_seq(c), 31);
	assert_int_equal(chain_totals(c)->skipped, 15);
	chain_close(c);
}

static void i2_an_empty_chain_goes_on_where_it_ended(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 10, 0);
	chain_close(c);
	box_remove_tree(box_path(b, "rec"));
	c = box_chain(b, 10);
	assert_int_equal(chain_next_seq(c), 11);
	box_append_ok(c, 1, 0);
	chain_close(c);
	sees(b, 1, 11, 0);
}

static void spoil(const struct box *b, uint64_t segment)
{
	assert_int_equal(truncate(box_data(b, segment), 5000), 0);
}

static void i2_behind_an_unreadable_segment_numbers_jump(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_fill(c, 2);
	uint64_t second = box_nth(b, 1), end = chain_next_seq(c);
	chain_close(c);
	spoil(b, second);
	c = box_chain(b, 0);
	assert_int_equal(chain_next_seq(c), end + (UINT64_C(1) << 32));
	assert_int_equal(chain_segments(c), 1);
	box_append_ok(c, 1, 0);
	chain_close(c);
	char name[64];
	(void)snprintf(name, sizeof(name), "quarantine/rec-%020llu.1", (unsigned long long)second);
	assert_true(box_has(b, name)); /* moved away, not deleted */
}

/* Two of them, far apart: the jump is from the later one. */
static void i2_of_two_unreadable_segments_the_later_one_counts(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	const uint64_t jump = UINT64_C(1) << 32;

	box_append_ok(c, 1, 0);
	chain_close(c);
	spoil(b, 1);
	c = box_chain(b, 0); /* starts at 2 + 2^32 */
	box_append_ok(c, 7, 0);
	uint64_t end = chain_next_seq(c);
	chain_close(c);
	assert_int_equal(end, 2 + jump + 7);
	c = box_chain(b, end + jump); /* as if as many had been settled since */
	box_append_ok(c, 7, 0);
	chain_close(c);
	spoil(b, 2 + jump);
	c = box_chain(b, 0);
	assert_true(chain_next_seq(c) >= 1 + 2 * jump);
	box_append_ok(c, 1, 0);
	uint64_t third = box_nth(b, chain_segments(c) - 1);
	end = chain_next_seq(c);
	chain_close(c);
	/* now an older damaged one lies below a later damaged one */
	char from[PATHS_MAX * 2];
	(void)snprintf(from, sizeof(from), "%s", box_segment(b, 5));
	assert_int_equal(mkdir(from, 0700), 0);
	spoil(b, third);
	c = box_chain(b, 0);
	assert_true(chain_next_seq(c) >= third + jump && chain_next_seq(c) > end);
	chain_close(c);
}

static void i2_a_damaged_last_frame_does_not_give_its_numbers_away(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 10, 0);
	box_append_ok(c, 200, 100);
	chain_close(c);
	box_poke(box_data(b, 1), box_frame(b, 1, 11) + 32, "\xff", 1); /* its count */
	c = box_chain(b, 0);
	assert_true(chain_next_seq(c) > 211 && chain_totals(c)->committed == 210);
	box_append_ok(c, 1, 0);
	uint64_t last = chain_next_seq(c) - 1;
	chain_close(c);
	sees(b, 11, last, 200);
}

/* Then the tail, which is older than the segment, cannot tell. */
static void i2_a_damaged_last_frame_without_a_tail_keeps_its_numbers_too(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 10, 0);
	box_append_ok(c, 200, 100);
	chain_close(c);
	assert_int_equal(unlink(box_path(b, "rec/tail")), 0);
	box_poke(box_data(b, 1), box_frame(b, 1, 11) + 32, "\xff", 1);
	c = box_chain(b, 0);
	assert_true(chain_next_seq(c) > 211);
	chain_close(c);
}

static void a_damaged_last_payload_is_counted_by_its_header(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 10, 0);
	box_append_ok(c, 200, 100);
	chain_close(c);
	box_poke(box_data(b, 1), box_frame(b, 1, 11) + FRAME_HEADER + 20, "damage", 6);
	c = box_chain(b, 0);
	assert_int_equal(chain_next_seq(c), 211);
	assert_int_equal(chain_totals(c)->committed, 210);
	box_append_ok(c, 5, 0);
	chain_close(c);
	sees(b, 15, 215, 200);
}

/* --- (I6) --- */

/* LMDB would trust what a kill, a cut or a bad disk left there. */
static void i6_a_start_never_writes_to_a_segment_that_is_there(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 10, 0);
	chain_close(c);
	uint32_t sum = box_sum(box_data(b, 1));
	for (size_t i = 1; i < 4; i++) {
		c = box_chain(b, 0);
		assert_int_equal(chain_segments(c), i); /* made when there is something to append */
		box_append_ok(c, 10, 0);
		assert_int_equal(chain_segments(c), i + 1);
		chain_close(c);
		assert_int_equal(box_sum(box_data(b, 1)), sum);
	}
	sees(b, 40, 40, 0);
}

/* --- (I4) --- */

static uint64_t run_of(struct box *b, uint64_t seq)
{
	struct reader_frame f;
	struct reader *r;

	assert_int_equal(reader_new(&b->spool, "rec", &r), 0);
	assert_int_equal(reader_next(r, seq, &f), 0);
	assert_true(f.header.first_seq <= seq && f.header.epoch == b->spool.epoch);
	reader_free(r);
	return f.header.run;
}

static void i4_every_start_draws_a_run_that_its_frames_keep(void **state)
{
	struct box *b = *state;
	uint64_t runs[4];

	for (unsigned i = 0; i < 4; i++) {
		struct chain *c = box_chain(b, 0);
		runs[i] = chain_run(c);
		box_append_ok(c, 2, 0);
		box_append_ok(c, 1, 0);
		chain_close(c);
		for (unsigned k = 0; k < i; k++)
			assert_true(runs[k] != runs[i]);
	}
	for (uint64_t seq = 1; seq <= 12; seq++)
		assert_true(run_of(b, seq) == runs[(seq - 1) / 3]);
}

/* A disk that forgot a commit gives a number out a second time: the run keeps the ids apart. */
static void i4_ids_differ_though_a_power_cut_undid_a_commit(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	char first[RECORD_ID_LEN], second[RECORD_ID_LEN], kept[PATHS_MAX * 2];

	box_append_ok(c, 3, 0);
	copy_chain(b, 1, "kept");
	box_append_ok(c, 3, 0);
	chain_close(c);
	record_id_write(run_of(b, 5), 5, first);
	(void)snprintf(kept, sizeof(kept), "%s/kept/rec/%020d/data.mdb", b->dir, 1);
	copy_file(kept, box_data(b, 1));
	assert_int_equal(unlink(box_path(b, "rec/tail")), 0); /* it is never ahead of the disk */
	c = box_chain(b, 0);
	assert_int_equal(chain_next_seq(c), 4);
	box_append_ok(c, 3, 0);
	chain_close(c);
	record_id_write(run_of(b, 5), 5, second);
	assert_memory_not_equal(first, second, RECORD_ID_LEN);
}

/* --- rotation, cap, places --- */

static int64_t pretended_ns;

static int64_t pretended(void)
{
	return pretended_ns;
}

static uint64_t size_of_newest(struct box *b, const struct chain *c)
{
	struct stat st = { .st_size = 0 };

	if (chain_segments(c))
		assert_int_equal(stat(box_data(b, box_nth(b, chain_segments(c) - 1)), &st), 0);
	return (uint64_t)st.st_size;
}

static void a_segment_ends_at_90_percent_and_after_a_day(void **state)
{
	static const struct clock_source clock = { pretended, pretended };
	const int64_t day = INT64_C(86400) * 1000000000;
	struct box *b = *state;

	pretended_ns = 100 * day;
	clock_replace(&clock);
	struct chain *c = box_chain(b, 0);
	while (chain_segments(c) < 2) {
		uint64_t used = size_of_newest(b, c);
		box_append_ok(c, 4, 15000);
		assert_true(size_of_newest(b, c) <= BOX_MAP / 100 * 90);
		assert_true(chain_segments(c) < 2 || used > BOX_MAP / 100 * 70);
	}
	pretended_ns += day;
	box_append_ok(c, 1, 0);
	assert_int_equal(chain_segments(c), 2);
	pretended_ns += 1;
	box_append_ok(c, 1, 0);
	assert_int_equal(chain_segments(c), 3);
	clock_replace(NULL);
	uint64_t last = chain_next_seq(c) - 1;
	chain_close(c);
	sees(b, last, last, 0);
}

static void another_map_size_is_for_new_segments(void **state)
{
	struct box *b = *state;
	struct chain_conf conf = { .name = "rec", .map_size = 2 * BOX_MAP };
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, 3, 0);
	chain_close(c);
	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	box_append_ok(c, 3, 0);
	assert_int_equal(chain_segments(c), 2);
	assert_int_equal(chain_bytes(c) / BOX_MAP, 2); /* and a little of the first one */
	chain_close(c);
	sees(b, 6, 6, 0);
}

static void at_its_cap_it_is_full_and_stores_nothing(void **state)
{
	struct box *b = *state;
	struct chain_conf conf = { .name = "rec", .map_size = BOX_MAP, .cap = 3 * BOX_MAP };
	struct chain *c;
	int err;

	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	while (!(err = box_append(c, 4, 15000)))
		assert_true(chain_bytes(c) <= conf.cap);
	assert_int_equal(err, ERR_SPOOL_FULL);
	uint64_t last = chain_next_seq(c) - 1;
	assert_int_equal(box_append(c, 4, 15000), ERR_SPOOL_FULL);
	assert_int_equal(chain_next_seq(c) - 1, last);
	chain_close(c);
	sees(b, last, last, 0);
}

static void the_floor_of_free_space_is_left_alone(void **state)
{
	struct box *b = *state;
	struct chain_conf conf = {
		.name = "rec", .map_size = BOX_MAP, .free_floor = UINT64_C(1) << 60
	};
	struct chain *c;

	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	assert_int_equal(box_append(c, 1, 0), ERR_SPOOL_FULL);
	chain_close(c);
}

static void append_of_file(struct chain *c, uint64_t file, uint64_t number)
{
	struct chain_frame f = { .header = { .codec = FRAME_PLAIN,
					 .count = 1,
					 .raw_len = 3,
					 .stored_len = 3,
					 .file = file,
					 .number = number },
		.payload = "{}\n" };

	assert_int_equal(chain_append(c, &f, 1, NULL), 0);
}

static void places_of_files_survive_restart_and_rotation(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	append_of_file(c, 7, 100);
	append_of_file(c, 8, 5);
	append_of_file(c, 7, 200);
	assert_int_equal(chain_place(c, 7), 200);
	assert_int_equal(chain_place(c, 9), 0);
	box_fill(c, 3);
	chain_close(c);
	box_remove_tree(box_segment(b, 1)); /* shipped and trimmed long ago */
	c = box_chain(b, 0);
	assert_int_equal(chain_place(c, 7), 200);
	assert_int_equal(chain_place(c, 8), 5);
	append_of_file(c, 8, 6);
	chain_close(c);
	c = box_chain(b, 0);
	assert_int_equal(chain_place(c, 8), 6);
	chain_close(c);
}

static void a_number_that_falls_back_does_not_move_a_place(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);

	append_of_file(c, 7, 100);
	append_of_file(c, 7, 50); /* the file was read a second time, without --resume */
	assert_int_equal(chain_place(c, 7), 100);
	chain_close(c);
}

static void of_too_many_files_the_oldest_is_forgotten(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct chain_frame f[64];

	for (uint64_t file = 1; file <= SEGMENT_PLACES_MAX + 64; file += 64) {
		for (unsigned i = 0; i < 64; i++)
			f[i] = (struct chain_frame){ .header = { .count = 1,
							     .raw_len = 3,
							     .stored_len = 3,
							     .file = file + i,
							     .number = 1 },
				.payload = "{}\n" };
		assert_int_equal(chain_append(c, f, 64, NULL), 0);
	}
	assert_int_equal(chain_place(c, 64), 0);
	assert_int_equal(chain_place(c, 65), 1);
	assert_int_equal(chain_place(c, SEGMENT_PLACES_MAX + 64), 1);
	chain_close(c);
}

static void i8_a_frame_of_a_newer_version_stops_the_writer(void **state)
{
	struct box *b = *state;
	struct chain_conf conf = { .name = "rec", .map_size = BOX_MAP };
	struct chain *c = box_chain(b, 0);
	struct frame_header h = { .first_seq = 2, .count = 1, .raw_len = 3, .stored_len = 3 };
	uint8_t header[FRAME_HEADER];

	box_append_ok(c, 1, 0);
	chain_close(c);
	plant_frame(box_segment(b, 1), &h, "{}\n");
	const char *data = box_data(b, 1);
	frame_pack(&h, header);
	long at = box_find(data, header, sizeof(header));
	assert_true(at > 0);
	header[4] = FRAME_VERSION + 1;
	uint32_t crc = crc32c(header, FRAME_HEADER - 4);
	memcpy(header + FRAME_HEADER - 4, &crc, 4);
	box_poke(data, at, header, sizeof(header));
	c = NULL;
	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), ERR_SPOOL_FORMAT);
	assert_null(c);
	assert_int_equal(box_nth(b, 0), 1); /* kept as it is */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(i1_a_commit_is_synced_data_and_then_a_synced_meta_page),
		BOX_TEST(i1_a_group_is_stored_whole_or_not_at_all),
		BOX_TEST(i1_records_are_there_exactly_when_append_says_so),
		BOX_TEST(i1_a_segment_whose_sync_failed_is_never_written_again),
		BOX_TEST(i1_what_was_committed_survives_kill_9),
		BOX_TEST(i2_sequences_go_on_after_a_restart),
		BOX_TEST(i2_what_was_ever_settled_is_never_numbered_again),
		BOX_TEST(i2_an_empty_chain_goes_on_where_it_ended),
		BOX_TEST(i2_behind_an_unreadable_segment_numbers_jump),
		BOX_TEST(i2_of_two_unreadable_segments_the_later_one_counts),
		BOX_TEST(i2_a_damaged_last_frame_does_not_give_its_numbers_away),
		BOX_TEST(i2_a_damaged_last_frame_without_a_tail_keeps_its_numbers_too),
		BOX_TEST(i6_a_start_never_writes_to_a_segment_that_is_there),
		BOX_TEST(a_damaged_last_payload_is_counted_by_its_header),
		BOX_TEST(i4_every_start_draws_a_run_that_its_frames_keep),
		BOX_TEST(i4_ids_differ_though_a_power_cut_undid_a_commit),
		BOX_TEST(a_segment_ends_at_90_percent_and_after_a_day),
		BOX_TEST(another_map_size_is_for_new_segments),
		BOX_TEST(at_its_cap_it_is_full_and_stores_nothing),
		BOX_TEST(the_floor_of_free_space_is_left_alone),
		BOX_TEST(places_of_files_survive_restart_and_rotation),
		BOX_TEST(a_number_that_falls_back_does_not_move_a_place),
		BOX_TEST(of_too_many_files_the_oldest_is_forgotten),
		BOX_TEST(i8_a_frame_of_a_newer_version_stops_the_writer),
	};

	return TEST_RUN(tests);
}
