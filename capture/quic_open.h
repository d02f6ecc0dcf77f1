/* quic_open.h -- the protection of QUIC's Initial packets, whose keys anybody can compute. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_QUIC_OPEN_H
#define ESPCAP_QUIC_OPEN_H

#include "decode.h"

enum { QUIC_KEY = 16, QUIC_IV = 12, QUIC_TAG = 16, QUIC_SALT = 20 };

/* What a version has of its own. */
struct quic_version {
	uint32_t first, last; /* numbers that share it */
	bool v2;              /* other packet types and labels (RFC 9369) */
	uint8_t salt[QUIC_SALT];
};

/* Sent only to be refused (RFC 9000, section 15). */
static inline bool quic_is_reserved(uint32_t number)
{
	return (number & 0x0f0f0f0f) == 0x0a0a0a0a;
}

/* NULL when we do not know the version. Of a reserved one it is version 1; some clients then take
 * the keys of QUIC_LATE_DRAFT. */
enum { QUIC_LATE_DRAFT = 29 };
#define QUIC_DRAFT(n) (0xff000000u | (n))
const struct quic_version *quic_version(uint32_t number);

struct quic_keys {
	uint8_t key[QUIC_KEY], iv[QUIC_IV], mask[QUIC_KEY];
};

/* The keys of the client's Initial packets, from the connection id that it sends its first one to
 * (RFC 9001, section 5.2). */
void quic_client_keys(
	const struct quic_version *version, struct bytes dcid, struct quic_keys *keys);

struct quic_clear {
	unsigned number_length; /* of the packet number, 1 to 4 */
	uint32_t number;
	struct bytes payload; /* in scratch */
};

/* Opens a packet; whole: from its first byte to its end; number_at: where its packet number stands.
 * False when the tag is wrong: it is no Initial packet of a client that begins, or it is damaged. */
bool quic_open(struct packet *pkt, const struct quic_keys *keys, struct bytes whole,
	size_t number_at, struct quic_clear *clear);

#endif
