/* document_internal.h -- what is made once for all documents; for document.c and document_new.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DOCUMENT_INTERNAL_H
#define ESPCAP_DOCUMENT_INTERNAL_H

#include "buf.h"
#include "community.h"
#include "document.h"
#include "json.h"
#include "print.h"

enum { DOCUMENT_ANOMALY_MAX = 160, DOCUMENT_TUNNEL_MAX = 256 /* one of them as JSON */ };

struct document {
	struct decoder *decoder;
	const struct field_info *info;
	enum schema schema;
	struct printer printer;
	struct community *community;
	struct buf constants;
	struct value leads[ECS_COUNT]; /* JSON of the LEAD rows and of labels and tags */
	struct value event_info;       /* the other lead of event: no application layer */
	uint64_t always[ECS_WORDS];
	/* everything up to the lead of event, by whether there is an application layer, and from there
	 * to the lead of observer: each in one piece, where no row in the midst of it is set */
	struct value fronts[2], front_end;
	char anomalies[PKT_ANOMALIES_MAX * DOCUMENT_ANOMALY_MAX + JSON_SLACK];
	char tunnels[PKT_TUNNELS_MAX * DOCUMENT_TUNNEL_MAX + JSON_SLACK];
	struct ecs_print print[ECS_COUNT], objects[ECS_COUNT * ECS_DEPTH_MAX];
};

#endif
