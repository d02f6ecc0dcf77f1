/* record_id.h -- the `_id` of a record: run and sequence as text that sorts. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_RECORD_ID_H
#define ESPCAP_RECORD_ID_H

#include <stdint.h>

#include "err.h"

/* Thirteen characters of lower-case base32hex (RFC 4648, section 7) for each number, most
 * significant first and without padding: as text they sort like the numbers. */
enum { RECORD_ID_PART = 13, RECORD_ID_LEN = 26 };

void record_id_part(uint64_t number, char out[RECORD_ID_PART]);
void record_id_write(uint64_t run, uint64_t seq, char out[RECORD_ID_LEN]);

/* ERR_INPUT when s does not begin with an id in exactly this form. */
int record_id_parse(const char *s, uint64_t *run, uint64_t *seq);

#endif
