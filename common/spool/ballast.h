/* ballast.h -- 1 MiB of the disk, kept for the moment when there is none left. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BALLAST_H
#define ESPCAP_BALLAST_H

/* A file of the spool's folder. Segments never take its place: they reserve far more, or nothing. So
 * what it gives back is there for small files: locks, ack, first, losses, pattern. */

/* Makes it where there is room; it is no error when there is none. */
void ballast_make(const char *dir);

/* Gives it back when the disk has hardly a block or no inode left, and makes it again when there is
 * plenty. For who holds capture.lock or ship.lock: at the start, and now and then. */
void ballast_tend(const char *dir);

#endif
