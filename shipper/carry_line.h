/* carry_line.h -- a line of a file that --out-file has written becomes a record again. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CARRY_LINE_H
#define ESPCAP_CARRY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dead.h"
#include "index_name.h"

/* A document with its members event.sequence and espcap.run in front, which give its _id; or an action
 * line that names _index and _id, and behind it the document. Both may be mixed, and come from any
 * sensors. The record is what the sensor's espcap-ship would have sent itself, under the same _id; its
 * index is the one that is named, else what the patterns make of it here. */
struct carry_lines {
	const struct index_patterns *patterns;
	bool waits; /* an action line was read: what it says is for the next line */
	uint64_t run, seq;
	char index[INDEX_NAME_MAX];
};

enum carry_line {
	CARRY_RECORD,
	CARRY_ACTION, /* the record is in the next line */
	CARRY_BLANK,
	CARRY_BAD, /* nobody can say which record it is; *why in words */
};

/* The line is changed where the members end. *record points into it and into c. */
enum carry_line carry_line_read(struct carry_lines *c, char *line, size_t len,
	struct dead_letter *record, const char **why);

#endif
