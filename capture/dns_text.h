/* dns_text.h -- bytes of a name or a text as people see them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNS_TEXT_H
#define ESPCAP_DNS_TEXT_H

#include "decode.h"

/* Most bytes that n bytes can become. */
enum { DNS_TEXT_GROWTH = 4 };

/* The bytes of a label as text in valid UTF-8: what cannot be printed stands as \n, \033, \u200E or
 * \U000E0001, a damaged sequence as one U+FFFD; a backslash stays alone. Room: DNS_TEXT_GROWTH * n.
 * Returns the end; *clean becomes false when JSON would not take the text as it is. */
char *dns_text_label(char *out, const uint8_t *s, size_t n, bool *clean);

/* The same for a text in ASCII, where each byte from 0x80 up is U+FFFD, in scratch. It ends where n
 * bytes are reached counting three for each U+FFFD, as the oracle's does. Returns its length, and
 * in *text where it stands; 0: nothing. */
size_t dns_text_ascii(struct packet *pkt, const uint8_t *s, size_t n, const char **text);

/* Puts a string of at most 255 bytes in which each byte from 0x80 up is U+FFFD, into a field that
 * holds UTF-8 in other messages. */
void dns_text_put(struct packet *pkt, unsigned field, const uint8_t *s, size_t n);

#endif
