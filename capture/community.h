/* community.h -- Community ID v1 of a flow, computed once per flow. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_COMMUNITY_H
#define ESPCAP_COMMUNITY_H

#include <stdbool.h>
#include <stdint.h>

#include "decode.h"
#include "err.h"

/* "1:" and 28 characters of base64. */
enum { COMMUNITY_LEN = 30 };

/* False when the flow has none: no addresses, a later fragment, TCP, UDP, SCTP or ICMP whose header
 * was cut. The definition is that of the Community ID specification, version 1, seed 0. */
bool community_compute(const struct flow *flow, char out[COMMUNITY_LEN]);

/* Remembers the ids of recent flows in a table of fixed size (about 1 MiB). */
struct community;
int community_new(struct community **out) ERR_WARN_UNUSED;
void community_free(struct community *c);

/* The id of this flow will be asked for soon: its place is fetched from memory meanwhile. */
void community_expect(const struct community *c, const struct flow *flow);

/* As community_compute(); NULL for none. Valid until the next call. */
const char *community_of(struct community *c, const struct flow *flow);

#endif
