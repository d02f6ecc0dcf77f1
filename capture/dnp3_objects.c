/* dnp3_objects.c -- objects of DNP3's application layer.
 * IEEE 1815, 4.2.2.7:  0 group | 1 variation | 2 qualifier: prefix (bits 4 to 6), range (0 to 3) |
 *   range: 0 to 2 start and stop, 3 to 5 one address, 6 none, 7 to 9 a count, 11 a count of objects
 *   with sizes | objects: prefix (1 to 3 an index, 4 to 6 a size) | value. All is little-endian. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dnp3.h"

enum { HEADERS_MAX = 256, POINTS_MAX = PKT_REPEATS_MAX, STRINGS_MIN = 110, STRINGS_MAX = 113 };
enum { BINARY_INPUT = 1, DOUBLE_INPUT = 3, BINARY_OUTPUT = 10, IIN = 80, FILE_GROUP = 70 };
enum { FILE_LOGIN = 2, FILE_COMMAND = 3, FREE_FORMAT = 11, SIZE_PREFIX = 4, WORDS = 3 };

/* Elements of one object, a letter each: C counter of 4 bytes, c of 2, I analog of 4 bytes, i of 2,
 * F float; a digit: so many bytes that are not shown. NULL: nobody knows how long it is. */
struct variations {
	const char *of[13];
};
static const struct variations groups[] = {
	[1] = { { [2] = "1" } },
	[2] = { { [1] = "1", [2] = "7", [3] = "3" } },
	[3] = { { [2] = "1" } },
	[4] = { { [1] = "1", [2] = "7", [3] = "3" } },
	[10] = { { [2] = "1" } },
	[11] = { { [1] = "1", [2] = "7" } },
	[12] = { { [1] = "92", [2] = "92" } },
	[13] = { { [1] = "1", [2] = "7" } },
	[20] = { { [1] = "1C",
		[2] = "1c",
		[3] = "1C",
		[4] = "1c",
		[5] = "C",
		[6] = "c",
		[7] = "C",
		[8] = "c" } },
	[21] = { { [1] = "1C",
		[2] = "1c",
		[3] = "1C",
		[4] = "1c",
		[5] = "1C6",
		[6] = "1c6",
		[7] = "1C6",
		[8] = "1c6",
		[9] = "C",
		[10] = "c",
		[11] = "C",
		[12] = "c" } },
	[22] = { { [1] = "1C",
		[2] = "1c",
		[3] = "1C",
		[4] = "1c",
		[5] = "1C6",
		[6] = "1c6",
		[7] = "1C6",
		[8] = "1c6" } },
	[23] = { { [1] = "1C",
		[2] = "1c",
		[3] = "1C",
		[4] = "1c",
		[5] = "1C6",
		[6] = "1c6",
		[7] = "1C6",
		[8] = "1c6" } },
	[30] = { { [1] = "1I", [2] = "1i", [3] = "I", [4] = "i", [5] = "1F", [6] = "9" } },
	[31] = { { [1] = "1I",
		[2] = "1i",
		[3] = "1I6",
		[4] = "1i6",
		[5] = "I",
		[6] = "i",
		[7] = "1F",
		[8] = "9" } },
	[32] = { { [1] = "1I",
		[2] = "1i",
		[3] = "1I6",
		[4] = "1i6",
		[5] = "1F",
		[6] = "9",
		[7] = "1F6",
		[8] = "96" } },
	[33] = { { [1] = "1I",
		[2] = "1i",
		[3] = "1I6",
		[4] = "1i6",
		[5] = "1F",
		[6] = "9",
		[7] = "1F6",
		[8] = "96" } },
	[34] = { { [1] = "i", [2] = "I", [3] = "F" } },
	[40] = { { [1] = "5", [2] = "3", [3] = "5", [4] = "9" } },
	[41] = { { [1] = "5", [2] = "3", [3] = "5", [4] = "9" } },
	[42] = { { [1] = "5",
		[2] = "3",
		[3] = "56",
		[4] = "36",
		[5] = "5",
		[6] = "9",
		[7] = "56",
		[8] = "96" } },
	[43] = { { [1] = "5",
		[2] = "3",
		[3] = "56",
		[4] = "36",
		[5] = "5",
		[6] = "9",
		[7] = "56",
		[8] = "96" } },
	[50] = { { [1] = "6", [2] = "91", [3] = "6", [4] = "92" } },
	[51] = { { [1] = "6", [2] = "6" } },
	[52] = { { [1] = "2", [2] = "2" } },
};

/* One header, understood. */
struct header {
	uint8_t group, variation, prefix, range;
	uint32_t start, count;

	const char *elements; /* NULL: see groups */
};

static uint32_t get_number(struct bytes *b, unsigned log2)
{
	if (log2 == 0)
		return bytes_u8(b);
	return log2 == 1 ? bytes_le16(b) : bytes_le32(b);
}

static bool get_range(struct packet *pkt, struct bytes *b, struct header *h)
{
	if (h->range <= 2) {
		uint32_t start = get_number(b, h->range), stop = get_number(b, h->range);
		if (!bytes_ok(b))
			return false;
		put_u64(pkt, DNP3_RANGE_START, start);
		put_u64(pkt, DNP3_RANGE_STOP, stop);
		h->start = start;
		h->count = stop < start                ? 0
			   : stop - start < POINTS_MAX ? stop - start + 1
						       : UINT32_MAX;
		if (stop < start)
			pkt_anomaly(pkt, "range ends before it starts");
	} else if (h->range <= 5) {
		h->start = get_number(b, h->range - 3u);
		h->count = 1;
	} else if (h->range == 6) {
		h->count = 0;
	} else if (h->range <= 9 || h->range == FREE_FORMAT) {
		h->count = get_number(b, h->range == FREE_FORMAT ? 0 : h->range - 7u);
		if (bytes_ok(b))
			put_u64(pkt, DNP3_RANGE_QUANTITY, h->count);
	} else {
		return false;
	}
	return bytes_ok(b);
}

