/* checksum.h -- the Internet checksum (RFC 1071), verified only on request. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CHECKSUM_H
#define ESPCAP_CHECKSUM_H

#include "decode.h"

/* What `*.checksum.status` says; illegal: absent where there has to be one. */
enum checksum_status {
	CHECKSUM_BAD,
	CHECKSUM_GOOD,
	CHECKSUM_UNVERIFIED,
	CHECKSUM_ABSENT,
	CHECKSUM_ILLEGAL
};

/* Over the bytes alone (IPv4 header, ICMP). Unverified without --verify-checksums, and when the
 * capture has cut them. */
enum checksum_status checksum_of(const struct packet *pkt, struct bytes b);

/* Over the bytes and the pseudo-header of the flow's addresses and this protocol number. Also
 * unverified where the addresses are not those of the flow (quotes, first fragments). */
enum checksum_status checksum_of_flow(const struct packet *pkt, struct bytes b, uint8_t proto);

/* The same where the checksum covers only the first bytes of a message of `length`. */
enum checksum_status checksum_of_part(
	const struct packet *pkt, struct bytes b, uint8_t proto, size_t length);

/* As checksum_of_flow() for a whole message of ICMP and of ICMPv6, but without being asked: they are few and
 * short. Unverified where bytes are missing and in quotes. */
enum checksum_status checksum_icmp(const struct packet *pkt, struct bytes b);
enum checksum_status checksum_icmpv6(const struct packet *pkt, struct bytes b);

#endif
