/* outcome.h -- event.outcome and error.*: what a message says became of an operation. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OUTCOME_H
#define ESPCAP_OUTCOME_H

#include "decode.h"

/* The rule stands in CONTRIBUTING.md. A packet with several messages speaks for the first of them
 * that tells an outcome: whatever comes later changes nothing. Text is static or in the packet. */

void outcome_success(struct packet *pkt);

/* The protocol's own code, and what it is called there; NULL: it has no name that we know. */
void outcome_failure(struct packet *pkt, uint64_t code, const char *name);

/* The same with the words of the message itself; either may be empty. */
void outcome_failure_words(struct packet *pkt, struct bytes code, struct bytes words);

/* A number and the words of the message, or name where there are none. */
void outcome_failure_said(struct packet *pkt, uint64_t code, struct bytes words, const char *name);

/* A code that is written in hexadecimal: "0x" and so many digits, 8 at most. */
void outcome_failure_hex(struct packet *pkt, uint32_t code, unsigned digits, const char *name);

/* A failure without a code. */
void outcome_failure_named(struct packet *pkt, const char *name);

static inline const char *outcome_name(const char *const *names, size_t count, uint64_t code)
{
	return code < count ? names[code] : NULL;
}

/* names[code], or NULL where the table ends before it or has a gap. */
#define NAME_OF(names, code) outcome_name(names, sizeof(names) / sizeof((names)[0]), code)

#endif
