/* text.h -- addresses and times as text, without printf. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEXT_H
#define ESPCAP_TEXT_H

#include <stdint.h>

/* Each writes into memory that holds at least TEXT_MAX more bytes and returns the end of what it
 * wrote; no NUL. */
enum { TEXT_MAX = 64 };

char *text_ipv4(char *out, const uint8_t p[4]);
char *text_ipv6(char *out, const uint8_t p[16]); /* RFC 5952; ::ffff:a.b.c.d, ::a.b.c.d have dots */
char *text_mac(char *out, const uint8_t p[6]);   /* 00:00:5e:00:53:23 */
char *text_mac_upper(char *out, const uint8_t p[6]); /* 00-00-5E-00-53-23 (RFC 7042) */

/* ISO times with nine decimals; keeps the text of the last second, since packets come in order. */
struct text_time {
	int64_t second;
	char prefix[24]; /* "2026-01-02T03:04:05." */
};
void text_time_init(struct text_time *t);
char *text_time(struct text_time *t, char *out, int64_t ns);

#endif
