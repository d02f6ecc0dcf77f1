/* out_disk.h -- is the disk that a file was written to still mounted? */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OUT_DISK_H
#define ESPCAP_OUT_DISK_H

#include <stdbool.h>

#include "paths.h"

/* When a stick is pulled, the folder that it was mounted on is still there, empty, on the system's own
 * disk; whatever is written there fills that disk, and nobody carries it home. Another stick in the
 * place of the first is as good. */
struct out_disk {
	char mount[PATHS_MAX]; /* where it is mounted; "": the root, which does not go */
};

/* Remembers what disk a folder is on now. */
void out_disk_look(struct out_disk *d, const char *folder);

bool out_disk_is_there(const struct out_disk *d);

/* The folder of a path, "." for a bare name. */
void out_disk_folder(const char *path, char out[PATHS_MAX]);

#endif
