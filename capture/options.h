/* options.h -- what the options of espcap-capture mean together. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OPTIONS_H
#define ESPCAP_OPTIONS_H

#include "conf.h"
#include "err.h"
#include "source.h"
#include "workers.h"

/* Which exclude each other, and which are missing: ERR_USAGE with a sentence. */
int options_check(const struct conf *c, struct err_detail *why) ERR_WARN_UNUSED;

/* The filter, NULL for none; valid as long as c and *owned, which the caller frees. */
int options_filter(const struct conf *c, const char **filter, char **owned,
	struct err_detail *why) ERR_WARN_UNUSED;

enum schema options_schema(const struct conf *c);

/* A maker, without documents if --format article leaves them out. What is there after an error is
 * freed as usual. */
int options_maker(const struct conf *c, const char *name, struct maker *out,
	struct err_detail *why) ERR_WARN_UNUSED;

/* Before a spool is made for nothing: can one of the files be opened, and does the filter fit it? If
 * not, all but the last of the sentences are logged. */
int options_try_files(const struct conf *c, const struct source_conf *how,
	struct err_detail *why) ERR_WARN_UNUSED;

#endif
