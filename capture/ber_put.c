/* ber_put.c -- elements of BER read and put in one step. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ber_put.h"

enum { FOLLOWS = 1 << 30 }; /* more than any packet holds */

struct bytes ber_need(struct bytes *b, uint8_t tag)
{
	struct bytes value = ber_value(b, tag);

	if (!bytes_ok(&value)) {
		b->p = b->end;
		b->ok = false;
	}
	return value;
}

static bool is_whole(struct bytes value)
{
	return bytes_ok(&value) && !value.cut;
}

bool ber_put_int(struct packet *pkt, unsigned field, struct bytes value)
{
	int64_t number;

	if (!ber_int(value, &number))
		return false;
	switch (pkt->info[pkt->base + field].type) {
	case FIELD_U32: /* what is sent without a zero in front counts as positive, too */
		put_u64(pkt, field,
			(uint64_t)number &
				UINT32_MAX >>
					(bytes_left(&value) < 4 ? 32 - 8 * bytes_left(&value) : 0));
		break;
	case FIELD_I32:
		put_i64(pkt, field, (int32_t)number);
		break;
	default:
		put_i64(pkt, field, number);
	}
	return true;
}

int64_t ber_get_int(struct packet *pkt, struct bytes *b, uint8_t tag, unsigned field)
{
	struct bytes value = ber_need(b, tag);
	int64_t number = 0;

	if (bytes_ok(&value) && ber_put_int(pkt, field, value))
		(void)ber_int(value, &number);
	return number;
}

bool ber_put_str(struct packet *pkt, unsigned field, struct bytes value)
{
	if (!is_whole(value))
		return false;
	put_str(pkt, field, value.p, bytes_left(&value));
	return true;
}

void ber_get_str(struct packet *pkt, struct bytes *b, uint8_t tag, unsigned field)
{
	(void)ber_put_str(pkt, field, ber_need(b, tag));
}

void ber_get_bytes(struct packet *pkt, struct bytes *b, uint8_t tag, unsigned field)
{
	struct bytes value = ber_need(b, tag);

	if (is_whole(value))
		put_bytes(pkt, field, value.p, bytes_left(&value));
}

void ber_get_oid(struct packet *pkt, struct bytes *b, unsigned field)
{
	struct bytes value = ber_need(b, BER_OID);

	if (is_whole(value))
		put_oid(pkt, field, value);
}

unsigned ber_count(struct bytes b)
{
	struct ber e;
	unsigned n = 0;

	while (ber_next(&b, &e))
		n++;
	return n;
}

struct bytes ber_open(struct bytes b)
{
	b.cut = FOLLOWS;
	return b;
}
