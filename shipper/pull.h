/* pull.h -- a strict reader of JSON that is taken apart from left to right. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PULL_H
#define ESPCAP_PULL_H

#include <stdbool.h>
#include <stddef.h>

/* Builds nothing, so a long answer costs no more memory than itself. Exactly the grammar of RFC
 * 8259, except that bytes within strings need not be UTF-8 (whoever writes them again repairs
 * that). Work in a straight line and ask once: after a mistake `bad` is set, and all that follows
 * gives nothing. */
struct pull {
	const char *p, *end;
	bool bad;
};

enum { PULL_DEPTH_MAX = 64 }; /* of values that are skipped */

struct pull pull_of(const char *text, size_t n);

/* True, and behind it, when the next character that is no blank is c. */
bool pull_take(struct pull *t, char c);

/* Members of an object or elements of an array, `close` being its closing bracket: true when one
 * more follows. *n counts them and starts with 0. Behind the opening bracket. */
bool pull_more(struct pull *t, char close, size_t *n);

/* A string, or a member's name with its colon. At most size - 1 bytes of it and a NUL stand in
 * `out`, cut between characters; U+0000 and lone surrogates become U+FFFD. */
void pull_string(struct pull *t, char *out, size_t size);
void pull_name(struct pull *t, char *out, size_t size);

/* Is the next value a string? */
bool pull_is_string(struct pull *t);

/* A number, however it is written. */
double pull_number(struct pull *t);

/* Any value. */
void pull_skip(struct pull *t);

/* Nothing but blanks is left, and there was no mistake. */
bool pull_done(struct pull *t);

#endif
