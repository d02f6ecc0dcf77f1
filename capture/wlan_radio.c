/* wlan_radio.c -- headers that a radio puts in front of wireless frames.
 * radiotap.org:  0 version | 1 pad | 2-3 length | 4-7 which fields follow; bit 31: four more bytes
 *   Numbers are little-endian, fields are aligned to their own size, counted from the header's start.
 * PPI (CACE):    0 version | 1 flags | 2-3 length | 4-7 link type | fields: 0-1 type | 2-3 length */
/* SPDX-License-Identifier: Apache-2.0 */
#include "wlan_fields.h"

enum { WORDS_MAX = 8, PPI_FIELDS_MAX = 64, HEADER = 8 };
enum { FLAGS = 1, RATE = 2, CHANNEL = 3, SIGNAL = 5, MCS = 19, NO_PSDU = 26, DEFINED = 28 };
enum { OWN_SPACE = 29, VENDOR_SPACE = 30, ANOTHER = 31 };
enum { HAS_FCS = 0x10, IS_PADDED = 0x20, PPI_COMMON = 2, PPI_FCS = 1 };
enum { MCS_KNOWN_WIDTH = 1, MCS_KNOWN_INDEX = 2, MCS_KNOWN_GUARD = 4, MCS_INDICES = 32 };

struct shape {
	uint8_t align, size;
};
static const struct shape shapes[DEFINED] = { { 8, 8 }, { 1, 1 }, { 1, 1 }, { 2, 4 }, { 2, 2 },
	{ 1, 1 }, { 1, 1 }, { 2, 2 }, { 2, 2 }, { 2, 2 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 1, 1 },
	{ 2, 2 }, { 2, 2 }, { 1, 1 }, { 1, 1 }, { 4, 8 }, { 1, 3 }, { 4, 8 }, { 2, 12 }, { 8, 12 },
	{ 2, 12 }, { 2, 12 }, { 2, 6 }, { 1, 1 }, { 2, 4 } };

/* 802.11n: known | flags (width in bits 0-1, short guard interval in bit 2) | index. The rate follows
 * where all three are known. */
static void put_mcs(struct packet *pkt, struct bytes b)
{
	static const uint16_t bits[8] = { 26, 52, 78, 104, 156, 208, 234, 260 };
	enum { ALL = MCS_KNOWN_WIDTH | MCS_KNOWN_INDEX | MCS_KNOWN_GUARD };
	uint8_t known = bytes_u8(&b), flags = bytes_u8(&b), index = bytes_u8(&b);

	if ((known & ALL) != ALL || index >= MCS_INDICES)
		return;
	double symbol = bits[index % 8] * ((index >> 3) + 1u) * ((flags & 3) == 1 ? 108 : 52) /
			52.0;
	float rate = (float)(symbol / (flags & 4 ? 3.6 : 4.0));
	put_f64(pkt, WLAN_TAP_RATE, (double)rate);
}

static void put_radio(struct packet *pkt, unsigned bit, struct bytes b, struct wlan_radio *radio)
{
	uint8_t first = bytes_u8(&b);

	switch (bit) {
	case FLAGS:
		radio->fcs = first & HAS_FCS;
		radio->padded = first & IS_PADDED;
		break;
	case RATE:
		put_f64(pkt, WLAN_TAP_RATE, first / 2.0);
		break;
	case CHANNEL:
		put_u64(pkt, WLAN_TAP_FREQUENCY, (uint64_t)bytes_u8(&b) << 8 | first);
		break;
	case SIGNAL:
		put_i64(pkt, WLAN_TAP_SIGNAL, (int8_t)first);
		break;
	case NO_PSDU:
		radio->none = true;
		break;
	default:
		break;
	}
}

static void align_to(struct bytes *b, const uint8_t *start, size_t align)
{
	size_t at = (size_t)(b->p - start);

	bytes_skip(b, -at & (align - 1));
}

/* 0-2 organisation | 3 its space | 4-5 how many bytes it takes */
static void skip_vendor(struct bytes *b, const uint8_t *start)
{
	align_to(b, start, 2);
	bytes_skip(b, 4);
	uint16_t length = bytes_le16(b);
	bytes_skip(b, length);
}

/* The fields of one word; of a vendor's nothing but their length is known. False: stop here. */
static bool read_word(struct packet *pkt, uint32_t word, struct bytes *b, const uint8_t *start,
	struct wlan_radio *radio)
{
	for (unsigned bit = 0; bit < DEFINED; bit++) {
		if (!(word >> bit & 1))
			continue;
		align_to(b, start, shapes[bit].align);
		struct bytes field = bytes_sub(b, shapes[bit].size);
		if (!bytes_ok(b))
			return false;
		if (bit == MCS)
			put_mcs(pkt, field);
		else
			put_radio(pkt, bit, field, radio);
	}
	if (word >> DEFINED & 1) /* items, which have shapes of their own */
		return false;
	if (word >> VENDOR_SPACE & 1)
		skip_vendor(b, start);
	return bytes_ok(b);
}

static void read_fields(
	struct packet *pkt, struct bytes b, const uint8_t *start, struct wlan_radio *radio)
{
	uint32_t words[WORDS_MAX];
	unsigned count = 0;
	bool ours = true;

	do
		words[count++] = bytes_le32(&b);
	while (words[count - 1] >> ANOTHER && count < WORDS_MAX);
	if (words[count - 1] >> ANOTHER) {
		pkt_anomaly(pkt, "too many words of fields");
		return;
	}
	for (unsigned i = 0; i < count && bytes_ok(&b); i++) {
		uint32_t word = words[i];
		/* a vendor's fields were skipped where its space began */
		if (!read_word(pkt, ours ? word : word & 3u << OWN_SPACE, &b, start, radio))
			return;
		if (word >> VENDOR_SPACE & 1)
			ours = false;
		else if (word >> OWN_SPACE & 1)
			ours = true;
		else if (ours)
			return; /* what follows has numbers beyond 31: nobody knows them */
	}
}

bool wlan_read_radiotap(struct packet *pkt, struct bytes *b, struct wlan_radio *radio)
{
	const uint8_t *start = b->p;
	struct bytes look = *b;

	(void)get_u8(pkt, &look, WLAN_TAP_VERSION);
	bytes_skip(&look, 1);
	uint16_t length = get_le16(pkt, &look, WLAN_TAP_LENGTH);
	struct bytes header = bytes_sub(b, length);
	if (!bytes_ok(&look) || !bytes_ok(&header) || length < HEADER)
		return false;
	bytes_skip(&header, 4);
	if (start[0] == 0) /* what other versions hold nobody has said */
		read_fields(pkt, header, start, radio);
	return true;
}

bool wlan_read_ppi(struct bytes *b, struct wlan_radio *radio, uint32_t *linktype)
{
	struct bytes look = *b;

	bytes_skip(&look, 2);
	uint16_t length = bytes_le16(&look);
	*linktype = bytes_le32(&look);
	struct bytes header = bytes_sub(b, length);
	if (!bytes_ok(&look) || !bytes_ok(&header) || length < HEADER)
		return false;
	bytes_skip(&header, HEADER);
	for (unsigned i = 0; i < PPI_FIELDS_MAX && bytes_left(&header); i++) {
		uint16_t type = bytes_le16(&header);
		struct bytes field = bytes_sub(&header, bytes_le16(&header));
		bytes_skip(&field, 8); /* time */
		if (type == PPI_COMMON)
			radio->fcs = bytes_le16(&field) & PPI_FCS;
	}
	return true;
}
