/* power_image.h -- trees of files in memory, and on the disk again. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_POWER_IMAGE_H
#define ESPCAP_POWER_IMAGE_H

#include "power_disk.h"

/* The sectors of one write that reached the disk, counted from that of its first byte. */
struct power_tear {
	bool there[8192];
	bool whole_size; /* the file is as long as the write made it, though sectors are missing */
};

void power_image_copy(struct power_image *out, const struct power_image *image);

/* The same nodes, each copied before it changes. Valid while the other one stands still. */
void power_image_share(struct power_image *out, const struct power_image *image);

/* A node without a name. */
int power_image_add(struct power_image *image, uint64_t inode, bool folder);

void power_image_apply(
	struct power_image *image, const struct power_op *op, const struct power_tear *tear);

/* Of a path below the root, of a name in a folder; -1: none. */
int power_image_index(const struct power_image *image, const char *path);
int power_image_child(const struct power_image *image, int folder, const char *name);

/* All of a file, owned, with a NUL behind it; NULL when it cannot be read. */
char *power_read_file(const char *path, size_t *size);

#endif
