/* segment_birth.h -- the birth record: the first value of a segment, from which a chain goes on. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SEGMENT_BIRTH_H
#define ESPCAP_SEGMENT_BIRTH_H

#include "bytes.h"
#include "segment.h"

/* Bytes that birth_pack() writes; it returns the same number. */
size_t birth_size(const struct segment_birth *b);
size_t birth_pack(const struct segment_birth *b, uint8_t *out);

/* The length that a birth record names whose first birth_size() bytes without places are at packed;
 * 0 when it is none. */
size_t birth_length(const void *packed, size_t n);

/* ERR_SEGMENT_DAMAGED, ERR_SPOOL_FORMAT for a newer version, ERR_NOMEM. *places is owned by the
 * caller and is what birth->places points to; on failure both are as they were. */
int birth_unpack(
	struct bytes b, struct segment_birth *birth, struct segment_place **places) ERR_WARN_UNUSED;

#endif
