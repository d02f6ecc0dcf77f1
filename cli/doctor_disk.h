/* doctor_disk.h -- what a folder lies on: kind of file system, kind of device. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DOCTOR_DISK_H
#define ESPCAP_DOCTOR_DISK_H

#include <stdbool.h>
#include <sys/types.h>

enum disk_kind {
	DISK_UNKNOWN, /* no block device behind it, or one that does not tell */
	DISK_SOLID,
	DISK_ROTATING,
	DISK_EMMC,
	DISK_CARD,      /* SD */
	DISK_REMOVABLE, /* a USB stick or a card in a reader */
};

struct disk {
	enum disk_kind kind;
	char name[64]; /* "mmcblk0", of the whole device; "" when unknown */
};

/* From sys/dev/block/MAJOR:MINOR; of a partition its device, of a dm or md device the worst of what
 * it lies on. sys: "/sys", or a test's. */
struct disk disk_of(const char *sys, dev_t dev);

/* Does it wear out soon under small writes? */
bool disk_is_frail(const struct disk *disk);
const char *disk_kind_name(enum disk_kind kind);

/* By statfs's magic number. */
enum disk_system { SYSTEM_LOCAL, SYSTEM_MEMORY, SYSTEM_REMOTE, SYSTEM_PLAIN /* no journal: FAT */ };
enum disk_system disk_system_of(unsigned long magic, const char **name);

#endif
