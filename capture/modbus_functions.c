/* modbus_functions.c -- the functions of Modbus.
 * Modbus Application Protocol 1.1b3:  0 function, 0x80 for an error | 1 code of the error, or the
 *   function's own: first register u16, count u16; answers: length u8 | values */
/* SPDX-License-Identifier: Apache-2.0 */
#include "modbus.h"
#include "outcome.h"

enum {
	READ_COILS = 1,
	READ_DISCRETE_INPUTS = 2,
	READ_HOLDING_REGISTERS = 3,
	READ_INPUT_REGISTERS = 4,
	WRITE_SINGLE_COIL = 5,
	WRITE_SINGLE_REGISTER = 6,
	READ_EXCEPTION_STATUS = 7,
	DIAGNOSTICS = 8,
	GET_EVENT_COUNTER = 11,
	GET_EVENT_LOG = 12,
	WRITE_COILS = 15,
	WRITE_REGISTERS = 16,
	REPORT_SERVER_ID = 17,
	READ_FILE = 20,
	WRITE_FILE = 21,
	MASK_WRITE = 22,
	READ_WRITE = 23,
	READ_FIFO = 24,
	ENCAPSULATED = 43,
	FUNCTIONS = 44,
};
enum { ERROR_BIT = 0x80, MEI_DEVICE_ID = 14, STRING_OBJECTS = 7, GROUPS_MAX = 256, GROUP = 7 };

static const char *const actions[FUNCTIONS] = {
	[READ_COILS] = "read-coils",
	[READ_DISCRETE_INPUTS] = "read-discrete-inputs",
	[READ_HOLDING_REGISTERS] = "read-holding-registers",
	[READ_INPUT_REGISTERS] = "read-input-registers",
	[WRITE_SINGLE_COIL] = "write-single-coil",
	[WRITE_SINGLE_REGISTER] = "write-single-register",
	[READ_EXCEPTION_STATUS] = "read-exception-status",
	[DIAGNOSTICS] = "diagnostics",
	[GET_EVENT_COUNTER] = "get-comm-event-counter",
	[GET_EVENT_LOG] = "get-comm-event-log",
	[WRITE_COILS] = "write-multiple-coils",
	[WRITE_REGISTERS] = "write-multiple-registers",
	[REPORT_SERVER_ID] = "report-server-id",
	[READ_FILE] = "read-file-record",
	[WRITE_FILE] = "write-file-record",
	[MASK_WRITE] = "mask-write-register",
	[READ_WRITE] = "read-write-multiple-registers",
	[READ_FIFO] = "read-fifo-queue",
	[ENCAPSULATED] = "encapsulated-interface-transport",
};

/* All that is left; the field has no part of a message. */
static void put_data(struct packet *pkt, struct bytes b)
{
	put_bytes(pkt, MODBUS_DATA, b.p, bytes_left(&b));
}

static void put_bits_of(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < PKT_REPEATS_MAX && bytes_left(&b); i++) {
		uint8_t bits = bytes_u8(&b);
		for (unsigned bit = 0; bit < 8; bit++)
			put_bool(pkt, MODBUS_BITVAL, bits >> bit & 1);
	}
}

/* first: number of the first one, below zero where it is not known. */
static void put_registers(struct packet *pkt, int32_t first, struct bytes b)
{
	for (unsigned i = 0; i < PKT_REPEATS_MAX && bytes_left(&b) >= 2; i++) {
		if (first >= 0)
			put_u64(pkt, MODBUS_REGNUM16, (uint16_t)(first + (int32_t)i));
		put_u64(pkt, MODBUS_REGVAL, bytes_be16(&b));
	}
}

/* A count of bytes, and these; where it is not that of what is there, nobody knows what that is. */
static bool get_counted(struct packet *pkt, struct bytes *b, struct bytes *values)
{
	uint8_t count = get_u8(pkt, b, MODBUS_BYTE_CNT);

	if (!bytes_ok(b))
		return false;
	if (count != bytes_claimed(b)) {
		pkt_anomaly(pkt, "count is not that of the bytes");
		put_data(pkt, *b);
		return false;
	}
	*values = bytes_upto(b, count);
	return true;
}

static void decode_read_answer(struct packet *pkt, uint8_t function, struct bytes *b)
{
	struct bytes values;

	if (!get_counted(pkt, b, &values))
		return;
	if (function <= READ_DISCRETE_INPUTS)
		put_bits_of(pkt, values);
	else
		put_registers(pkt, -1, values);
}

