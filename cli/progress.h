/* progress.h -- what the one-shot shows on a terminal, and the numbers behind it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CLI_PROGRESS_H
#define ESPCAP_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	/* from espcap-capture */
	uint64_t packets, documents, dropped, skipped, done, size;
	/* from espcap-ship */
	uint64_t indexed, already_there, dead, lost, backlog;
	bool shipping; /* at least one line came from espcap-ship */
	char trouble[256];
	bool terminal;
	int64_t start_ms, shown_ms;
	int width; /* of the line shown last */
};

void progress_init(struct progress *p);

/* Lines of the children's --report-fd. */
void progress_capture(void *progress, const char *line);
void progress_ship(void *progress, const char *line);

/* Draws the one line anew, at most five times a second; nothing without a terminal. */
void progress_show(struct progress *p, bool capturing);
void progress_clear(struct progress *p);

/* The last words, on standard output; `settled`: nothing waits in the spool. */
void progress_summary(const struct progress *p, bool settled);

#endif
