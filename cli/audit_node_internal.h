/* audit_node_internal.h -- what audit_node.c and audit_search.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUDIT_NODE_INTERNAL_H
#define ESPCAP_AUDIT_NODE_INTERNAL_H

#include <cjson/cJSON.h>

#include "audit_node.h"

/* Members of an answer; NULL when they are not there or are something else. */
const cJSON *audit_get(const cJSON *object, const char *key);
const char *audit_text(const cJSON *object, const char *key);

/* A number of documents. False: it is none, or more than a double can tell exactly. */
bool audit_count(const cJSON *item, uint64_t *n);

/* A number as text; the text of a run. */
bool audit_parse_number(const char *text, uint64_t *n);
bool audit_parse_run(const char *text, uint64_t *run);

/* Of an answer to one search: its hits, how many there are in all, the first value of a hit's field
 * as text. */
const cJSON *audit_hits(const cJSON *answer);
bool audit_total(const cJSON *answer, uint64_t *n);
const char *audit_field(const cJSON *hit, const char *name);

/* Copies what a terminal can be shown; NULL is "". */
void audit_take_text(char *out, size_t size, const char *text);

/* ERR_INPUT, with a sentence. */
int audit_nonsense(struct audit_node *node);

/* Sends node->body to _search of these indices. *answer is whole, checked, and the caller's. */
int audit_search(struct audit_node *node, const char *indices, cJSON **answer);

/* As audit_node_refresh(), of these indices. */
int audit_refresh(struct audit_node *node, const char *indices, bool *refused);

/* Many searches in one request: begin; next and one line of body for each; then send. */
void audit_msearch_begin(struct audit_node *node);
void audit_msearch_next(struct audit_node *node);
int audit_msearch(struct audit_node *node, size_t n, cJSON **answer);

#endif