static void decode_write_query(struct packet *pkt, uint8_t function, struct bytes *b)
{
	uint16_t first = get_be16(pkt, b, MODBUS_REFERENCE_NUM);
	struct bytes values;

	(void)get_be16(pkt, b, function == WRITE_COILS ? MODBUS_BIT_CNT : MODBUS_WORD_CNT);
	struct bytes rest = *b;
	if (!get_counted(pkt, b, &values))
		return;
	bytes_skip(&rest, 1);
	if (function == WRITE_REGISTERS)
		put_registers(pkt, first, values);
	else
		put_data(pkt, rest);
}

/* What both sides put alike: where, and how many. */
static void get_range(struct packet *pkt, unsigned count, struct bytes *b)
{
	(void)get_be16(pkt, b, MODBUS_REFERENCE_NUM);
	(void)get_be16(pkt, b, count);
}

/* Which sides' data a code names otherwise. */
static bool diagnostic_has_data(enum modbus_kind kind, uint16_t code)
{
	if (code == 0 || code == 1 || code == 3)
		return false;
	return kind == MODBUS_QUERY || !(code == 2 || (code >= 10 && code <= 18));
}

static void decode_diagnostics(struct packet *pkt, enum modbus_kind kind, struct bytes *b)
{
	uint16_t code = get_be16(pkt, b, MODBUS_DIAGNOSTIC_CODE);

	if (bytes_ok(b) && diagnostic_has_data(kind, code))
		put_data(pkt, *b);
}

/* Groups of: type | file u16 | record u16 | words u16; those of a write have their data behind. */
static void decode_groups(struct packet *pkt, bool data, struct bytes *b)
{
	int left = get_u8(pkt, b, MODBUS_BYTE_CNT);

	for (unsigned i = 0; i < GROUPS_MAX && bytes_ok(b); i++) {
		if (left < (data ? 1 : GROUP))
			return;
		bytes_skip(b, 5);
		uint16_t words = get_be16(pkt, b, MODBUS_WORD_CNT);
		left -= GROUP;
		if (!data || !bytes_ok(b))
			continue;
		put_data(pkt, *b);
		bytes_skip(b, words * (size_t)2);
		left -= words * 2;
	}
}

/* Groups of: length | type | data */
static void decode_read_groups(struct packet *pkt, struct bytes *b)
{
	int left = get_u8(pkt, b, MODBUS_BYTE_CNT);

	for (unsigned i = 0; i < GROUPS_MAX && bytes_ok(b) && left > 0; i++) {
		uint8_t length = get_u8(pkt, b, MODBUS_BYTE_CNT);
		struct bytes data = *b;
		bytes_skip(b, length);
		bytes_skip(&data, 1);
		if (bytes_ok(&data))
			put_data(pkt, data);
		left -= length + 1;
	}
}

/* id | more follows | next | count | objects: id | length | text, or bytes of the vendor's own */
static void decode_identification(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 3);
	uint8_t count = bytes_u8(b);

	for (unsigned i = 0; i < count && bytes_ok(b); i++) {
		uint8_t id = get_u8(pkt, b, MODBUS_OBJECT_ID), length = bytes_u8(b);
		const uint8_t *text = bytes_take(b, length);
		if (text && id < STRING_OBJECTS)
			put_str(pkt, MODBUS_OBJECT_STR_VALUE, text, length);
	}
}

static void decode_encapsulated(struct packet *pkt, enum modbus_kind kind, struct bytes *b)
{
	struct bytes whole = *b;
	uint8_t mei = get_u8(pkt, b, MODBUS_MEI);

	if (!bytes_ok(b))
		return;
	if (mei != MEI_DEVICE_ID) {
		if (bytes_left(&whole) > 1)
			put_data(pkt, whole);
		return;
	}
	(void)get_u8(pkt, b, MODBUS_READ_DEVICE_ID);
	if (kind == MODBUS_QUERY)
		(void)get_u8(pkt, b, MODBUS_OBJECT_ID);
	else
		decode_identification(pkt, b);
}

static void decode_read_write(struct packet *pkt, enum modbus_kind kind, struct bytes *b)
{
	struct bytes values;

	if (kind == MODBUS_QUERY)
		bytes_skip(b, 8);
	struct bytes rest = *b;
	bytes_skip(&rest, 1);
	if (get_counted(pkt, b, &values))
		put_data(pkt, rest);
}

