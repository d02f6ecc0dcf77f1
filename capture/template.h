/* template.h -- index templates and the JSON Schema of documents, made from the field tables. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEMPLATE_H
#define ESPCAP_TEMPLATE_H

#include "buf.h"
#include "decode.h"

/* What the server can do with `layers`, whose names are prefixes of each other (tcp.flags and
 * tcp.flags.syn). */
enum template_layers {
	TEMPLATE_TYPED,       /* subobjects:false, each field with its type: Elasticsearch 8.3 on */
	TEMPLATE_FLATTENED,   /* Elasticsearch before that */
	TEMPLATE_FLAT_OBJECT, /* OpenSearch */
	TEMPLATE_KINDS
};

/* Raised with every release that changes a mapping: servers keep it as the template's version. */
enum { TEMPLATE_VERSION = 101, TEMPLATE_TEXT_MAX = 4 << 20 };

/* Composable index templates for packet documents, events (loss documents), and lite documents.
 * index_patterns are the defaults. ERR_NOMEM, ERR_TOO_BIG. */
int template_packets(const struct decoder *decoder, enum template_layers layers,
	struct buf *out) ERR_WARN_UNUSED;
int template_events(struct buf *out) ERR_WARN_UNUSED;
int template_lite(struct buf *out) ERR_WARN_UNUSED;

/* JSON Schema (draft 7) of a document of any schema and of loss documents, as capture prints them and
 * as ship sends them; refuses unknown keys. template_schema.c. */
int template_json_schema(const struct decoder *decoder, struct buf *out) ERR_WARN_UNUSED;

#endif
