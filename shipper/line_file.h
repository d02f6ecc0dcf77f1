/* line_file.h -- the lines of a file, plain or gzip, one after the other. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LINE_FILE_H
#define ESPCAP_LINE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Memory does not depend on the file. Whether it is gzip is told by its first bytes. */
enum { LINE_FILE_MAX = (1 << 20) + (64 << 10) }; /* bytes of a line; a longer one is only counted */

struct line {
	char *text; /* without its newline; writable, valid until the next call */
	size_t len;
	uint64_t at, end; /* bytes of text before it, and up to behind its newline */
	uint64_t number;  /* from 1 */
	bool torn;        /* the file ends without a newline */
	bool long_one;    /* text has only the beginning */
};

struct line_file;

/* Reads from where the descriptor stands, which it closes in the end. waits: it is no regular file,
 * so that there may be nothing to read yet. ERR_NOMEM. */
int line_file_new(int fd, bool waits, struct line_file **out) ERR_WARN_UNUSED;
void line_file_free(struct line_file *f);

/* Before the first line_file_next(): what is read first stands at this place of the text. */
void line_file_begin_at(struct line_file *f, uint64_t at, uint64_t number);

/* ERR_END; ERR_AGAIN: nothing to read now; ERR_SYS: a read failed, with errno; ERR_TRUNCATED: it ends
 * inside a member of gzip; ERR_INPUT: gzip that is damaged. After the latter two the lines go on
 * behind what is missing, if there are any. */
int line_file_next(struct line_file *f, struct line *line) ERR_WARN_UNUSED;

#endif
