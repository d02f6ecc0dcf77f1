/* ber_put.h -- elements of BER read and put in one step. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BER_PUT_H
#define ESPCAP_BER_PUT_H

#include "ber.h"
#include "decode.h"

/* Elements that must be there, in order: when the next one has another tag b is no longer ok, so a
 * decoder reads all of a sequence in a straight line and asks once. Of an element that is not there
 * whole nothing is put. */

/* The value of the next element. */
struct bytes ber_need(struct bytes *b, uint8_t tag);

/* An integer, cut to the width of its row as tshark cuts it. Returns all of it; 0 for none. */
int64_t ber_get_int(struct packet *pkt, struct bytes *b, uint8_t tag, unsigned field);
void ber_get_str(struct packet *pkt, struct bytes *b, uint8_t tag, unsigned field);
void ber_get_bytes(struct packet *pkt, struct bytes *b, uint8_t tag, unsigned field);
void ber_get_oid(struct packet *pkt, struct bytes *b, unsigned field);

/* The same for a value at hand. False when it is none, or not whole. */
bool ber_put_int(struct packet *pkt, unsigned field, struct bytes value);
bool ber_put_str(struct packet *pkt, unsigned field, struct bytes value);

/* How many elements there are, as far as they are there. */
unsigned ber_count(struct bytes b);

/* Payload of which more may follow in later segments: an element beyond its end is given as far as
 * it goes, as one behind a short snaplen is. */
struct bytes ber_open(struct bytes b);

#endif
