/* identity.h -- SPOOL: which spool it is, and on what machine it was made. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IDENTITY_H
#define ESPCAP_IDENTITY_H

#include <stdint.h>

#include "err.h"

/* Text, a line each: version, epoch, word size, byte order, page size, and a CRC32C of them. */
int identity_write(const char *dir, uint64_t epoch, struct err_detail *why) ERR_WARN_UNUSED;

/* ERR_SPOOL_MISSING when there is no SPOOL; ERR_SPOOL_DAMAGED; ERR_SPOOL_FORMAT for a newer version
 * or another machine; ERR_PERMISSION, ERR_SPOOL_IO. */
int identity_read(const char *dir, uint64_t *epoch, struct err_detail *why) ERR_WARN_UNUSED;

/* The same of the file's text; dir is for the sentence. */
int identity_parse(
	const char *dir, const char *text, uint64_t *epoch, struct err_detail *why) ERR_WARN_UNUSED;

/* The epoch that most of the segments name. ERR_SPOOL_DAMAGED when none can be read. */
int identity_recover(const char *dir, uint64_t *epoch) ERR_WARN_UNUSED;

#endif
