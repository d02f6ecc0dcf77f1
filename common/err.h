/* err.h -- the errors of espcap, from one list. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_ERR_H
#define ESPCAP_ERR_H

/* Functions that can fail return 0 or one of these negative numbers. Codes of the system, LMDB,
 * libuv and curl are translated where they arise; what a person needs to know beside the code
 * goes into a struct err_detail. */
enum err_row {
	ERR_ROW_OK,
#define X(name, text) ERR_ROW_##name,
#include "err.def"
#undef X
};

enum err {
	ERR_OK = 0,
#define X(name, text) ERR_##name = -ERR_ROW_##name,
#include "err.def"
#undef X
};

/* One sentence for a person: what failed, on what, and what to do. */
struct err_detail {
	char text[512];
};

#define ERR_WARN_UNUSED __attribute__((warn_unused_result))

/* The name ("SPOOL_FULL") and text of an error. Static strings, never NULL. */
const char *err_name(int err);
const char *err_text(int err);

/* Writes the sentence (cut at the size of the buffer) and returns err, so that a function can
 * `return err_set(why, ERR_CONFIG, ...)`. why may be NULL. errno is kept. */
int err_set(struct err_detail *why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
