/* frames.c -- how small frames of a few documents are, with and without a dictionary.
 *
 * usage: bench-frames COUNT none|built-in|DICTIONARY < documents
 *
 * Documents are lines; COUNT of them make a frame. Prints raw and stored bytes. `none` is what large
 * frames get, `built-in` what the spool does, a file is a dictionary in its place. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "frame.h"

enum { DICT_SIZE_MAX = 1 << 20, LEVEL = 1, DICT_LEVEL = 6 };

struct packer {
	struct frame_coder *coder; /* built-in */
	ZSTD_CCtx *ctx;
	ZSTD_CDict *dict; /* a file */
	struct buf out;
	unsigned long long raw, stored;
};

static void die(const char *what, const char *on)
{
	fprintf(stderr, "bench-frames: cannot %s %s: %s\n", what, on, strerror(errno));
	exit(1);
}

static void open_packer(struct packer *p, const char *name)
{
	static char bytes[DICT_SIZE_MAX];

	buf_init(&p->out, 2 * FRAME_RAW_MAX);
	p->ctx = ZSTD_createCCtx();
	if (strcmp(name, "built-in") == 0 && frame_coder_new(&p->coder))
		die("use", name);
	if (strcmp(name, "built-in") == 0 || strcmp(name, "none") == 0)
		return;
	FILE *f = fopen(name, "rb");
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
	if (!n || !(p->dict = ZSTD_createCDict(bytes, n, DICT_LEVEL)))
		die("read", name);
	(void)fclose(f);
}

static void pack(struct packer *p, const struct buf *text)
{
	struct frame_header h = { .stored_len = 0 };
	size_t n;

	buf_reset(&p->out);
	if (p->coder) {
		if (frame_compress(p->coder, text->data, text->len, &p->out, &h))
			die("pack", "a frame");
		n = h.stored_len;
	} else {
		if (buf_reserve(&p->out, ZSTD_compressBound(text->len)))
			die("pack", "a frame");
		n = p->dict ? ZSTD_compress_usingCDict(p->ctx, p->out.data, p->out.cap, text->data,
				      text->len, p->dict)
			    : ZSTD_compressCCtx(p->ctx, p->out.data, p->out.cap, text->data,
				      text->len, LEVEL);
		if (ZSTD_isError(n))
			die("pack", "a frame");
	}
	p->raw += text->len;
	p->stored += n;
}

int main(int argc, char **argv)
{
	struct packer p = { .coder = NULL };
	struct buf text;
	size_t cap = 0;
	char *line = NULL;
	ssize_t n;

	if (argc != 3)
		die("understand", "its arguments");
	unsigned long count = strtoul(argv[1], NULL, 10), held = 0;
	open_packer(&p, argv[2]);
	buf_init(&text, FRAME_RAW_MAX);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (buf_add(&text, line, (size_t)n))
			die("hold", "a document");
		if (++held < count)
			continue;
		pack(&p, &text);
		buf_reset(&text);
		held = 0;
	}
	if (held)
		pack(&p, &text);
	(void)printf("%llu %llu\n", p.raw, p.stored);
	return 0;
}
