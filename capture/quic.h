/* quic.h -- what the files of the QUIC decoder share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_QUIC_H
#define ESPCAP_QUIC_H

#include "decode.h"

enum quic_field {
	QUIC_PACKET_LENGTH,
	QUIC_HEADER_FORM,
	QUIC_FIXED_BIT,
	QUIC_SPIN_BIT,
	QUIC_SHORT,
	QUIC_PACKET_TYPE,
	QUIC_VERSION,
	QUIC_SUPPORTED_VERSION,
	QUIC_DCIL,
	QUIC_DCID,
	QUIC_SCIL,
	QUIC_SCID,
	QUIC_TOKEN_LENGTH,
	QUIC_LENGTH,
	QUIC_NUMBER_LENGTH,
	QUIC_NUMBER,
	QUIC_FRAME_TYPE,
	QUIC_CRYPTO_OFFSET,
	QUIC_CRYPTO_LENGTH,
};

enum { QUIC_PIECES_MAX = 64 };

/* A part of the stream of handshake messages. */
struct quic_piece {
	uint64_t offset;
	struct bytes data;
};

/* The parts that one datagram holds. */
struct quic_stream {
	unsigned n;
	struct quic_piece pieces[QUIC_PIECES_MAX];
};

/* A variable-length integer (RFC 9000, section 16). */
uint64_t quic_varint(struct bytes *b);

/* Puts the frames of an opened packet and notes its CRYPTO frames. */
void quic_frames(struct packet *pkt, struct bytes b, struct quic_stream *stream);

/* Puts the pieces in order and hands what follows from offset 0 on as messages of TLS. */
void quic_handshake(struct packet *pkt, struct quic_stream *stream);

#endif
