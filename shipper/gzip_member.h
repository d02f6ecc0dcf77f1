/* gzip_member.h -- members of gzip that say how long they are. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_GZIP_MEMBER_H
#define ESPCAP_GZIP_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include <libdeflate.h>

#include "buf.h"
#include "err.h"

/* A file of several members is one of gzip (RFC 1952, section 2.2), for any reader. Each of ours has
 * an extra field (2.3.1.1) "ES" with the length of the whole member, so that the end of a file that a
 * power cut has torn is found without unpacking all of it, and the members behind a damaged one. */
enum {
	GZIP_MEMBER_HEADER = 20, /* 10 bytes, 2 of the extra fields' length, 4 + 4 of ours */
	GZIP_MEMBER_TRAILER = 8, /* CRC32, length of the text */
	GZIP_MEMBER_EXTRA = GZIP_MEMBER_HEADER + GZIP_MEMBER_TRAILER,
};

/* Packs n bytes of text into out, whose contents it replaces and which has room for
 * libdeflate_gzip_compress_bound(n) + GZIP_MEMBER_EXTRA; the member's length. */
size_t gzip_member_write(
	struct libdeflate_compressor *deflate, const void *text, size_t n, struct buf *out);

/* The length of the member that begins with these bytes, or 0 when it is none of ours. */
uint32_t gzip_member_length(const uint8_t header[GZIP_MEMBER_HEADER]);

/* Is it whole? Unpacks it into text, which has room for it. */
int gzip_member_check(const uint8_t *member, size_t n, struct buf *text) ERR_WARN_UNUSED;

#endif
