/* source.h -- where frames come from: a capture file, standard input, or an interface. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SOURCE_H
#define ESPCAP_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "decode.h"
#include "err.h"

struct source_conf {
	const char *filter;      /* pcap-filter(7), NULL: none */
	int snaplen;             /* of a live capture; files keep what they hold, up to this */
	bool (*idle)(void *arg); /* before a read that waits, as in stream.h; NULL: none */
	void *idle_arg;
	const volatile bool *stop; /* set by a signal handler: source_next() then ends */
};

/* Counters of a live capture (pcap_stats(3)). */
struct source_counts {
	uint64_t received, dropped; /* dropped: by the kernel and by the interface together */
};

struct source;

/* "-" is standard input. ERR_INPUT, ERR_PERMISSION, ERR_USAGE (the filter) with a sentence. */
int source_open_file(const char *path, const struct source_conf *conf, struct source **out,
	struct err_detail *why) ERR_WARN_UNUSED;
int source_open_live(const char *nic, const struct source_conf *conf, struct source **out,
	struct err_detail *why) ERR_WARN_UNUSED;
void source_close(struct source *s);

/* The next frame that passes the filter. 0; ERR_END; ERR_AGAIN when nothing came for a tenth of a
 * second (live only); ERR_STOPPED; ERR_TRUNCATED or ERR_INPUT when the file ends in the middle of
 * a packet or is damaged, with a sentence (everything before was delivered).
 * f and what it points to are valid until the next call. */
int source_next(struct source *s, struct frame *f, struct err_detail *why) ERR_WARN_UNUSED;

/* A number for this very capture file, 0 for what is none (see stream_identity()). */
uint64_t source_identity(const struct source *s);

/* Frames that the filter did not let pass. */
uint64_t source_filtered(const struct source *s);

/* Bytes of the file read so far, and its size (0: not known). */
void source_progress(const struct source *s, uint64_t *done, uint64_t *size);

/* Live: false when the system does not tell. */
bool source_count(struct source *s, struct source_counts *counts);

/* The link type as LINKTYPE_ value; of a pcapng file that of its first interface, or -1 while none
 * is known. Its name for people. */
int source_linktype(const struct source *s);
const char *source_linktype_name(int linktype);

/* One interface a line. */
int source_list(FILE *out, struct err_detail *why);

#endif
