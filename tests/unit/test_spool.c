/* test_spool.c -- the spool's folder: its identity, its locks, and taking it away. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ballast.h"
#include "box.h"
#include "crc32c.h"
#include "disk.h"

static int open_again(const struct box *b, struct spool *s, struct err_detail *why)
{
	why->text[0] = '\0';
	return spool_open(s, b->spool.dir, true, why);
}

/* Writes SPOOL with one piece of its text replaced; sign: and its check made right again. */
static void change_identity(const struct box *b, const char *old, const char *new, bool sign)
{
	char text[600], changed[700];
	FILE *f = fopen(box_path(b, "SPOOL"), "r+e");
	size_t n = fread(text, 1, sizeof(text) - 1, f);

	text[n] = '\0';
	char *at = strstr(text, old);
	assert_non_null(at);
	int len = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, new,
		at + strlen(old));
	char *check = strstr(changed, "\ncheck ");
	if (sign && check)
		len = (int)(check + 1 - changed) +
		      snprintf(check + 1, 32, "check %08x\n",
			      crc32c(changed, (size_t)(check + 1 - changed)));
	rewind(f);
	assert_int_equal(fwrite(changed, 1, (size_t)len, f), len);
	assert_int_equal(ftruncate(fileno(f), len), 0);
	(void)fclose(f);
}

static void a_new_spool_has_its_folders_and_an_epoch_that_stays(void **state)
{
	static const char *const names[] = { "SPOOL", "rec", "quarantine", "ballast" };
	struct box *b = *state;
	struct err_detail why;
	struct spool again;
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(box_has(b, names[i]));
	assert_int_equal(stat(box_path(b, "ballast"), &st), 0);
	assert_true(st.st_blocks * 512 >= 1 << 20);
	assert_int_equal(open_again(b, &again, &why), 0);
	assert_true(again.epoch == b->spool.epoch && again.epoch != 0);
	assert_string_equal(again.dir, b->spool.dir);
}

static void slashes_behind_its_name_are_ignored(void **state)
{
	struct box *b = *state;
	char dir[PATHS_MAX + 8];
	struct spool again;

	(void)snprintf(dir, sizeof(dir), "%s///", b->spool.dir);
	assert_int_equal(spool_open(&again, dir, false, NULL), 0);
	assert_string_equal(again.dir, b->spool.dir);
}

static void two_spools_have_two_epochs(void **state)
{
	struct box *b = *state;
	char dir[PATHS_MAX + 8];
	struct spool other;

	(void)snprintf(dir, sizeof(dir), "%s-2", b->spool.dir);
	assert_int_equal(spool_open(&other, dir, false, NULL), ERR_SPOOL_MISSING);
	assert_int_not_equal(access(dir, F_OK), 0);
	assert_int_equal(spool_open(&other, dir, true, NULL), 0);
	assert_true(other.epoch != b->spool.epoch);
}

static void paths_that_are_empty_or_too_long_are_refused(void **state)
{
	char dir[PATHS_MAX * 2];
	struct err_detail why = { "" };
	struct spool s;

	(void)state;
	memset(dir, 'x', sizeof(dir));
	dir[sizeof(dir) - 1] = '\0';
	assert_int_equal(spool_open(&s, dir, true, &why), ERR_TOO_BIG);
	assert_int_equal(spool_open(&s, "", true, &why), ERR_TOO_BIG);
	assert_true(*why.text);
}

static void i8_a_newer_format_is_refused_and_left_as_it_is(void **state)
{
	struct box *b = *state;
	struct err_detail why;
	struct spool s;

	change_identity(b, "version 1", "version 2", true);
	assert_int_equal(open_again(b, &s, &why), ERR_SPOOL_FORMAT);
	assert_non_null(strstr(why.text, "newer"));
	assert_non_null(strstr(why.text, "drain it with the version that wrote it"));
	assert_int_equal(open_again(b, &s, &why), ERR_SPOOL_FORMAT); /* nothing was overwritten */
	change_identity(b, "version 2", "version 1", true);
	assert_int_equal(open_again(b, &s, &why), 0);
	assert_true(s.epoch == b->spool.epoch);
}

