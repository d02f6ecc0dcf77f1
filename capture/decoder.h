/* decoder.h -- what the walk finds its way by; for decode.c and decoder.c only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DECODER_H
#define ESPCAP_DECODER_H

#include "decode.h"

enum {
	BOUND_MAX = 2048,
	PROBES_MAX = 24, /* that may begin with the same byte */
};

/* One bind, or one proto that a probe names: everything the walk needs to enter the layer. */
struct bound {
	const struct proto *proto;
	const char *token;
	unsigned base;
	const struct proto_bind *bind;
};

/* Who may know a payload by its first byte: rows of bounds. What is asked is few, however many
 * decoders there are. */
struct probe_list {
	uint16_t count;
	uint16_t who[PROBES_MAX];
};

struct decoder {
	uint16_t *tables[BIND_TABLES]; /* number -> row of bounds, 0: nobody */
	struct bound bounds[BOUND_MAX];
	unsigned nbounds;
	struct probe_list *probes[BIND_TABLES]; /* by first byte; NULL: the table has none */
	struct bound frame;

	struct field_info info[FIELDS_MAX];
	const struct proto_field *rows[FIELDS_MAX];
	const struct proto *owners[FIELDS_MAX];
	size_t nfields;
	char *keys;
	size_t keys_len;

	struct decode_conf conf;
	struct packet pkt;
};

/* Numbers that each table holds. */
extern const uint32_t decoder_table_sizes[BIND_TABLES];

#endif
