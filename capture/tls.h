/* tls.h -- what the files of the TLS decoder share: fields, and what one segment says. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_H
#define ESPCAP_TLS_H

#include "decode.h"

enum tls_field {
	TLS_RECORD_TYPE,
	TLS_RECORD_VERSION,
	TLS_RECORD_LENGTH,
	TLS_APP_DATA_PROTO,
	TLS_ALERT_LEVEL,
	TLS_ALERT_DESC,
	TLS_HANDSHAKE_TYPE,
	TLS_HANDSHAKE_LENGTH,
	TLS_VERSION,
	TLS_RANDOM,
	TLS_SESSION_ID_LENGTH,
	TLS_SESSION_ID,
	TLS_CIPHERS_LENGTH,
	TLS_CIPHER,
	TLS_COMPRESSION,
	TLS_EXTENSIONS_LENGTH,
	TLS_EXTENSION_TYPE,
	TLS_EXTENSION_LENGTH,
	TLS_SERVER_NAME,
	TLS_STATUS_TYPE,
	TLS_GROUP,
	TLS_POINT_FORMAT,
	TLS_SIGNATURE,
	TLS_ALPN,
	TLS_SUPPORTED_VERSION,
	TLS_KEY_SHARE,
	TLS_KEY_SHARE_SELECTED,
	TLS_RENEGOTIATION_LENGTH,
	TLS_NAMED_CURVE,
	TLS_TICKET_LIFETIME,
	TLS_CERTIFICATES_LENGTH,
	TLS_CERTIFICATE_LENGTH,
	TLS_JA3,
	TLS_JA3_FULL,
	TLS_JA3S,
	TLS_JA3S_FULL,
	TLS_FIELDS,
	TLS_COOKIE = TLS_FIELDS, /* only DTLS has it */
	TLS_ROWS
};

enum tls_version {
	SSL_2 = 0x0002,
	SSL_3 = 0x0300,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
};

enum { TLS_LIST_MAX = 1024 }; /* entries of any list that are looked at */

/* What carries the messages; the letter that JA4 begins with. */
enum tls_carrier { TLS_OVER_TCP = 't', TLS_OVER_QUIC = 'q', TLS_DATAGRAM = 'd' };

/* One segment. */
struct tls {
	struct packet *pkt;
	enum tls_carrier carrier;
	const uint8_t
		*rows;    /* of the layer's own table, by enum tls_field; NULL: they are the same */
	uint16_t version; /* of the record, then what the Server Hello settles */
	uint16_t cipher;  /* of the Server Hello; 0: it is not in this segment */
	int next;         /* type of the message behind the one being put, -1: not known */
	bool tls13;       /* records of application data hide their own type */
	bool has_cipher;
	bool server_hello, certificate; /* seen in this segment */
};

/* DTLS counts its versions downwards; and before there was a standard OpenSSL called it 0x0100. */
enum { DTLS_OLD = 0x0100, DTLS_1_0 = 0xfeff, DTLS_1_2 = 0xfefd, DTLS_1_3 = 0xfefc };

/* The version of TLS that one of DTLS goes by: its messages are the same. */
static inline uint16_t tls_level(const struct tls *t, uint16_t version)
{
	if (t->carrier != TLS_DATAGRAM)
		return version;
	if (version == DTLS_1_3)
		return TLS_1_3;
	return version == DTLS_1_2 ? TLS_1_2 : TLS_1_1;
}

/* Values that mean nothing and keep servers tolerant (RFC 8701). */
static inline bool tls_is_grease(uint16_t code)
{
	return (code & 0x0f0f) == 0x0a0a && code >> 8 == (code & 0xff);
}

/* The text of a code: its name, else 0x1234 in scratch. */
void tls_ecs_name(struct tls *t, enum ecs_id id, const char *name, uint16_t code);

/* --- put.h, for rows that another table may have elsewhere, or not --- */

enum { TLS_NO_FIELD = 0xffff, TLS_NO_ROW = 0xff };

static inline bool tls_row(const struct tls *t, unsigned field, unsigned *row)
{
	if (field == TLS_NO_FIELD)
		return false;
	*row = t->rows ? t->rows[field] : field;
	return *row != TLS_NO_ROW;
}

static inline void tls_put(struct tls *t, unsigned field, uint64_t value)
{
	unsigned row;

	if (tls_row(t, field, &row))
		put_u64(t->pkt, row, value);
}

static inline void tls_put_bytes(struct tls *t, unsigned field, const void *p, size_t n)
{
	unsigned row;

	if (tls_row(t, field, &row))
		put_bytes(t->pkt, row, p, n);
}

static inline void tls_put_str(struct tls *t, unsigned field, const void *p, size_t n)
{
	unsigned row;

	if (tls_row(t, field, &row))
		put_str(t->pkt, row, p, n);
}

static inline uint8_t tls_get_u8(struct tls *t, struct bytes *b, unsigned field)
{
	uint8_t value = bytes_u8(b);

	if (bytes_ok(b))
		tls_put(t, field, value);
	return value;
}

static inline uint16_t tls_get_be16(struct tls *t, struct bytes *b, unsigned field)
{
	uint16_t value = bytes_be16(b);

	if (bytes_ok(b))
		tls_put(t, field, value);
	return value;
}

static inline uint32_t tls_get_be24(struct tls *t, struct bytes *b, unsigned field)
{
	uint32_t value = bytes_be24(b);

	if (bytes_ok(b))
		tls_put(t, field, value);
	return value;
}

static inline uint32_t tls_get_be32(struct tls *t, struct bytes *b, unsigned field)
{
	uint32_t value = bytes_be32(b);

	if (bytes_ok(b))
		tls_put(t, field, value);
	return value;
}

#endif
