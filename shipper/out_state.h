/* out_state.h -- how far the file of --out-file is durable, as the spool remembers it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OUT_STATE_H
#define ESPCAP_OUT_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "slots.h"
#include "spool.h"

/* SPOOL/out, two slots. It is written before each ack whose records lie in the file, so what it calls
 * durable is never less than what is acknowledged: all that lies behind is sent again after a kill, and
 * may be cut when it is torn. The file's number is here, too, so that it is never used again, also on a
 * new and empty disk.
 *
 *   0 number | 8 end | 16 crc32c of the OUT_STATE_MARK bytes before end | 20 length of the path | path */
enum { OUT_STATE_MARK = 64 };

struct out_state {
	struct slots
		slots;   /* closed when the spool's disk would not have it; then nothing is kept */
	uint64_t number; /* of the last rotated file that holds anything */
	off_t end;
	uint32_t mark;
	char path[PATHS_MAX]; /* of the open file, "" for none */
	bool changed;
};

void out_state_open(struct out_state *s, const struct spool *spool);
void out_state_close(struct out_state *s);

/* After a durable step. */
void out_state_set(struct out_state *s, const char *path, off_t end);

/* Writes what has changed, durably; fd: the open file, or -1. An error costs no more than what the
 * state is for. */
void out_state_write(struct out_state *s, int fd);

/* How much of a file is durable for certain, or -1: it is another file, or nothing is known. */
off_t out_state_durable(const struct out_state *s, const char *path, int fd);

#endif
