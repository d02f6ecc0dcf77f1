/* imf_words.h -- what stands in the values of a letter's header (RFC 5322, 2047). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IMF_WORDS_H
#define ESPCAP_IMF_WORDS_H

#include "decode.h"

/* The value on one line, its encoded words (=?charset?B?...?=) as UTF-8; those of other charsets
 * than UTF-8, US-ASCII and Latin-1 stay as they are. In scratch; empty when there is no room. */
struct bytes imf_words(struct packet *pkt, struct bytes value);

/* Takes the next address of a list: what stands in angle brackets, else the whole item. False at
 * the end. */
bool imf_address(struct bytes *list, struct bytes *address);

#endif
