/* iec104_asdu.c -- units of application data of IEC 60870-5-101 and 104.
 * 60870-5-101, 7:  0 type | 1 sequence (1 bit), count (7) | 2 test (1), negative (1), cause (6) |
 *   3 originator | 4-5 station | objects: address u24 | elements; in a sequence only the first has
 *   an address. All numbers are little-endian.
 *   time of 7 bytes: milliseconds u16 | minute | summer time (1 bit), hour (5) | day (5) | month |
 *   year of a century */
/* SPDX-License-Identifier: Apache-2.0 */
#include "iec104.h"
#include "outcome.h"

enum { COUNT_BITS = 0x7f, CAUSE_BITS = 0x3f, NEGATIVE_BIT = 0x40, OBJECTS_MAX = 127, TYPES = 128 };
enum {
	ACTIVATION = 6,
	CONFIRMATION = 7,
	DEACTIVATION = 8,
	DEACTIVATED = 9,
	TERMINATED = 10,
	REFUSED = 44
};
enum { IV_BIT = 0x80, NORMAL = 32768, CENTURY_SPLIT = 70, HOUR = 3600, ADDRESS_SIZE = 3 };

/* A name, and the elements of an object, a letter each: S single point, D double point, Q quality,
 * F float, N from -1 to 1, A scaled, C counter, q what is asked for, T time; a digit: so many bytes
 * that are not shown. NULL: objects of this type are not looked into. */
struct kind {
	const char *name, *elements;
};
static const struct kind kinds[TYPES] = {
	[1] = { "m-sp-na-1", "S" },
	[2] = { "m-sp-ta-1", "S3" },
	[3] = { "m-dp-na-1", "D" },
	[4] = { "m-dp-ta-1", "D3" },
	[5] = { "m-st-na-1", "1Q" },
	[6] = { "m-st-ta-1", "1Q3" },
	[7] = { "m-bo-na-1", "4Q" },
	[8] = { "m-bo-ta-1", "4Q3" },
	[9] = { "m-me-na-1", "NQ" },
	[10] = { "m-me-ta-1", "NQ3" },
	[11] = { "m-me-nb-1", "AQ" },
	[12] = { "m-me-tb-1", "AQ3" },
	[13] = { "m-me-nc-1", "FQ" },
	[14] = { "m-me-tc-1", "FQ3" },
	[15] = { "m-it-na-1", "C" },
	[16] = { "m-it-ta-1", "C3" },
	[20] = { "m-ps-na-1", NULL },
	[21] = { "m-me-nd-1", "N" },
	[30] = { "m-sp-tb-1", "ST" },
	[31] = { "m-dp-tb-1", "DT" },
	[32] = { "m-st-tb-1", "1QT" },
	[33] = { "m-bo-tb-1", "4QT" },
	[34] = { "m-me-td-1", "NQT" },
	[35] = { "m-me-te-1", "AQT" },
	[36] = { "m-me-tf-1", "FQT" },
	[37] = { "m-it-tb-1", "CT" },
	[38] = { "m-ep-td-1", NULL },
	[39] = { "m-ep-te-1", NULL },
	[40] = { "m-ep-tf-1", NULL },
	[45] = { "c-sc-na-1", "1" },
	[46] = { "c-dc-na-1", "1" },
	[47] = { "c-rc-na-1", "1" },
	[48] = { "c-se-na-1", "N1" },
	[49] = { "c-se-nb-1", "A1" },
	[50] = { "c-se-nc-1", "F1" },
	[51] = { "c-bo-na-1", "4" },
	[58] = { "c-sc-ta-1", "1T" },
	[59] = { "c-dc-ta-1", "1T" },
	[60] = { "c-rc-ta-1", "1T" },
	[61] = { "c-se-ta-1", "N1T" },
	[62] = { "c-se-tb-1", "A1T" },
	[63] = { "c-se-tc-1", "F1T" },
	[64] = { "c-bo-ta-1", "4T" },
	[70] = { "m-ei-na-1", "1" },
	[100] = { "c-ic-na-1", "q" },
	[101] = { "c-ci-na-1", "1" },
	[102] = { "c-rd-na-1", "" },
	[103] = { "c-cs-na-1", "T" },
	[104] = { "c-ts-na-1", "2" },
	[105] = { "c-rp-na-1", "1" },
	[106] = { "c-cd-na-1", "2" },
	[107] = { "c-ts-ta-1", NULL },
	[110] = { "p-me-na-1", "N1" },
	[111] = { "p-me-nb-1", "A1" },
	[112] = { "p-me-nc-1", "F1" },
	[113] = { "p-ac-na-1", "1" },
	[120] = { "f-fr-na-1", NULL },
	[121] = { "f-sr-na-1", NULL },
	[122] = { "f-sc-na-1", NULL },
	[123] = { "f-ls-na-1", NULL },
	[124] = { "f-af-na-1", NULL },
	[125] = { "f-sg-na-1", NULL },
	[126] = { "f-dr-ta-1", NULL },
	[127] = { "f-sc-nb-1", NULL },
};

