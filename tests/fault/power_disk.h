/* power_disk.h -- a disk that honours flushes, and what a power cut may leave on it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_POWER_DISK_H
#define ESPCAP_POWER_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "power_log.h"

/* What the disk promises, and no more:
 *   - what was written to a file is there after fsync or fdatasync of that file, and so is its size;
 *     a write through a synchronous descriptor is there when it returns, other writes to the file
 *     are not;
 *   - a name that was made, moved or removed is so after fsync of its folder; a move from one folder
 *     to another is so after fsync of either, and never half;
 *   - of the rest any part may be there: of a write any of its sectors of 512 bytes, with the size
 *     it gave to the file or without it; of the changes of a folder any beginning of their list, for
 *     each folder by itself, whatever its files have. A sector is there whole or not at all. */

enum { POWER_SECTOR = 512 };

struct power_node {
	uint64_t inode;
	bool folder;
	uint8_t *data; /* of a file */
	size_t size, room;
	struct power_name {
		char *name; /* borrowed */
		int node;
	} * names; /* of a folder */
	size_t count;
};

/* One step of the log, its names resolved. */
struct power_op {
	enum power_kind kind;
	int node;           /* the file, or the folder whose list changes */
	int node2;          /* the folder that a name moves to */
	int child;          /* what the name stands for */
	char *name, *name2; /* owned */
	uint64_t at;
	const uint8_t *data; /* borrowed from the log */
	size_t len;
	bool sync;
	uint32_t pid;
};

/* A tree of files; the root is node 0. `shared` nodes belong to another image. */
struct power_image {
	struct power_node *nodes;
	bool *shared;
	size_t count;
};

struct power_disk {
	struct power_op *ops;
	size_t nops;
	struct power_image start; /* before the first step */
	/* at the step that was reached: all that is durable, and steps above it */
	struct power_image durable;
	struct {
		size_t op;
		bool must; /* durable, but behind another one of the same file */
	} * pending;
	size_t npending, reached;
	uint64_t folded; /* a hash of the steps in `durable` */
	char *memory;    /* the log */
};

/* Reads a log. `start`: what lay below the root when it began, copied; NULL for nothing. Exits with
 * a message on a log that is none. */
void power_disk_open(struct power_disk *d, const char *log, const struct power_image *start);
void power_disk_close(struct power_disk *d);

/* Goes on to the moment before step `op`. Only forward. */
void power_disk_reach(struct power_disk *d, size_t op);

/* How the steps that are not durable come out: none, all, or by chance. */
enum power_choice { POWER_NONE, POWER_ALL, POWER_CHANCE };

/* The disk after a cut while the step that was reached is on its way; out may be NULL. The hash
 * stands for the steps that are there, however they came there. */
uint64_t power_disk_cut(const struct power_disk *d, enum power_choice choice, uint64_t seed,
	struct power_image *out);
void power_image_free(struct power_image *image);

/* Writes an image below a folder that is there. */
void power_image_write(const struct power_image *image, const char *folder);

/* What lies below a folder; NULL: an empty root. */
void power_image_load(struct power_image *image, const char *folder);

/* Does a folder hold exactly the image? Says where not. */
bool power_image_same(const struct power_image *image, const char *folder);

void power_remove_tree(const char *folder);

/* Is a step one that changes the disk? */
bool power_op_changes(const struct power_op *op);

/* Random numbers that depend on nothing but their seed. */
uint64_t power_random(uint64_t *state);

#endif
