/* sink_file.h -- documents into a file, or into one file after the other. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SINK_FILE_H
#define ESPCAP_SINK_FILE_H

#include "sink.h"
#include "spool.h"

struct sink_file_conf {
	const char *path;
	unsigned form; /* enum batch_form */
	bool gzip;
	/* 0: no rotation by it. With either, files have names of their own (out_name.h). */
	int64_t rotate_bytes, rotate_ms;
};

/* The spool remembers how far the file is durable (out_state.h). ERR_CONFIG, ERR_SPOOL_LOCKED with a
 * sentence; a disk that is full, read-only or broken is no error, but waited for. */
int sink_file_open(struct ship *ship, const struct spool *spool, const struct sink_file_conf *conf,
	struct sink **out, struct err_detail *why) ERR_WARN_UNUSED;

#endif