bool asdu_known(uint8_t type)
{
	return type < TYPES && kinds[type].name;
}

/* Days from 1970 to a day of a month counted from March of year 0: months may be out of range. */
static int64_t days_to(int year, int month, int day)
{
	int months = year * 12 + month - 3; /* since March of year 0 */
	int64_t y = months / 12, m = months % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static void get_time(struct packet *pkt, struct bytes *b)
{
	uint16_t milliseconds = bytes_le16(b);
	uint8_t minute = bytes_u8(b), hour = bytes_u8(b), day = bytes_u8(b), month = bytes_u8(b);
	int year = bytes_u8(b) & 0x7f;

	if (!bytes_ok(b))
		return;
	year += year < CENTURY_SPLIT ? 2000 : 1900;
	int64_t days = days_to(year, month & 15, day & 31);
	int64_t seconds = ((days * 24 + (hour & 31)) * 60 + (minute & 63)) * 60 +
			  milliseconds / 1000;
	if (hour & 0x80) /* summer time is an hour ahead */
		seconds -= HOUR;
	put_time(pkt, ASDU_TIME, seconds, milliseconds % 1000u * 1000000);
}

static void get_quality(struct packet *pkt, struct bytes *b)
{
	uint8_t quality = get_u8(pkt, b, ASDU_QDS);

	if (bytes_ok(b))
		put_bool(pkt, ASDU_QDS_IV, quality & IV_BIT);
}

static void get_counter(struct packet *pkt, struct bytes *b)
{
	uint32_t count = bytes_le32(b);

	bytes_skip(b, 1);
	if (bytes_ok(b))
		put_i64(pkt, ASDU_COUNT, (int32_t)count);
}

/* Values of one or two bytes. */
static void get_small(struct packet *pkt, struct bytes *b, char element)
{
	uint16_t value = element == 'N' || element == 'A' ? bytes_le16(b) : bytes_u8(b);

	if (!bytes_ok(b))
		return;
	if (element == 'S')
		put_bool(pkt, ASDU_SPI, value & 1);
	else if (element == 'D')
		put_u64(pkt, ASDU_DPI, value & 3);
	else if (element == 'q')
		put_u64(pkt, ASDU_QOI, value);
	else if (element == 'A')
		put_i64(pkt, ASDU_SCALVAL, (int16_t)value);
	else
		put_f64(pkt, ASDU_NORMVAL, (double)(int16_t)value / NORMAL);
}

static void get_element(struct packet *pkt, struct bytes *b, char element)
{
	switch (element) {
	case 'Q':
		get_quality(pkt, b);
		return;
	case 'C':
		get_counter(pkt, b);
		return;
	case 'T':
		get_time(pkt, b);
		return;
	case 'F': {
		uint32_t bits = bytes_le32(b);
		if (bytes_ok(b))
			put_f32(pkt, ASDU_FLOAT, bits);
		return;
	}
	default:
		if (element >= '1' && element <= '9')
			bytes_skip(b, (size_t)(element - '0'));
		else
			get_small(pkt, b, element);
	}
}

static size_t size_of(const char *elements)
{
	static const char kinds_of_size[] = "QSDqANFCT", sizes[] = { 1, 1, 1, 1, 2, 2, 4, 5, 7 };
	size_t size = 0;

	for (const char *e = elements; e && *e; e++) {
		const char *kind = strchr(kinds_of_size, *e);
		size += kind ? (size_t)sizes[kind - kinds_of_size] : (size_t)(*e - '0');
	}
	return size;
}

/* An object that is not whole is not shown, nor what follows it. */
static void get_objects(
	struct packet *pkt, struct bytes *b, const char *elements, unsigned count, bool sequence)
{
	uint32_t address = 0;

	for (unsigned i = 0; i < count && i < OBJECTS_MAX && bytes_ok(b); i++) {
		size_t head = i == 0 || !sequence ? ADDRESS_SIZE : 0;
		if (bytes_left(b) < head + size_of(elements)) {
			b->ok = false;
			return;
		}
		if (i == 0 || !sequence) {
			address = bytes_u8(b);
			address |= (uint32_t)bytes_le16(b) << 8;
		} else {
			address++;
		}
		if (!bytes_ok(b))
			return;
		put_u64(pkt, ASDU_IOA, address);
		if (!elements)
			return;
		for (const char *e = elements; *e; e++)
			get_element(pkt, b, *e);
	}
}

/* Causes 44 to 47 answer what cannot be. */
static const char *refusal(uint8_t why)
{
	static const char *const names[] = { "unknown type identification",
		"unknown cause of transmission", "unknown common address",
		"unknown information object address" };

	return why < REFUSED ? NULL : NAME_OF(names, why - (unsigned)REFUSED);
}

static void tell_outcome(struct packet *pkt, uint8_t type, uint8_t cause)
{
	uint8_t why = cause & CAUSE_BITS;

	if (type < TYPES)
		ecs_text(pkt, ECS_EVENT_ACTION, kinds[type].name);
	if (refusal(why)) {
		outcome_failure(pkt, why, refusal(why));
		pkt_client(pkt, false);
	}
	if (why < ACTIVATION || why > TERMINATED)
		return;
	pkt_client(pkt, why == ACTIVATION || why == DEACTIVATION);
	if (why == ACTIVATION || why == DEACTIVATION)
		return;
	if (cause & NEGATIVE_BIT)
		outcome_failure_named(pkt, "negative confirmation");
	else
		outcome_success(pkt);
}

bool asdu_decode(struct packet *pkt, struct bytes b)
{
	pkt_protocol(pkt, "iec60870_asdu");
	uint8_t type = get_u8(pkt, &b, ASDU_TYPEID), count = bytes_u8(&b), cause = bytes_u8(&b);
	if (!bytes_ok(&b))
		return false;
	put_bool(pkt, ASDU_SQ, count >> 7);
	put_u64(pkt, ASDU_NUMIX, count & COUNT_BITS);
	put_u64(pkt, ASDU_CAUSE, cause & CAUSE_BITS);
	put_bool(pkt, ASDU_NEGATIVE, cause & NEGATIVE_BIT);
	put_bool(pkt, ASDU_TEST, cause >> 7);
	tell_outcome(pkt, type, cause);
	(void)get_u8(pkt, &b, ASDU_OA);
	(void)get_le16(pkt, &b, ASDU_ADDR);
	get_objects(pkt, &b, type < TYPES ? kinds[type].elements : NULL, count & COUNT_BITS,
		count >> 7);
	return bytes_ok(&b);
}
