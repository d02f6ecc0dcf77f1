/* pcapng.h -- reader of pcapng files, with the interface, name and comment of each packet. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PCAPNG_H
#define ESPCAP_PCAPNG_H

#include "decode.h"
#include "stream.h"

/* libpcap reads pcapng too, but keeps interface ids, names and comments to itself and refuses
 * files whose interfaces differ in link type, as Wireshark writes them. */
struct pcapng;

bool pcapng_is(const uint8_t *bytes, size_t n);

/* Borrows the stream. NULL when memory is out. */
struct pcapng *pcapng_new(struct stream *stream);
void pcapng_free(struct pcapng *p);

/* Fills all of f but number and path. 0, ERR_END, ERR_STOPPED, ERR_NOMEM; ERR_TRUNCATED or
 * ERR_INPUT with the predicate of a sentence whose subject is the file. Valid until the next call.
 */
int pcapng_next(struct pcapng *p, struct frame *f, struct err_detail *why) ERR_WARN_UNUSED;

/* Of the first interface, -1 while none is known. */
int pcapng_linktype(const struct pcapng *p);

#endif
