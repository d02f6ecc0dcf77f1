/* es.h -- the endpoints of Elasticsearch that a shipper and its tests need. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_ES_H
#define FAKE_ES_H

#include "server.h"

/* Each fills in x->reply. */
void es_root(struct exchange *x);
void es_health(struct exchange *x);
void es_nodes(struct exchange *x);
void es_count(struct exchange *x);
void es_refresh(struct exchange *x);
void es_bulk(struct exchange *x);
void template_any(struct exchange *x);

/* Answers with the tree in the shape the query asks for, and takes it. */
void es_json(struct exchange *x, cJSON *tree);

#endif