static void a_spool_of_another_machine_is_refused_with_the_way_out(void **state)
{
	static const char *const other[][2] = { { "word 64", "word 32" },
		{ "order little", "order big" } };
	struct box *b = *state;
	struct err_detail why;
	struct spool s;

	for (size_t i = 0; i < 2; i++) {
		change_identity(b, other[i][0], other[i][1], true);
		assert_int_equal(open_again(b, &s, &why), ERR_SPOOL_FORMAT);
		assert_non_null(strstr(why.text, "espcap spool export"));
		change_identity(b, other[i][1], other[i][0], true);
	}
}

static void an_identity_that_says_nothing_is_damage_and_no_empty_place(void **state)
{
	static const char *const damages[][2] = { { "espcap spool", "espcap spoil" },
		{ "version", "versiom" }, { "version 1", "version x" }, { "version 1", "version " },
		{ "version 1", "version 1x" }, { "version 1", "version 0" }, { "epoch", "Epoch" },
		{ "epoch ", "epoch 0" }, { "epoch ", "epoch zzzzzzzzzzzzzzzz " },
		{ "word", "Word" }, { "order", "Order" } };
	struct err_detail why;
	struct spool s;

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct box *b = *state;
		char kept[600];
		FILE *f = fopen(box_path(b, "SPOOL"), "re");
		size_t n = fread(kept, 1, sizeof(kept), f);
		(void)fclose(f);
		change_identity(b, damages[i][0], damages[i][1], true);
		if (open_again(b, &s, &why) != ERR_SPOOL_DAMAGED)
			fail_msg("\"%s\" was accepted", damages[i][1]);
		assert_true(*why.text);
		assert_int_equal(paths_replace(box_path(b, "SPOOL"), kept, n), 0);
		assert_int_equal(open_again(b, &s, &why), 0);
	}
}

/* With another epoch every segment would look foreign. */
static void no_flipped_digit_of_the_epoch_is_believed(void **state)
{
	struct box *b = *state;
	char old[40], new[40];
	struct err_detail why;
	struct spool s;

	(void)snprintf(old, sizeof(old), "epoch %016llx", (unsigned long long)b->spool.epoch);
	for (int digit = 0; digit < 16; digit++) {
		(void)snprintf(new, sizeof(new), "epoch %016llx",
			(unsigned long long)(b->spool.epoch ^ UINT64_C(1) << 4 * digit));
		change_identity(b, old, new, false);
		assert_int_equal(open_again(b, &s, &why), ERR_SPOOL_DAMAGED);
		change_identity(b, new, old, false);
	}
	assert_int_equal(open_again(b, &s, &why), 0);
}

static void an_identity_without_its_check_is_not_believed(void **state)
{
	struct box *b = *state;
	struct err_detail why;
	struct spool s;

	change_identity(b, "check ", "Check ", false);
	assert_int_equal(open_again(b, &s, &why), ERR_SPOOL_DAMAGED);
}

static void store(struct box *b, unsigned count)
{
	struct chain *c = box_chain(b, 0);

	box_append_ok(c, count, 0);
	chain_close(c);
}

static void without_an_identity_the_segments_say_which_spool_it_is(void **state)
{
	struct box *b = *state;
	struct err_detail why;
	struct spool s;

	store(b, 5);
	for (int how = 0; how < 3; how++) {
		if (how == 0)
			assert_int_equal(unlink(box_path(b, "SPOOL")), 0);
		else if (how == 1)
			change_identity(b, "epoch", "Epoch", false);
		else /* the segment's own record of it as well: then a frame says it */
			assert_int_equal(unlink(box_path(b, "SPOOL")), 0);
		while (how == 2 && box_find(box_data(b, 1), "ESPS", 4) >= 0)
			box_poke(box_data(b, 1), box_find(box_data(b, 1), "ESPS", 4), "x", 1);
		/* who only looks, changes nothing */
		assert_int_equal(spool_open(&s, b->spool.dir, false, &why), 0);
		assert_true(s.epoch == b->spool.epoch && s.recovered);
		assert_int_equal(spool_open(&s, b->spool.dir, false, &why), 0);
		assert_true(s.recovered);
		assert_int_equal(open_again(b, &s, &why), 0);
		assert_true(s.epoch == b->spool.epoch && s.recovered);
		assert_int_equal(open_again(b, &s, &why), 0);
		assert_true(s.epoch == b->spool.epoch && !s.recovered);
	}
	assert_int_equal(box_read(b, "rec", 1).records, 5);
}

