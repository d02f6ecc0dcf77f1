/* cli_doctor_disk.c -- kinds of disks, told from a made-up /sys. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "box.h"

enum { MAJOR = 179 };
static struct box *box;

static int setup(void **state)
{
	int err = box_make(state);

	box = *state;
	return err;
}

#define SYS_TEST(test) cmocka_unit_test_setup_teardown(test, setup, box_drop)

/* DIR/sys/DEVICE/REST, the folders before it made. Valid until the fourth call after. */
static const char *path(const char *device, const char *rest)
{
	static char out[4][PATHS_MAX];
	static unsigned next;
	char *p = out[next++ % 4], tail[PATHS_MAX / 4];

	(void)snprintf(tail, sizeof(tail), "sys/%s/%s", device, rest);
	assert_int_equal(paths_join(p, box->dir, tail), 0);
	for (char *slash = p + strlen(box->dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(p, 0700);
		*slash = '/';
	}
	return p;
}

static void write_word(const char *file, const char *word)
{
	FILE *f = fopen(file, "we");

	assert_non_null(f);
	(void)fprintf(f, "%s\n", word);
	assert_int_equal(fclose(f), 0);
}

static void make_disk(const char *disk, const char *rotational, const char *removable)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "devices/%s", disk);
	write_word(path(name, "queue/rotational"), rotational);
	write_word(path(name, "removable"), removable);
}

/* dev/block/MAJOR:minor is a link to a device. */
static void number(unsigned minor, const char *device)
{
	char name[32], to[PATHS_MAX];

	(void)snprintf(name, sizeof(name), "%d:%u", MAJOR, minor);
	(void)snprintf(to, sizeof(to), "../../devices/%s", device);
	assert_int_equal(symlink(to, path("dev/block", name)), 0);
}

static struct disk find(unsigned minor)
{
	char sys[PATHS_MAX];

	assert_int_equal(paths_join(sys, box->dir, "sys"), 0);
	return disk_of(sys, makedev(MAJOR, minor));
}

static void is(unsigned minor, enum disk_kind kind, const char *name)
{
	struct disk d = find(minor);

	assert_int_equal(d.kind, kind);
	assert_string_equal(d.name, name);
}

static void disks_say_whether_they_turn(void **state)
{
	(void)state;
	make_disk("nvme0n1", "0", "0");
	make_disk("sda", "1", "0");
	make_disk("sdb", "0", "1");
	number(1, "nvme0n1");
	number(2, "sda");
	number(3, "sdb");
	is(1, DISK_SOLID, "nvme0n1");
	is(2, DISK_ROTATING, "sda");
	is(3, DISK_REMOVABLE, "sdb");
}

static void a_card_is_told_from_an_emmc(void **state)
{
	(void)state;
	make_disk("mmcblk0", "0", "0");
	write_word(path("devices/mmcblk0", "device/type"), "SD");
	make_disk("mmcblk1", "0", "0");
	write_word(path("devices/mmcblk1", "device/type"), "MMC");
	number(1, "mmcblk0");
	number(2, "mmcblk1");
	is(1, DISK_CARD, "mmcblk0");
	is(2, DISK_EMMC, "mmcblk1");
	assert_true(disk_is_frail(&(struct disk){ .kind = DISK_CARD }));
	assert_true(disk_is_frail(&(struct disk){ .kind = DISK_REMOVABLE }));
	assert_false(disk_is_frail(&(struct disk){ .kind = DISK_EMMC }));
	assert_false(disk_is_frail(&(struct disk){ .kind = DISK_UNKNOWN }));
}

static void a_partition_is_its_disk(void **state)
{
	(void)state;
	make_disk("mmcblk0", "0", "0");
	write_word(path("devices/mmcblk0", "device/type"), "SD");
	write_word(path("devices/mmcblk0/mmcblk0p2", "partition"), "2");
	number(2, "mmcblk0/mmcblk0p2");
	is(2, DISK_CARD, "mmcblk0");
}

static void a_mapped_disk_is_the_worst_of_what_it_lies_on(void **state)
{
	(void)state;
	make_disk("nvme0n1", "0", "0");
	make_disk("mmcblk0", "0", "0");
	write_word(path("devices/mmcblk0", "device/type"), "SD");
	write_word(path("devices/mmcblk0/mmcblk0p2", "partition"), "2");
	make_disk("dm-0", "0", "0");
	(void)path("devices/dm-0", "slaves/");
	assert_int_equal(symlink("../../nvme0n1", path("devices/dm-0", "slaves/nvme0n1")), 0);
	assert_int_equal(
		symlink("../../mmcblk0/mmcblk0p2", path("devices/dm-0", "slaves/mmcblk0p2")), 0);
	number(9, "dm-0");
	is(9, DISK_CARD, "mmcblk0");
}

static void disks_that_lie_on_each_other_are_not_followed_for_ever(void **state)
{
	(void)state;
	make_disk("dm-0", "0", "0");
	make_disk("dm-1", "0", "0");
	(void)path("devices/dm-0", "slaves/");
	(void)path("devices/dm-1", "slaves/");
	assert_int_equal(symlink("../../dm-1", path("devices/dm-0", "slaves/dm-1")), 0);
	assert_int_equal(symlink("../../dm-0", path("devices/dm-1", "slaves/dm-0")), 0);
	number(1, "dm-0");
	(void)find(1);
}

static void what_does_not_tell_is_unknown(void **state)
{
	(void)state;
	is(7, DISK_UNKNOWN, ""); /* btrfs, tmpfs: no such device */
	make_disk("loop0", "0", "0");
	number(8, "loop0");
	is(8, DISK_UNKNOWN, "loop0");
}

static void file_systems_are_local_or_not(void **state)
{
	const char *name;

	(void)state;
	assert_int_equal(disk_system_of(0xEF53, &name), SYSTEM_LOCAL);
	assert_string_equal(name, "ext4");
	assert_int_equal(disk_system_of(0x6969, &name), SYSTEM_REMOTE);
	assert_int_equal(disk_system_of(0xFF534D42, &name), SYSTEM_REMOTE);
	assert_int_equal(disk_system_of(0x01021994, &name), SYSTEM_MEMORY);
	assert_int_equal(disk_system_of(0x4D44, &name), SYSTEM_PLAIN);
	assert_int_equal(disk_system_of(0x12345, &name), SYSTEM_LOCAL);
	assert_non_null(strstr(name, "unknown"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SYS_TEST(disks_say_whether_they_turn),
		SYS_TEST(a_card_is_told_from_an_emmc),
		SYS_TEST(a_partition_is_its_disk),
		SYS_TEST(a_mapped_disk_is_the_worst_of_what_it_lies_on),
		SYS_TEST(disks_that_lie_on_each_other_are_not_followed_for_ever),
		SYS_TEST(what_does_not_tell_is_unknown),
		cmocka_unit_test(file_systems_are_local_or_not),
	};

	return TEST_RUN(tests);
}