static void decode_fifo(struct packet *pkt, enum modbus_kind kind, struct bytes *b)
{
	if (kind == MODBUS_QUERY) {
		(void)get_be16(pkt, b, MODBUS_REFERENCE_NUM);
		return;
	}
	bytes_skip(b, 2);
	(void)get_be16(pkt, b, MODBUS_WORD_CNT);
	put_data(pkt, *b);
}

static void decode_query(struct packet *pkt, uint8_t function, struct bytes *b)
{
	switch (function) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
		get_range(pkt, MODBUS_BIT_CNT, b);
		return;
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
		get_range(pkt, MODBUS_WORD_CNT, b);
		return;
	case WRITE_COILS:
	case WRITE_REGISTERS:
		decode_write_query(pkt, function, b);
		return;
	case READ_FILE:
		decode_groups(pkt, false, b);
		return;
	default:
		put_data(pkt, *b);
	}
}

static void decode_response(struct packet *pkt, uint8_t function, struct bytes *b)
{
	switch (function) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
		decode_read_answer(pkt, function, b);
		return;
	case WRITE_COILS:
		get_range(pkt, MODBUS_BIT_CNT, b);
		return;
	case WRITE_REGISTERS:
		get_range(pkt, MODBUS_WORD_CNT, b);
		return;
	case READ_FILE:
		decode_read_groups(pkt, b);
		return;
	case GET_EVENT_COUNTER:
		bytes_skip(b, 4);
		return;
	case GET_EVENT_LOG:
		(void)get_u8(pkt, b, MODBUS_BYTE_CNT);
		return;
	default:
		put_data(pkt, *b);
	}
}

/* Functions whose two sides look alike. */
static bool decode_same(
	struct packet *pkt, enum modbus_kind kind, uint8_t function, struct bytes *b)
{
	switch (function) {
	case WRITE_SINGLE_COIL:
	case WRITE_SINGLE_REGISTER:
		(void)get_be16(pkt, b, MODBUS_REFERENCE_NUM);
		put_data(pkt, *b);
		return true;
	case DIAGNOSTICS:
		decode_diagnostics(pkt, kind, b);
		return true;
	case WRITE_FILE:
		decode_groups(pkt, true, b);
		return true;
	case MASK_WRITE:
		(void)get_be16(pkt, b, MODBUS_REFERENCE_NUM);
		(void)get_be16(pkt, b, MODBUS_AND_MASK);
		(void)get_be16(pkt, b, MODBUS_OR_MASK);
		return true;
	case READ_WRITE:
		decode_read_write(pkt, kind, b);
		return true;
	case READ_FIFO:
		decode_fifo(pkt, kind, b);
		return true;
	case ENCAPSULATED:
		decode_encapsulated(pkt, kind, b);
		return true;
	default:
		return false;
	}
}

static void put_outcome(struct packet *pkt, enum modbus_kind kind, uint8_t function, bool error)
{
	if (function < FUNCTIONS)
		ecs_text(pkt, ECS_EVENT_ACTION, actions[function]);
	if (!error && kind == MODBUS_RESPONSE)
		outcome_success(pkt);
}

static void put_exception(struct packet *pkt, struct bytes *b)
{
	enum { ACKNOWLEDGE = 5 };
	static const char *const names[] = { NULL, "illegal function", "illegal data address",
		"illegal data value", "server device failure", "acknowledge", "server device busy",
		"negative acknowledge", "memory parity error", NULL, "gateway path unavailable",
		"gateway target device failed to respond" };
	uint8_t code = get_u8(pkt, b, MODBUS_EXCEPTION_CODE);

	if (bytes_ok(b) && code != ACKNOWLEDGE) /* which only says that it is being worked on */
		outcome_failure(pkt, code, NAME_OF(names, code));
}

bool modbus_decode(struct packet *pkt, enum modbus_kind kind, struct bytes b)
{
	uint8_t code = bytes_u8(&b), function = code & (ERROR_BIT - 1);
	bool error = code & ERROR_BIT && bytes_peek(&b, 0) != 0;

	if (!bytes_ok(&b))
		return false;
	pkt_protocol(pkt, "modbus");
	put_u64(pkt, MODBUS_FUNC_CODE, function);
	put_outcome(pkt, kind, function, error);
	if (error)
		put_exception(pkt, &b);
	else if (kind == MODBUS_UNKNOWN || decode_same(pkt, kind, function, &b))
		return bytes_ok(&b);
	else if (kind == MODBUS_QUERY)
		decode_query(pkt, function, &b);
	else
		decode_response(pkt, function, &b);
	return bytes_ok(&b);
}
