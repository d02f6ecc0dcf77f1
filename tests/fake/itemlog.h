/* itemlog.h -- the log of what was stored and refused, written before the answer goes out. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_ITEMLOG_H
#define FAKE_ITEMLOG_H

#include "text.h"

struct itemlog {
	int fd; /* -1: no log is kept */
	struct text lines;
};

struct itemlog_line {
	uint64_t request, sha;
	struct view index, id;
	struct view document; /* n is 0: it is not logged */
	int64_t sequence;     /* -1: none */
	int status;
};

/* Ends the program when the file cannot be opened; `path` NULL keeps no log. */
void itemlog_open(struct itemlog *log, const char *path);
void itemlog_close(struct itemlog *log);
void itemlog_add(struct itemlog *log, const struct itemlog_line *line);
/* Hands all lines to the kernel. If it cannot the program ends, for no test could be judged. */
void itemlog_flush(struct itemlog *log);

#endif
