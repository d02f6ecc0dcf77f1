/* audit_node.h -- what the centre holds: runs, counts, loss documents. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUDIT_NODE_H
#define ESPCAP_AUDIT_NODE_H

#include <stdbool.h>

#include "audit_ask.h"
#include "audit_facts.h"
#include "loss.h"
#include "record_id.h"

enum { AUDIT_INDICES_MAX = 3000, AUDIT_TIME_MAX = 40, AUDIT_DATASET_MAX = 64 };

/* Every function but the first: 0, ERR_STOPPED, or an error with a sentence in node->why; ERR_END:
 * espcap-ship has said why itself, and ended. Every answer is of whole indices: one that is partial
 * or timed out is an error. */
struct audit_node {
	struct audit_ask ask;
	char indices[AUDIT_INDICES_MAX]; /* patterns, separated by commas */
	struct buf body, answer;
	bool refresh_refused;
	struct err_detail why;
};

void audit_node_init(struct audit_node *node);
void audit_node_done(struct audit_node *node);

/* Is it Elasticsearch or OpenSearch? */
int audit_node_greet(struct audit_node *node) ERR_WARN_UNUSED;

/* So that searches find everything that was stored before. Without leave to: refresh_refused. */
int audit_node_refresh(struct audit_node *node) ERR_WARN_UNUSED;

/* Calls each with the runs that documents name, a page at a time. `alien`: documents whose
 * espcap.run espcap never wrote. */
int audit_node_runs(struct audit_node *node, int (*each)(void *arg, uint64_t run), void *arg,
	uint64_t *alien) ERR_WARN_UNUSED;

/* First and last number of a run, and what these two documents say. No documents: range.first 0. */
struct audit_ends {
	uint64_t run;
	struct audit_range range;
	char host[AUDIT_HOST_MAX], begin[AUDIT_TIME_MAX], end[AUDIT_TIME_MAX];
	bool packets; /* at least one of them is no document of losses or clocks */
};
enum { AUDIT_ENDS_MAX = 50 };
int audit_node_ends(struct audit_node *node, struct audit_ends *ends, size_t n) ERR_WARN_UNUSED;

/* The counter of one run: arg is a struct audit_counting. */
struct audit_counting {
	struct audit_node *node;
	uint64_t run;
};
struct audit_counter audit_node_counter(struct audit_counting *counting);

/* Where a number's documents are: "INDEX/ID" of at most max of them. */
enum { AUDIT_WHERE_MAX = 320 };
int audit_node_where(struct audit_node *node, uint64_t run, uint64_t seq,
	char (*where)[AUDIT_WHERE_MAX], size_t max, size_t *n) ERR_WARN_UNUSED;

/* Every loss document, once. */
struct audit_loss {
	char host[AUDIT_HOST_MAX];
	uint64_t run, seq;
	struct loss loss;
};
int audit_node_losses(struct audit_node *node,
	int (*each)(void *arg, const struct audit_loss *loss), void *arg) ERR_WARN_UNUSED;

/* Documents that carry no run or no number; documents of schema lite. */
int audit_node_unnumbered(
	struct audit_node *node, uint64_t *unnumbered, uint64_t *lite) ERR_WARN_UNUSED;

#endif
