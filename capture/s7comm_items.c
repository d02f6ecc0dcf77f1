/* s7comm_items.c -- variables of S7: their addresses and their values; and all fields of S7.
 * Item:  0x12 | length of what follows | syntax, 0x10 | size | count u16 | block u16 | area |
 *   address u24, in bits
 * Value:  how it went | size | length u16, of some sizes in bits | data; both are filled up to even
 * lengths, but for the last. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "s7comm.h"

enum { VARIABLE = 0x12, SYNTAX_ANY = 0x10, ANY_LENGTH = 10, BITS = 3, INTEGER = 5, RESERVED = 0 };

const struct proto_field s7_fields[] = {
	[S7_PROTID] = { "s7comm.header.protid", FIELD_U8, "Protocol, 0x32", NULL, "0.1", DETAIL,
		PLAIN },
	[S7_ROSCTR] = { "s7comm.header.rosctr", FIELD_U8,
		"1 job, 2 acknowledgement, 3 answer, 7 user data", NULL, "0.1", CORE, PLAIN },
	[S7_REDID] = { "s7comm.header.redid", FIELD_U16, "Redundancy, 0", NULL, "0.1", DETAIL,
		PLAIN },
	[S7_PDUREF] = { "s7comm.header.pduref", FIELD_U16, "Number: an answer repeats it", NULL,
		"0.1", CORE, PLAIN },
	[S7_PARLG] = { "s7comm.header.parlg", FIELD_U16, "Length of the parameters", NULL, "0.1",
		DETAIL, PLAIN },
	[S7_DATLG] = { "s7comm.header.datlg", FIELD_U16, "Length of the data", NULL, "0.1", DETAIL,
		PLAIN },
	[S7_ERRCLS] = { "s7comm.header.errcls", FIELD_U8, "Class of the error, 0 for none", NULL,
		"0.1", CORE, PLAIN },
	[S7_ERRCOD] = { "s7comm.header.errcod", FIELD_U8, "Error, 0 for none", NULL, "0.1", CORE,
		PLAIN },
	[S7_FUNC] = { "s7comm.param.func", FIELD_U8, "Function: 4 read, 5 write, 41 stop, ...",
		NULL, "0.1", CORE, PLAIN },
	[S7_ITEMCOUNT] = { "s7comm.param.itemcount", FIELD_U8, "How many variables", NULL, "0.1",
		DETAIL, PLAIN },
	[S7_ITEM_SIZE] = { "s7comm.param.item.transp_size", FIELD_U8,
		"Type of a variable: 1 bit, 2 byte, 4 word, ...", NULL, "0.1", DETAIL, PLAIN },
	[S7_ITEM_LENGTH] = { "s7comm.param.item.length", FIELD_U16, "How many of that type", NULL,
		"0.1", DETAIL, PLAIN },
	[S7_ITEM_DB] = { "s7comm.param.item.db", FIELD_U16, "Data block", NULL, "0.1", CORE,
		PLAIN },
	[S7_ITEM_AREA] = { "s7comm.param.item.area", FIELD_U8,
		"Area: 0x81 inputs, 0x82 outputs, 0x83 flags, 0x84 data blocks", NULL, "0.1", CORE,
		PLAIN },
	[S7_ITEM_ADDRESS] = { "s7comm.param.item.address", FIELD_U24, "Address, in bits", NULL,
		"0.1", CORE, PLAIN },
	[S7_RETURNCODE] = { "s7comm.data.returncode", FIELD_U8, "How it went; 255 is well", NULL,
		"0.1", CORE, PLAIN },
	[S7_TRANSPORT] = { "s7comm.data.transportsize", FIELD_U8, "Type of a value", NULL, "0.1",
		DETAIL, PLAIN },
	[S7_LENGTH] = { "s7comm.data.length", FIELD_U16, "Length of a value in bytes", NULL, "0.1",
		DETAIL, PLAIN },
	[S7_USERDATA_TYPE] = { "s7comm.param.userdata.type", FIELD_U8,
		"0 sent unasked, 4 request, 8 response", NULL, "0.1", CORE, PLAIN },
	[S7_FUNCGROUP] = { "s7comm.param.userdata.funcgroup", FIELD_U8,
		"1 programmer, 2 cyclic, 3 blocks, 4 CPU, 5 security, 7 time", NULL, "0.1", CORE,
		PLAIN },
	[S7_SUBFUNC] = { "s7comm.param.userdata.subfunc", FIELD_U8, "Function of the group", NULL,
		"0.1", CORE, PLAIN },
	[S7_SZL_ID] = { "s7comm.data.userdata.szl_id", FIELD_U16, "System state list", NULL, "0.1",
		CORE, PLAIN },
	{ 0 },
};

uint16_t s7_length(uint8_t size, uint16_t length)
{
	if (size < BITS || size > INTEGER)
		return length;
	return (uint16_t)((length + 7u) / 8u);
}

static void put_any(struct packet *pkt, struct bytes *item)
{
	(void)get_u8(pkt, item, S7_ITEM_SIZE);
	(void)get_be16(pkt, item, S7_ITEM_LENGTH);
	(void)get_be16(pkt, item, S7_ITEM_DB);
	(void)get_u8(pkt, item, S7_ITEM_AREA);
	(void)get_be24(pkt, item, S7_ITEM_ADDRESS);
}

void s7_items(struct packet *pkt, struct bytes *b, uint8_t count)
{
	for (unsigned i = 0; i < count && bytes_left(b); i++) {
		uint8_t specification = bytes_u8(b), length = bytes_u8(b);
		struct bytes item = bytes_upto(b, length);
		if (specification == VARIABLE && bytes_u8(&item) == SYNTAX_ANY &&
			length == ANY_LENGTH)
			put_any(pkt, &item);
		if (length % 2 && i + 1 < count)
			bytes_skip(b, 1);
	}
}

void s7_values(struct packet *pkt, struct bytes *b, uint8_t count)
{
	for (unsigned i = 0; i < count && bytes_left(b); i++) {
		uint8_t code = get_u8(pkt, b, S7_RETURNCODE), size = get_u8(pkt, b, S7_TRANSPORT);
		uint16_t length = s7_length(size, bytes_be16(b));
		if (!bytes_ok(b))
			return;
		put_u64(pkt, S7_LENGTH, length);
		if (code == S7_DATA_OK || code == RESERVED)
			bytes_skip(b, length + (length % 2 && i + 1u < count ? 1u : 0u));
	}
}
