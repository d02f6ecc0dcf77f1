/* put.h -- how a decoder writes values: typed, into the packet's flat list. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PUT_H
#define ESPCAP_PUT_H

/* Included by decode.h, in the middle of it.
 *
 * A value goes to `layers` under its field's name and, unless it stands in a quoted packet, to the
 * ECS path of its row: the first value of an inner flow stays, a MANY row collects all. A list
 * that is full drops what comes later and marks the packet. Pointers must stay valid until the
 * document is printed: packet bytes, scratch, or static text. */

void put_again(struct packet *pkt, unsigned row, unsigned index);
void put_ecs(struct packet *pkt, unsigned row, const struct value *v);

static inline struct value *put_value(struct packet *pkt, unsigned field)
{
	unsigned row = pkt->base + field, index = pkt->nvalues;
	struct value *v = &pkt->values[index];

	if (index == PKT_VALUES_MAX) {
		pkt->overflow = true;
		return &pkt->spill;
	}
	v->field = (uint16_t)row;
	v->next = 0;
	if ((pkt->stamps[row] & ~(PKT_VALUES_MAX - 1u)) == pkt->generation)
		put_again(pkt, row, index);
	pkt->stamps[row] = pkt->generation | index;
	pkt->nvalues = index + 1;
	return v;
}

/* After the value is complete. Most rows have no ECS path. */
static inline void put_done(struct packet *pkt, unsigned field, const struct value *v)
{
	unsigned row = pkt->base + field;

	if (pkt->info[row].ecs)
		put_ecs(pkt, row, v);
}

/* Integers of every width, true and false. */
static inline void put_u64(struct packet *pkt, unsigned field, uint64_t value)
{
	struct value *v = put_value(pkt, field);

	v->u = value;
	put_done(pkt, field, v);
}

static inline void put_i64(struct packet *pkt, unsigned field, int64_t value)
{
	struct value *v = put_value(pkt, field);

	v->i = value;
	put_done(pkt, field, v);
}

static inline void put_bool(struct packet *pkt, unsigned field, bool value)
{
	struct value *v = put_value(pkt, field);

	v->u = value;
	v->len = 1; /* a group of one: see put_bits() */
	put_done(pkt, field, v);
}

/* Flags: `count` booleans in table order from `field` on, from bit `high` of bits downwards, as one
 * value. Such rows are never put in another way, and have no ECS path. */
static inline void put_bits(
	struct packet *pkt, unsigned field, uint32_t bits, unsigned high, unsigned count)
{
	struct value *v = put_value(pkt, field);

	v->u = bits >> (high + 1 - count);
	v->len = count;
}

/* Addresses of fixed size: 4 bytes (FIELD_IPV4), 16 (FIELD_IPV6), 6 (FIELD_MAC). */
static inline void put_addr(struct packet *pkt, unsigned field, const uint8_t *p)
{
	if (!p)
		return;
	struct value *v = put_value(pkt, field);
	v->p = p;
	put_done(pkt, field, v);
}

/* Text: cut at the first NUL and where it would print as more than PKT_TEXT_MAX bytes (then an
 * anomaly); "" is never put. */
void put_str(struct packet *pkt, unsigned field, const void *p, size_t n);

/* Text that JSON takes as it is, static or in scratch. */
static inline void put_clean(struct packet *pkt, unsigned field, const char *text, size_t n)
{
	struct value *v = put_value(pkt, field);

	v->p = (const uint8_t *)text;
	v->len = (uint32_t)n | VALUE_CLEAN;
	put_done(pkt, field, v);
}

/* The same for a whole string; NULL and "" are never put. */
static inline void put_text(struct packet *pkt, unsigned field, const char *text)
{
	if (text && *text)
		put_clean(pkt, field, text, strlen(text));
}

/* Bytes: cut at PKT_BYTES_MAX; none are never put. */
void put_bytes(struct packet *pkt, unsigned field, const void *p, size_t n);

