/* ber.h -- elements of BER and DER (X.690), one after the other, each within its outer one. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BER_H
#define ESPCAP_BER_H

#include "bytes.h"

/* Identifier octets (X.690, 8.1.2): class in the upper two bits, then constructed, then the number. */
enum ber_tag {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_BIT_STRING = 0x03,
	BER_OCTET_STRING = 0x04,
	BER_NULL = 0x05,
	BER_OID = 0x06,
	BER_ENUMERATED = 0x0a,
	BER_UTF8_STRING = 0x0c,
	BER_SEQUENCE = 0x30,
	BER_SET = 0x31,
	BER_APPLICATION = 0x40,
	BER_CONTEXT = 0x80,
	BER_CONSTRUCTED = 0x20,
};
#define BER_APP(n) (BER_APPLICATION | BER_CONSTRUCTED | (n)) /* [APPLICATION n], constructed */
#define BER_CTX(n) (BER_CONTEXT | BER_CONSTRUCTED | (n))     /* [n], constructed */

struct ber {
	uint8_t tag;        /* the identifier octet */
	struct bytes value; /* knows how much of it was not captured */
	const uint8_t
		*from; /* the identifier octet's place: value.end - from is the whole element */
};

/* The next element; b moves behind it. False at the end, and, with b no longer ok, for what is no
 * element of ours: a tag number above 30, an indefinite length or one of over 4 bytes, a length
 * beyond b. An element that goes on behind the captured bytes is given as far as it goes. */
bool ber_next(struct bytes *b, struct ber *e);

/* The next element if it has this tag; else false, and b stays. */
bool ber_take(struct bytes *b, uint8_t tag, struct ber *e);

/* Its value alone, to read optional elements in order: an empty view that is not ok when the next
 * element has another tag. */
struct bytes ber_value(struct bytes *b, uint8_t tag);

/* Two's complement of 1 to 8 bytes. False when it has another length, or is not whole. */
bool ber_int(struct bytes value, int64_t *out);

#endif
