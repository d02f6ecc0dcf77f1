/* audit_ask.h -- questions to the nodes, through espcap-ship. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUDIT_ASK_H
#define ESPCAP_AUDIT_ASK_H

#include <sys/types.h>

#include "buf.h"
#include "child.h"

/* espcap-ship --ask (shipper/ask.h) as a child: it has options, TLS and credentials of shipping. */
struct audit_ask {
	pid_t pid;     /* 0: not running */
	int to, from;  /* pipes */
	struct buf in; /* what was read of its answers and is not used yet */
	size_t used;   /* of it */
	int code;      /* its exit code, once it has ended */
};

/* args: its command line. With a sentence. */
int audit_ask_start(
	struct audit_ask *a, struct child_args *args, struct err_detail *why) ERR_WARN_UNUSED;

/* The answer's status and body; for status 0 the body is a sentence. ERR_END: the child has ended,
 * has said why, and a->code is what it said with its exit; ERR_STOPPED: a signal came. */
int audit_ask(struct audit_ask *a, const char *method, const char *path, const struct buf *body,
	int *status, struct buf *answer) ERR_WARN_UNUSED;

void audit_ask_end(struct audit_ask *a);

/* From now on SIGINT and SIGTERM end what is asked with ERR_STOPPED. */
void audit_heed_signals(void);

#endif