static void segments_of_which_none_says_it_are_a_damaged_spool(void **state)
{
	struct box *b = *state;
	struct err_detail why;
	struct spool s;

	store(b, 1);
	assert_int_equal(unlink(box_path(b, "SPOOL")), 0);
	assert_int_equal(truncate(box_data(b, 1), 100), 0);
	assert_int_equal(open_again(b, &s, &why), ERR_SPOOL_DAMAGED);
	assert_false(box_has(b, "SPOOL")); /* no second epoch was made */
	box_remove_tree(box_path(b, "rec"));
	assert_int_equal(open_again(b, &s, &why), 0);
}

/* A folder copied in by hand must not rename the spool. */
static void most_segments_are_right(void **state)
{
	struct box *b = *state;
	struct err_detail why;
	struct spool s, other;
	char from[PATHS_MAX], dir[PATHS_MAX * 2];

	store(b, 3);
	store(b, 3);
	(void)snprintf(dir, sizeof(dir), "%s/other", b->dir);
	assert_int_equal(spool_open(&other, dir, true, &why), 0);
	struct box foreign = { .spool = other };
	struct chain *c = box_chain(&foreign, 99);
	box_append_ok(c, 3, 0);
	chain_close(c);
	assert_int_equal(paths_segment(from, dir, "rec", 100), 0);
	assert_int_equal(rename(from, box_segment(b, 100)), 0);
	assert_int_equal(unlink(box_path(b, "SPOOL")), 0);
	assert_int_equal(open_again(b, &s, &why), 0);
	assert_true(s.epoch == b->spool.epoch);
}

static void an_identity_that_cannot_be_written_is_an_error(void **state)
{
	static const enum disk_call calls[] = { DISK_MKDIR, DISK_FSYNC, DISK_RENAME };
	struct box *b = *state;
	struct err_detail why;
	struct spool s;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		box_remove_tree(b->spool.dir);
		disk_fail(calls[i], 1, 100, EIO);
		int err = open_again(b, &s, &why);
		disk_reset();
		assert_int_equal(err, ERR_SPOOL_IO);
		assert_non_null(strstr(why.text, b->spool.dir));
		assert_int_equal(spool_open(&s, b->spool.dir, false, NULL), ERR_SPOOL_MISSING);
	}
	assert_int_equal(open_again(b, &s, &why), 0);
}

static void i6_each_role_has_one_lock_that_names_its_holder(void **state)
{
	struct box *b = *state;
	struct lock capture, ship, trim, other;
	struct err_detail why;
	char holder[LOCK_HOLDER_MAX], pid[32];

	(void)snprintf(pid, sizeof(pid), "pid %ld, ", (long)getpid());
	assert_false(spool_capture_runs(&b->spool, holder));
	assert_int_equal(spool_lock_capture(&b->spool, 0, &capture, &why), 0);
	assert_int_equal(spool_lock_ship(&b->spool, 0, &ship, &why), 0);
	assert_int_equal(spool_lock_trim(&b->spool, 0, &trim), 0);
	assert_int_equal(spool_lock_capture(&b->spool, 0, &other, &why), ERR_SPOOL_LOCKED);
	assert_non_null(strstr(why.text, pid));
	assert_non_null(strstr(why.text, "espcap-capture"));
	assert_int_equal(spool_lock_ship(&b->spool, 0, &other, &why), ERR_SPOOL_LOCKED);
	assert_non_null(strstr(why.text, "espcap-ship"));
	assert_int_equal(spool_lock_trim(&b->spool, 0, &other), ERR_SPOOL_LOCKED);
	assert_true(spool_capture_runs(&b->spool, holder));
	assert_non_null(strstr(holder, "espcap-capture"));
	lock_drop(&capture);
	assert_false(spool_capture_runs(&b->spool, holder));
	assert_true(spool_ship_runs(&b->spool, holder));
	lock_drop(&ship);
	lock_drop(&trim);
}

