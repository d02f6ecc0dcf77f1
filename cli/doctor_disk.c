/* doctor_disk.c -- what a folder lies on: kind of file system, kind of device. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_disk.h"

#include <dirent.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { WORD = 32, LEVELS_MAX = 4 }; /* dm on md on a partition is three */

/* The first word of a small file of sysfs, "" when there is none. */
static void read_word(char out[WORD], const char *folder, const char *name)
{
	char path[PATH_MAX];
	FILE *f;

	out[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return;
	f = fopen(path, "re");
	if (f && fscanf(f, "%31s", out) != 1)
		out[0] = '\0';
	if (f)
		(void)fclose(f);
}

static bool exists(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
	       stat(path, &st) == 0;
}

static enum disk_kind kind_of(const char *folder, const char *name)
{
	char word[WORD];

	if (strncmp(name, "mmcblk", 6) == 0) {
		read_word(word, folder, "device/type");
		return strcmp(word, "SD") == 0 ? DISK_CARD : DISK_EMMC;
	}
	read_word(word, folder, "removable");
	if (strcmp(word, "1") == 0)
		return DISK_REMOVABLE;
	read_word(word, folder, "queue/rotational");
	if (!*word || strncmp(name, "loop", 4) == 0)
		return DISK_UNKNOWN;
	return strcmp(word, "1") == 0 ? DISK_ROTATING : DISK_SOLID;
}

static struct disk look(const char *folder, unsigned level);

/* The worst of the devices that a dm or md device lies on. */
static struct disk look_below(const char *folder, unsigned level)
{
	struct disk worst = { .kind = DISK_UNKNOWN };
	char path[PATH_MAX], below[PATH_MAX];
	const struct dirent *entry;

	if (snprintf(path, sizeof(path), "%s/slaves", folder) >= (int)sizeof(path))
		return worst;
	DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || snprintf(below, sizeof(below), "%s/%s", path,
						       entry->d_name) >= (int)sizeof(below))
			continue;
		struct disk disk = look(below, level + 1);
		if (disk.kind > worst.kind)
			worst = disk;
	}
	if (dir)
		(void)closedir(dir);
	return worst;
}

/* folder: a device of sysfs, or a link to one. */
static struct disk look(const char *folder, unsigned level)
{
	struct disk disk = { .kind = DISK_UNKNOWN };
	char *real = level < LEVELS_MAX ? realpath(folder, NULL) : NULL;

	if (!real)
		return disk;
	char *slash = strrchr(real, '/');
	if (exists(real, "partition") && slash) {
		*slash = '\0'; /* the device around it */
		slash = strrchr(real, '/');
	}
	disk = look_below(real, level);
	if (disk.kind == DISK_UNKNOWN && slash) {
		(void)snprintf(disk.name, sizeof(disk.name), "%s", slash + 1);
		disk.kind = kind_of(real, disk.name);
	}
	free(real);
	return disk;
}

struct disk disk_of(const char *sys, dev_t dev)
{
	char folder[PATH_MAX];

	if (snprintf(folder, sizeof(folder), "%s/dev/block/%u:%u", sys, major(dev), minor(dev)) >=
		(int)sizeof(folder))
		return (struct disk){ .kind = DISK_UNKNOWN };
	return look(folder, 0);
}

bool disk_is_frail(const struct disk *disk)
{
	return disk->kind == DISK_CARD || disk->kind == DISK_REMOVABLE;
}

const char *disk_kind_name(enum disk_kind kind)
{
	static const char *const names[] = { [DISK_UNKNOWN] =
						     "a device that does not tell its kind",
		[DISK_SOLID] = "a solid-state disk",
		[DISK_ROTATING] = "a rotating disk, or a virtual one",
		[DISK_EMMC] = "an eMMC",
		[DISK_CARD] = "a memory card",
		[DISK_REMOVABLE] = "a removable disk" };

	return names[kind];
}

enum disk_system disk_system_of(unsigned long magic, const char **name)
{
	static const struct {
		unsigned long magic;
		enum disk_system system;
		const char *name;
	} known[] = {
		{ 0xEF53, SYSTEM_LOCAL, "ext4" },
		{ 0x58465342, SYSTEM_LOCAL, "xfs" },
		{ 0x9123683E, SYSTEM_LOCAL, "btrfs" },
		{ 0xF2F52010, SYSTEM_LOCAL, "f2fs" },
		{ 0x2FC12FC1, SYSTEM_LOCAL, "zfs" },
		{ 0x24051905, SYSTEM_LOCAL, "ubifs" },
		{ 0x3434, SYSTEM_LOCAL, "nilfs" },
		{ 0x794C7630, SYSTEM_LOCAL, "overlay" },
		{ 0x01021994, SYSTEM_MEMORY, "tmpfs" },
		{ 0x858458F6, SYSTEM_MEMORY, "ramfs" },
		{ 0x6969, SYSTEM_REMOTE, "NFS" },
		{ 0xFF534D42, SYSTEM_REMOTE, "CIFS" },
		{ 0xFE534D42, SYSTEM_REMOTE, "SMB" },
		{ 0x517B, SYSTEM_REMOTE, "SMB" },
		{ 0x01021997, SYSTEM_REMOTE, "9p" },
		{ 0x65735546, SYSTEM_REMOTE, "FUSE" },
		{ 0x00C36400, SYSTEM_REMOTE, "Ceph" },
		{ 0x5346414F, SYSTEM_REMOTE, "AFS" },
		{ 0x47504653, SYSTEM_REMOTE, "GPFS" },
		{ 0x4D44, SYSTEM_PLAIN, "FAT" },
		{ 0x2011BAB0, SYSTEM_PLAIN, "exFAT" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].magic != magic)
			continue;
		*name = known[i].name;
		return known[i].system;
	}
	*name = "a file system unknown to espcap";
	return SYSTEM_LOCAL;
}
