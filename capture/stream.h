/* stream.h -- the bytes of a capture file: plain, gzip or zstd, told by content. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_STREAM_H
#define ESPCAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "err.h"

/* Opens a file, or standard input for "-". `idle`, when not NULL, is called before a read that
 * would have to wait (a pipe), and then once a second while it waits, so that the caller can hand on
 * what it holds; false ends the stream. So does a signal when *stop is set then, or stop is NULL.
 * ERR_INPUT or ERR_PERMISSION with a sentence. */
struct stream;
int stream_open(const char *path, const volatile bool *stop, bool (*idle)(void *), void *idle_arg,
	struct stream **out, struct err_detail *why) ERR_WARN_UNUSED;
void stream_close(struct stream *s);

/* Up to n bytes of the unpacked contents; 0 at the end; negative on an error, of which
 * stream_error() then has the text. Returns early, with less than n, only at the end. */
ssize_t stream_read(struct stream *s, void *out, size_t n);

/* The same, but returns what is there, as soon as there is something: a pipe from a program that
 * sees few packets is read packet by packet. */
ssize_t stream_read_some(struct stream *s, void *out, size_t n);

/* The first bytes without taking them: at most 20; fewer only when the file is shorter. */
size_t stream_peek(struct stream *s, const uint8_t **bytes);

/* NULL while all is well. Valid until stream_close(). */
const char *stream_error(const struct stream *s);

/* Was a read broken off by a signal? */
bool stream_interrupted(const struct stream *s);

/* A FILE on the same file, from its beginning, when it is neither packed nor a pipe; else NULL. The
 * stream then only tells position and size. The caller closes it. */
FILE *stream_plain_file(struct stream *s);

/* A number for this very file: its place on the disk and its first bytes; 0 for a pipe. The same
 * file has the same number while it grows (40 bytes hold the header and the first packet's). */
uint64_t stream_identity(const struct stream *s);

/* Packed bytes read so far, and the size of the file (0 when it is not known). */
uint64_t stream_position(const struct stream *s);
uint64_t stream_size(const struct stream *s);

#endif
