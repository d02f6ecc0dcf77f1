/* line.h -- lines and words of text protocols. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LINE_H
#define ESPCAP_LINE_H

#include "bytes.h"

struct line {
	struct bytes text; /* without the line end */
	bool ended;        /* by LF; one that is not is cut */
};

/* The next line; a CR before its LF is no part of it. False at the end. */
bool line_next(struct bytes *b, struct line *line);

/* Up to the next byte `stop`, or all that is left; b moves behind it and stays ok. */
struct bytes line_until(struct bytes *b, uint8_t stop);

/* Up to the next blank, and b moves behind all blanks that follow. Blanks are spaces and tabs. */
struct bytes line_word(struct bytes *b);

/* Without the blanks at both ends. */
struct bytes line_trim(struct bytes b);

/* The same letters, whatever their case? text has no NUL. */
bool line_is(struct bytes b, const char *text);

/* A number of decimal digits alone, at most `most`; -1 when it is none. */
int64_t line_number(struct bytes b, uint32_t most);

#endif
