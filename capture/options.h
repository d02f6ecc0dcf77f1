/* options.h -- what the options of espcap-capture mean together. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OPTIONS_H
#define ESPCAP_OPTIONS_H

#include "conf.h"
#include "err.h"
#include "feed.h"

/* Which exclude each other, and which are missing: ERR_USAGE with a sentence. */
int options_check(const struct conf *c, struct err_detail *why) ERR_WARN_UNUSED;

/* The filter, NULL for none; valid as long as c and *owned, which the caller frees. */
int options_filter(const struct conf *c, const char **filter, char **owned,
	struct err_detail *why) ERR_WARN_UNUSED;

enum schema options_schema(const struct conf *c);

/* Makes the feed's decoder, and its documents unless --format article leaves them out. */
int options_documents(const struct conf *c, struct feed *feed, const char *name,
	struct err_detail *why) ERR_WARN_UNUSED;

/* Before a spool is made for nothing: can one of the files be opened, and does the filter fit it? If
 * not, all but the last of the sentences are logged. */
int options_try_files(const struct conf *c, const struct source_conf *how,
	struct err_detail *why) ERR_WARN_UNUSED;

#endif
