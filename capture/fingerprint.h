/* fingerprint.h -- digests of what a packet says, as text. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FINGERPRINT_H
#define ESPCAP_FINGERPRINT_H

#include "decode.h"

enum { MD5_DIGITS = 32, SHA1_DIGITS = 40, SHA256_DIGITS = 64 };

/* The digest of n bytes in lower-case hexadecimal, in scratch; NULL when that is full. */
char *fingerprint_md5(struct packet *pkt, const void *p, size_t n);
char *fingerprint_sha1(struct packet *pkt, const void *p, size_t n);
char *fingerprint_sha256(struct packet *pkt, const void *p, size_t n);

/* Puts a text, and its MD5 into another field; that goes to related.hash, too. The text has no
 * field when `text_field` is FINGERPRINT_ALONE. */
enum { FINGERPRINT_ALONE = 0xffff };
void fingerprint_put(
	struct packet *pkt, unsigned field, unsigned text_field, const char *text, size_t n);

#endif
