/* quic_frame.c -- frames of QUIC's Initial packets.
 * RFC 9000, section 19, of which section 17.2.2 allows: 0 padding | 1 ping | 2, 3 acknowledgement |
 * 6 crypto: offset, length, data | 1c, 1d close. All numbers are of variable length.
 *
 * Clients cut their hello into pieces and mix them, so that nobody counts on its place. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "quic.h"

enum { FRAMES_MAX = 1024, RANGES_MAX = 1024 };
enum frame_type {
	PADDING = 0,
	PING = 1,
	ACK = 2,
	ACK_ECN = 3,
	CRYPTO = 6,
	CLOSE = 0x1c,
	CLOSE_APP
};

uint64_t quic_varint(struct bytes *b)
{
	uint64_t value = bytes_u8(b);
	unsigned more = (1u << (value >> 6)) - 1;

	value &= 0x3f;
	for (; more; more--)
		value = value << 8 | bytes_u8(b);
	return bytes_ok(b) ? value : 0;
}

static void skip_ack(struct bytes *b, bool ecn)
{
	(void)quic_varint(b); /* largest */
	(void)quic_varint(b); /* delay */
	uint64_t ranges = quic_varint(b);

	(void)quic_varint(b); /* first range */
	for (unsigned i = 0; i < ranges && i < RANGES_MAX && bytes_ok(b); i++) {
		(void)quic_varint(b); /* gap */
		(void)quic_varint(b); /* length */
	}
	for (unsigned i = 0; ecn && i < 3; i++)
		(void)quic_varint(b);
}

static void skip_close(struct bytes *b, bool application)
{
	(void)quic_varint(b); /* error */
	if (!application)
		(void)quic_varint(b); /* type of the frame to blame */
	uint64_t n = quic_varint(b);
	bytes_skip(b, n > bytes_left(b) ? bytes_left(b) + 1 : (size_t)n);
}

static void put_crypto(struct packet *pkt, struct bytes *b, struct quic_stream *stream)
{
	uint64_t offset = quic_varint(b), n = quic_varint(b);

	if (!bytes_ok(b))
		return;
	put_u64(pkt, QUIC_CRYPTO_OFFSET, offset);
	put_u64(pkt, QUIC_CRYPTO_LENGTH, n);
	if (n > bytes_left(b)) {
		pkt_anomaly(pkt, "frame beyond the packet");
		bytes_skip(b, bytes_left(b) + 1);
		return;
	}
	struct bytes data = bytes_sub(b, (size_t)n);
	if (stream->n < QUIC_PIECES_MAX)
		stream->pieces[stream->n++] = (struct quic_piece){ offset, data };
}

void quic_frames(struct packet *pkt, struct bytes b, struct quic_stream *stream)
{
	for (unsigned i = 0; i < FRAMES_MAX && bytes_left(&b); i++) {
		uint64_t type = quic_varint(&b);
		if (!bytes_ok(&b))
			return;
		put_u64(pkt, QUIC_FRAME_TYPE, type);
		while (type == PADDING && bytes_peek(&b, 0) == PADDING)
			bytes_skip(&b, 1);
		if (type == ACK || type == ACK_ECN)
			skip_ack(&b, type == ACK_ECN);
		else if (type == CRYPTO)
			put_crypto(pkt, &b, stream);
		else if (type == CLOSE || type == CLOSE_APP)
			skip_close(&b, type == CLOSE_APP);
		else if (type != PADDING && type != PING)
			return;
	}
}

/* Insertion: there are few, and mostly in order. */
static void sort(struct quic_stream *stream)
{
	for (unsigned i = 1; i < stream->n; i++) {
		struct quic_piece piece = stream->pieces[i];
		unsigned at = i;
		for (; at > 0 && stream->pieces[at - 1].offset > piece.offset; at--)
			stream->pieces[at] = stream->pieces[at - 1];
		stream->pieces[at] = piece;
	}
}

void quic_handshake(struct packet *pkt, struct quic_stream *stream)
{
	uint8_t *start = (uint8_t *)pkt_scratch(pkt, 0);
	size_t len = 0;

	sort(stream);
	for (unsigned i = 0; i < stream->n; i++) {
		struct quic_piece *piece = &stream->pieces[i];
		if (piece->offset > len)
			break;
		if (piece->offset + bytes_left(&piece->data) <= len)
			continue; /* sent twice */
		bytes_skip(&piece->data, len - (size_t)piece->offset);
		if (!pkt_copy(pkt, piece->data.p, bytes_left(&piece->data)))
			return;
		len += bytes_left(&piece->data);
	}
	if (start && len)
		(void)decode_by(pkt, BY_CONTENT, CONTENT_TLS_MESSAGES, bytes_of(start, len));
}