/* FIELD_F64. Left out, with an anomaly, when JSON has no such number. */
void put_f64(struct packet *pkt, unsigned field, double value);

/* IEEE 754 of 32 bits. */
void put_f32(struct packet *pkt, unsigned field, uint32_t bits);

/* FIELD_TIME. Left out when it lies outside of what nanoseconds in 64 bits can hold. */
void put_time(struct packet *pkt, unsigned field, int64_t seconds, uint32_t nanoseconds);

/* --- text made of bytes, in scratch; rows are FIELD_STR or FIELD_ASCII --- */

/* A name of 64 bits, which no reader may round: "0x00040000000000f1". */
void put_hex64(struct packet *pkt, unsigned field, uint64_t value);
void put_dec64(struct packet *pkt, unsigned field, uint64_t value);

/* 16 bytes as "00112233-4455-6677-8899-aabbccddeeff"; little: of the first three parts the bytes
 * are turned round (MS-DTYP, 2.3.4.2). */
void put_guid(struct packet *pkt, unsigned field, const uint8_t *p, bool little);

/* The contents of a BER object identifier as "1.3.6.1", without an arc that it ends amidst; "0" where
 * there is no whole one, as tshark has it. One with an arc of over 32 bits is not put. */
void put_oid(struct packet *pkt, unsigned field, struct bytes b);

/* UTF-16LE, to its end or its first NUL, as UTF-8; what is no pair becomes U+FFFD. */
void put_utf16(struct packet *pkt, unsigned field, struct bytes b);

/* --- read and put in one step; nothing is put when the bytes are not there --- */

static inline uint8_t get_u8(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint8_t value = bytes_u8(b);

	if (bytes_ok(b))
		put_u64(pkt, field, value);
	return value;
}

static inline uint16_t get_be16(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint16_t value = bytes_be16(b);

	if (bytes_ok(b))
		put_u64(pkt, field, value);
	return value;
}

static inline uint32_t get_be24(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint32_t value = bytes_be24(b);

	if (bytes_ok(b))
		put_u64(pkt, field, value);
	return value;
}

static inline uint32_t get_be32(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint32_t value = bytes_be32(b);

	if (bytes_ok(b))
		put_u64(pkt, field, value);
	return value;
}

static inline uint16_t get_le16(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint16_t value = bytes_le16(b);

	if (bytes_ok(b))
		put_u64(pkt, field, value);
	return value;
}

static inline uint32_t get_le32(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint32_t value = bytes_le32(b);

	if (bytes_ok(b))
		put_u64(pkt, field, value);
	return value;
}

/* An address of n bytes. */
static inline const uint8_t *get_addr(struct packet *pkt, struct bytes *b, unsigned field, size_t n)
{
	const uint8_t *p = bytes_take(b, n);

	put_addr(pkt, field, p);
	return p;
}

/* --- ECS paths that no single field gives --- */

void ecs_u64(struct packet *pkt, enum ecs_id id, uint64_t value);
void ecs_bool(struct packet *pkt, enum ecs_id id, bool value);
/* Seconds since 1970; left out when no index can hold them. */
void ecs_time(struct packet *pkt, enum ecs_id id, int64_t seconds);
void ecs_str(struct packet *pkt, enum ecs_id id, const void *p, size_t n);
void ecs_clean(struct packet *pkt, enum ecs_id id, const char *text, size_t n); /* needs no check */

/* As put_text(); NULL: nothing. */
static inline void ecs_text(struct packet *pkt, enum ecs_id id, const char *text)
{
	if (text)
		ecs_clean(pkt, id, text, strlen(text));
}

/* The value of a row that is set joins a MANY row, too. */
void ecs_join(struct packet *pkt, enum ecs_id from, enum ecs_id to);

void ecs_addr(struct packet *pkt, enum ecs_id id, enum field_type type, const uint8_t *p);
/* JSON that is valid already (an array of objects), in scratch. */
void ecs_json(struct packet *pkt, enum ecs_id id, const char *json, size_t n);

#endif