static void get_float(struct packet *pkt, struct bytes *b)
{
	uint32_t bits = bytes_le32(b);

	if (bytes_ok(b))
		put_f32(pkt, DNP3_ANA_FLOAT, bits);
}

static void get_element(struct packet *pkt, struct bytes *b, char element)
{
	if (element == 'F') {
		get_float(pkt, b);
		return;
	}
	if (element <= '9') {
		bytes_skip(b, (size_t)(element - '0'));
		return;
	}
	bool small = element == 'c' || element == 'i';
	uint32_t value = small ? bytes_le16(b) : bytes_le32(b);
	if (!bytes_ok(b))
		return;
	if (element == 'c' || element == 'C')
		put_u64(pkt, DNP3_CNT, value);
	else
		put_i64(pkt, DNP3_ANA_INT, small ? (int16_t)value : (int32_t)value);
}

/* Points of 1 or 2 bits, without anything between them. */
static void get_packed(struct packet *pkt, struct bytes *b, const struct header *h, unsigned width)
{
	uint8_t byte = 0;

	for (uint32_t i = 0; i < h->count && i < POINTS_MAX; i++) {
		unsigned shift = i * width % 8;
		if (shift == 0)
			byte = bytes_u8(b);
		if (!bytes_ok(b))
			return;
		put_u64(pkt, DNP3_POINT_INDEX, h->start + i);
		if (width == 1)
			put_bool(pkt, DNP3_BIT, byte >> shift & 1);
	}
	if (h->count > POINTS_MAX)
		pkt_anomaly(pkt, "too many points");
}

/* An open or a delete names its file; a login has a password. */
static void get_file(struct packet *pkt, uint8_t variation, struct bytes b)
{
	if (variation == FILE_LOGIN)
		pkt_secret(pkt, b.p, bytes_left(&b));
	if (variation != FILE_COMMAND)
		return;
	bytes_skip(&b, 2);
	uint16_t length = bytes_le16(&b);
	bytes_skip(&b, 22);
	const uint8_t *name = bytes_take(&b, length);
	if (name)
		put_str(pkt, DNP3_FILE_NAME, name, length);
}

static bool get_object(struct packet *pkt, struct bytes *b, const struct header *h, uint32_t i)
{
	if (h->prefix >= SIZE_PREFIX) {
		uint32_t size = get_number(b, h->prefix - (unsigned)SIZE_PREFIX);
		struct bytes object = bytes_upto(b, size);
		if (h->group == FILE_GROUP)
			get_file(pkt, h->variation, object);
		return bytes_ok(b);
	}
	if (h->prefix)
		(void)get_number(b, h->prefix - 1u);
	else if (bytes_left(b))
		put_u64(pkt, DNP3_POINT_INDEX, h->start + i);
	if (h->group >= STRINGS_MIN && h->group <= STRINGS_MAX) {
		bytes_skip(b, h->variation);
		return bytes_ok(b);
	}
	for (const char *e = h->elements; e && *e; e++)
		get_element(pkt, b, *e);
	return h->elements && bytes_ok(b);
}

/* False when nothing that follows can be understood. */
static bool get_values(struct packet *pkt, struct bytes *b, const struct header *h)
{
	bool binary = h->group == BINARY_INPUT || h->group == BINARY_OUTPUT || h->group == IIN;

	if (h->variation == 1 && (binary || h->group == DOUBLE_INPUT)) {
		get_packed(pkt, b, h, binary ? 1 : 2);
		return bytes_ok(b);
	}
	for (uint32_t i = 0; i < h->count && i < POINTS_MAX; i++)
		if (!get_object(pkt, b, h, i))
			return false;
	return h->count <= POINTS_MAX;
}

/* What asks for points by their numbers lists these, and nothing behind them. */
static void skip_indexes(struct bytes *b, const struct header *h)
{
	if (h->prefix == 0 || h->prefix > WORDS)
		return;
	for (uint32_t i = 0; i < h->count && bytes_ok(b) && i < POINTS_MAX; i++)
		(void)get_number(b, h->prefix - 1u);
}

static bool get_header(struct packet *pkt, struct bytes *b, struct header *h)
{
	h->group = bytes_u8(b);
	h->variation = bytes_u8(b);
	uint8_t qualifier = bytes_u8(b);
	if (!bytes_ok(b))
		return false;
	h->prefix = qualifier >> 4 & 7;
	h->range = qualifier & 15;
	bool strings = h->group >= STRINGS_MIN && h->group <= STRINGS_MAX;
	put_u64(pkt, DNP3_OBJ, (uint64_t)h->group << 8 | (strings ? 0 : h->variation));
	put_u64(pkt, DNP3_PREFIX, h->prefix);
	put_u64(pkt, DNP3_RANGE, h->range);
	if (h->group < sizeof(groups) / sizeof(groups[0]) &&
		h->variation < sizeof(groups[0].of) / sizeof(groups[0].of[0]))
		h->elements = groups[h->group].of[h->variation];
	return get_range(pkt, b, h);
}

void dnp3_objects(struct packet *pkt, struct bytes b, bool values)
{
	for (unsigned i = 0; i < HEADERS_MAX && bytes_left(&b); i++) {
		struct header h = { 0 };
		if (!get_header(pkt, &b, &h))
			break;
		if (!values)
			skip_indexes(&b, &h);
		else if (!get_values(pkt, &b, &h))
			break;
	}
}
