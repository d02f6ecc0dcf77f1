/* denied.h -- what to tell people when a file or folder of the spool cannot be used. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DENIED_H
#define ESPCAP_DENIED_H

#include "err.h"

/* "cannot DO PATH: " and the text of errno, with ERR_SPOOL_IO. If errno is about permission, or the
 * disk is read-only, with ERR_PERMISSION; of the former the sentence goes on with whose it is (or whose the nearest folder above is that
 * can be looked at), its mode, and who we are. `what` is a verb with words behind it, as "open". */
int denied_set(struct err_detail *why, const char *what, const char *path);

#endif
