/* ip_ah.c -- the Authentication Header of both IP versions.
 * RFC 4302:  0 next header | 1 length in words, less two | 2-3 reserved | 4-7 security parameters
 *            index | 8-11 sequence number | integrity check value */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ip_ah.h"

#include "ip_fields.h"

enum { HEADER = 12, WORD = 4 };

uint8_t ip_ah_read(struct packet *pkt, struct bytes *b)
{
	struct bytes head = *b;
	uint8_t next = get_u8(pkt, &head, AH_NEXT);
	size_t length = (get_u8(pkt, &head, AH_LENGTH) + 2u) * WORD;

	bytes_skip(&head, 2);
	(void)get_be32(pkt, &head, AH_SPI);
	(void)get_be32(pkt, &head, AH_SEQUENCE);
	if (!bytes_ok(&head)) {
		*b = head;
		return next;
	}
	if (length < HEADER) {
		pkt_anomaly(pkt, "length below header size");
		bytes_skip(b, length); /* what follows begins where the length says, as in tshark */
		return next;
	}
	*b = head;
	const uint8_t *icv = bytes_take(b, length - HEADER);
	put_bytes(pkt, AH_ICV, icv, length - HEADER);
	return next;
}