static void taking_it_away_leaves_nothing(void **state)
{
	struct box *b = *state;
	struct chain *c = box_chain(b, 0);
	struct slots slots;
	char gone[PATHS_MAX + 8];
	struct err_detail why;

	box_fill(c, 2);
	chain_close(c);
	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	slots_close(&slots);
	(void)snprintf(gone, sizeof(gone), "%s.gone", b->spool.dir);
	assert_int_equal(spool_remove(&b->spool, &why), 0);
	assert_int_not_equal(access(b->spool.dir, F_OK), 0);
	assert_int_not_equal(access(gone, F_OK), 0);
}

static void files_it_does_not_know_stay(void **state)
{
	struct box *b = *state;
	char kept[PATHS_MAX + 16];
	struct err_detail why = { "" };

	assert_int_equal(paths_replace(box_path(b, "notes"), "mine", 4), 0);
	assert_int_equal(spool_remove(&b->spool, &why), ERR_SPOOL_IO);
	assert_true(*why.text);
	(void)snprintf(kept, sizeof(kept), "%s.gone/notes", b->spool.dir);
	assert_int_equal(access(kept, F_OK), 0);
	assert_int_not_equal(access(b->spool.dir, F_OK), 0);
}

/* --- names are as durable as what is behind them --- */

struct order {
	const char *folder; /* whose sync is looked for */
	unsigned synced, renamed, unlinked_early;
};

static void look(enum disk_call call, const char *path, void *arg)
{
	struct order *o = arg;

	o->synced += call == DISK_FSYNC && strcmp(path, o->folder) == 0;
	o->renamed += call == DISK_RENAME;
	o->unlinked_early += call == DISK_UNLINK && !o->synced;
}

static void the_name_of_a_new_state_file_is_synced(void **state)
{
	struct box *b = *state;
	struct order o = { .folder = b->spool.dir };
	const struct ack ack = { .chain = { { .frontier = 7 } } };
	struct slots slots;

	disk_watch(look, &o);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	assert_int_equal(o.synced, 1);
	assert_int_equal(ack_write(&slots, &ack), 0);
	slots_close(&slots);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	slots_close(&slots);
	assert_int_equal(o.synced, 1); /* once is enough */
	assert_int_equal(unlink(box_path(b, "ack")), 0);
	disk_reset();
	disk_fail(DISK_FSYNC, 1, 1, EIO);
	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, true, NULL), ERR_SPOOL_IO);
	disk_reset();
}

static void the_name_of_a_new_chain_is_synced(void **state)
{
	struct box *b = *state;
	struct order o = { .folder = b->spool.dir };
	struct chain_conf conf = { .name = "dead", .map_size = CHAIN_MAP_SMALL };
	struct chain *c = NULL;

	disk_watch(look, &o);
	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), 0);
	disk_reset();
	chain_close(c);
	assert_int_equal(o.synced, 1);
	disk_fail(DISK_FSYNC, 1, 1, EIO);
	assert_int_equal(chain_open(&b->spool, &conf, &c, NULL), ERR_SPOOL_IO);
	disk_reset();
}

static void taking_it_away_renames_durably_first(void **state)
{
	struct box *b = *state;
	struct order o = { .folder = b->dir };
	struct chain *c = box_chain(b, 0);
	struct err_detail why;

	box_fill(c, 2);
	chain_close(c);
	disk_watch(look, &o);
	assert_int_equal(spool_remove(&b->spool, &why), 0);
	disk_reset();
	assert_int_equal(o.renamed, 1);
	assert_int_equal(o.synced, 1);
	assert_int_equal(o.unlinked_early, 0);
}

