/* doctor.h -- the checks of `espcap doctor`: what each looks at, and how findings are told. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DOCTOR_H
#define ESPCAP_DOCTOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "buf.h"
#include "doctor_disk.h"
#include "node_url.h"
#include "spool.h"

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor {
	bool json;
	enum doctor_state worst;
	struct buf lines; /* of --json, until the end */
};

/* One check: its name, what was found, and what to do ("" when nothing is). */
void doctor_say(struct doctor *d, enum doctor_state state, const char *name, const char *action,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* May this user open a packet socket? Which interfaces are up? sys: "/sys". */
void doctor_capture(struct doctor *d, bool capture_runs, const char *sys);

/* Is the clock set by somebody (adjtimex)? */
void doctor_clock(struct doctor *d);

/* File system, free space, device, locks, losses, and what is written a day. dir need not be a spool
 * yet. Does espcap-capture run on it? */
bool doctor_spool(struct doctor *d, const char *dir, const char *sys);

/* Is it Elasticsearch or OpenSearch that answers? Asks as espcap-ship does, without a user. */
void doctor_node(struct doctor *d, const struct node_url *url);

#endif
