/* sink.h -- where documents go: the spool, or standard output. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SINK_H
#define ESPCAP_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "document.h"
#include "err.h"
#include "frame.h"
#include "writer.h"

/* Where a record stands in its capture file (source_identity()), for --resume. 0: no file. */
struct sink_place {
	uint64_t file, number;
};

/* One document: begin() gives memory for DOCUMENT_ROOM + 1 bytes, or NULL when the record is
 * dropped (the sink has counted it) or can never be stored (then failed() says why); end() takes
 * len bytes of it, newline not included, or 0 for none after all. Packet thread only. */
struct sink {
	char *(*begin)(struct sink *sink, struct sink_place place);
	void (*end)(struct sink *sink, size_t len, int64_t time_ns, struct sink_place place);
	/* Lines of documents that are made elsewhere, newlines included; NULL: they need places. */
	void (*block)(struct sink *sink, const char *lines, size_t len);
	/* Called when nothing comes for a moment: hand on what is held. */
	void (*idle)(struct sink *sink);
	/* 0, or why nothing more can be stored. */
	int (*failed)(struct sink *sink, struct err_detail *why);
	/* Stores all that is held; then the sink is gone. 0, or why not. A spool leaves its last
	 * numbers in *last, if that is set. */
	int (*close)(struct sink *sink, struct err_detail *why);
	struct writer_status *last;
};

int sink_stdout_open(struct sink **out, struct err_detail *why) ERR_WARN_UNUSED;

/* Takes the writer: close() closes it. kind: that of the documents. */
int sink_spool_open(struct writer *writer, enum frame_kind kind, struct sink **out,
	struct err_detail *why) ERR_WARN_UNUSED;

#endif