static void only_names_of_exactly_twenty_digits_are_segments(void **state)
{
	static const char *const names[] = { "00000000000000000007", "00000000000000000003",
		"18446744073709551616", "99999999999999999999", "00000000000000000000",
		"0000000000000000001", "000000000000000000001", "00000000000000000004.gone",
		"0000000000000000000x", "-0000000000000000001", "4" };
	struct box *b = *state;
	uint64_t *seqs;
	size_t count;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];
		(void)snprintf(path, sizeof(path), "rec/%s", names[i]);
		assert_int_equal(mkdir(box_path(b, path), 0700), 0);
	}
	assert_int_equal(paths_list(box_path(b, "rec"), false, &seqs, &count), 0);
	assert_true(count == 2 && seqs[0] == 3 && seqs[1] == 7);
	free(seqs);
	assert_int_equal(paths_list(box_path(b, "rec"), true, &seqs, &count), 0);
	assert_true(count == 1 && seqs[0] == 4);
	free(seqs);
	assert_int_equal(paths_list(box_path(b, "none"), false, &seqs, &count), 0);
	assert_int_equal(count, 0);
}

/* --- the folder goes, the disk fills --- */

static void a_spool_that_is_moved_or_replaced_is_gone(void **state)
{
	struct box *b = *state;
	char away[PATHS_MAX * 2];
	struct spool again;
	struct lock locks[2];

	assert_int_equal(spool_lock_capture(&b->spool, 0, &locks[0], NULL), 0);
	assert_int_equal(spool_lock_ship(&b->spool, 0, &locks[1], NULL), 0);
	assert_false(spool_is_gone(&b->spool, &locks[0]));
	assert_false(spool_is_gone(&b->spool, &locks[1]));
	(void)snprintf(away, sizeof(away), "%s/away", b->dir);
	assert_int_equal(rename(b->spool.dir, away), 0);
	for (int i = 0; i < 2; i++) {
		assert_true(spool_is_gone(&b->spool, &locks[0]));
		assert_true(spool_is_gone(&b->spool, &locks[1]));
		assert_int_equal(spool_open(&again, b->spool.dir, true, NULL), 0); /* another one */
	}
	box_remove_tree(b->spool.dir);
	assert_int_equal(rename(away, b->spool.dir), 0);
	assert_false(spool_is_gone(&b->spool, &locks[0]));
	lock_drop(&locks[0]);
	lock_drop(&locks[1]);
}

/* Of a disk with plenty of room; test_full.c has the other end. */
static void the_ballast_is_made_again_where_there_is_room(void **state)
{
	struct box *b = *state;

	assert_int_equal(unlink(box_path(b, "ballast")), 0);
	ballast_tend(b->spool.dir);
	assert_true(box_has(b, "ballast"));
	ballast_tend(b->spool.dir);
	assert_true(box_has(b, "ballast"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_new_spool_has_its_folders_and_an_epoch_that_stays),
		BOX_TEST(slashes_behind_its_name_are_ignored),
		BOX_TEST(two_spools_have_two_epochs),
		BOX_TEST(paths_that_are_empty_or_too_long_are_refused),
		BOX_TEST(i8_a_newer_format_is_refused_and_left_as_it_is),
		BOX_TEST(a_spool_of_another_machine_is_refused_with_the_way_out),
		BOX_TEST(an_identity_that_says_nothing_is_damage_and_no_empty_place),
		BOX_TEST(no_flipped_digit_of_the_epoch_is_believed),
		BOX_TEST(an_identity_without_its_check_is_not_believed),
		BOX_TEST(without_an_identity_the_segments_say_which_spool_it_is),
		BOX_TEST(segments_of_which_none_says_it_are_a_damaged_spool),
		BOX_TEST(most_segments_are_right),
		BOX_TEST(an_identity_that_cannot_be_written_is_an_error),
		BOX_TEST(i6_each_role_has_one_lock_that_names_its_holder),
		BOX_TEST(taking_it_away_leaves_nothing),
		BOX_TEST(files_it_does_not_know_stay),
		BOX_TEST(the_name_of_a_new_state_file_is_synced),
		BOX_TEST(the_name_of_a_new_chain_is_synced),
		BOX_TEST(taking_it_away_renames_durably_first),
		BOX_TEST(a_spool_that_is_moved_or_replaced_is_gone),
		BOX_TEST(the_ballast_is_made_again_where_there_is_room),
		BOX_TEST(only_names_of_exactly_twenty_digits_are_segments),
	};

	return TEST_RUN(tests);
}
