/* proto_iec60870_104.c -- IEC 60870-5-104: telecontrol over TCP.
 * 5:  0 0x68 | 1 length of what follows | 2-5 control (little): kind in its lowest bits:
 *   0 information: 15 bits sent, 1 bit, 15 bits received | unit of application data
 *   01 supervisory: bits 17 to 31 received    11 unnumbered: 6 bits, one of them set */
/* SPDX-License-Identifier: Apache-2.0 */
#include "iec104.h"

enum { START = 0x68, LENGTH_MIN = 4, LENGTH_MAX = 253, UNITS_MAX = 256 };
enum { SUPERVISORY = 1, UNNUMBERED = 3, CAUSE_MAX = 47 };

static const struct proto_field fields[] = {
	[APCI_LENGTH] = { "iec60870_104.apdulen", FIELD_U8, "Length behind this byte", NULL, "0.1",
		DETAIL, PLAIN },
	[APCI_TYPE] = { "iec60870_104.type", FIELD_U32,
		"Kind: 0 information, 1 supervisory, 3 unnumbered", NULL, "0.1", CORE, PLAIN },
	[APCI_UTYPE] = { "iec60870_104.utype", FIELD_U32,
		"Unnumbered: 1 start, 2 started, 4 stop, 8 stopped, 16 test, 32 tested", NULL,
		"0.1", CORE, PLAIN },
	[APCI_TX] = { "iec60870_104.tx", FIELD_U32, "Number of this unit", NULL, "0.1", DETAIL,
		PLAIN },
	[APCI_RX] = { "iec60870_104.rx", FIELD_U32, "Number of the unit expected next", NULL, "0.1",
		DETAIL, PLAIN },
	[ASDU_TYPEID] = { "iec60870_asdu.typeid", FIELD_U8, "Type", NULL, "0.1", CORE, PLAIN },
	[ASDU_SQ] = { "iec60870_asdu.sq", FIELD_BOOL, "One address, and elements that follow on it",
		NULL, "0.1", DETAIL, PLAIN },
	[ASDU_NUMIX] = { "iec60870_asdu.numix", FIELD_U8, "How many objects", NULL, "0.1", DETAIL,
		PLAIN },
	[ASDU_CAUSE] = { "iec60870_asdu.causetx", FIELD_U8,
		"Cause: 1 periodic, 3 spontaneous, 6 activation, 7 its confirmation, 20 asked for",
		NULL, "0.1", CORE, PLAIN },
	[ASDU_NEGATIVE] = { "iec60870_asdu.nega", FIELD_BOOL, "Refused", NULL, "0.1", CORE, PLAIN },
	[ASDU_TEST] = { "iec60870_asdu.test", FIELD_BOOL, "Only a test", NULL, "0.1", CORE, PLAIN },
	[ASDU_OA] = { "iec60870_asdu.oa", FIELD_U8, "Originator", NULL, "0.1", DETAIL, PLAIN },
	[ASDU_ADDR] = { "iec60870_asdu.addr", FIELD_U16, "Common address: the station", NULL, "0.1",
		CORE, PLAIN },
	[ASDU_IOA] = { "iec60870_asdu.ioa", FIELD_U24, "Address of an object", NULL, "0.1", CORE,
		PLAIN },
	[ASDU_SPI] = { "iec60870_asdu.siq.spi", FIELD_BOOL, "Single point: on or off", NULL, "0.1",
		CORE, PLAIN },
	[ASDU_DPI] = { "iec60870_asdu.diq.dpi", FIELD_U8,
		"Double point: 1 off, 2 on, 0 and 3 neither", NULL, "0.1", CORE, PLAIN },
	[ASDU_QDS] = { "iec60870_asdu.qds", FIELD_U8, "Quality of a value", NULL, "0.1", DETAIL,
		PLAIN },
	[ASDU_QDS_IV] = { "iec60870_asdu.qds.iv", FIELD_BOOL, "The value is not valid", NULL, "0.1",
		DETAIL, PLAIN },
	[ASDU_FLOAT] = { "iec60870_asdu.float", FIELD_F64, "Floating-point value", NULL, "0.1",
		CORE, PLAIN },
	[ASDU_NORMVAL] = { "iec60870_asdu.normval", FIELD_F64, "Value from -1 to below 1", NULL,
		"0.1", CORE, PLAIN },
	[ASDU_SCALVAL] = { "iec60870_asdu.scalval", FIELD_I16, "Scaled value", NULL, "0.1", CORE,
		PLAIN },
	[ASDU_COUNT] = { "iec60870_asdu.bcr.count", FIELD_I32, "Counter", NULL, "0.1", CORE,
		PLAIN },
	[ASDU_QOI] = { "iec60870_asdu.qoi", FIELD_U8, "What is asked for; 20 is all", NULL, "0.1",
		CORE, PLAIN },
	[ASDU_TIME] = { "iec60870_asdu.cp56time", FIELD_TIME, "Time of the object", NULL, "0.1",
		CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 2404, NULL }, { 0 } };

static void decode_unnumbered(struct packet *pkt, uint32_t control)
{
	static const char *const actions[33] = { [1] = "startdt-act",
		[2] = "startdt-con",
		[4] = "stopdt-act",
		[8] = "stopdt-con",
		[16] = "testfr-act",
		[32] = "testfr-con" };
	uint32_t kind = control >> 2 & 0x3f;

	put_u64(pkt, APCI_UTYPE, kind);
	if (kind < sizeof(actions) / sizeof(actions[0]))
		ecs_text(pkt, ECS_EVENT_ACTION, actions[kind]);
}

/* One unit; false when it does not end here. */
static bool decode_unit(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 1);
	uint8_t length = get_u8(pkt, b, APCI_LENGTH);
	size_t claimed = bytes_claimed(b);
	struct bytes unit = bytes_upto(b, length);
	uint32_t control = bytes_le32(&unit);
	if (!bytes_ok(&unit) || !bytes_ok(b))
		return false;
	uint32_t kind = control & 1 ? control & 3 : 0;
	put_u64(pkt, APCI_TYPE, kind);
	if (kind == UNNUMBERED)
		decode_unnumbered(pkt, control);
	if (kind == 0)
		put_u64(pkt, APCI_TX, control >> 1 & 0x7fff);
	if (kind != UNNUMBERED)
		put_u64(pkt, APCI_RX, control >> 17);
	if (kind == 0)
		return asdu_decode(pkt, unit) && length <= claimed;
	return length <= claimed;
}

/* A head that begins no unit of ours. */
static bool is_ours(struct bytes b)
{
	return bytes_peek(&b, 0) == START && bytes_peek(&b, 1) >= LENGTH_MIN;
}

static bool probe_information(struct bytes b, int length)
{
	return length > 10 && (bytes_peek(&b, 4) & 1) == 0 &&
	       asdu_known((uint8_t)bytes_peek(&b, 6)) && (bytes_peek(&b, 7) & 0x7f) != 0 &&
	       (bytes_peek(&b, 8) & 0x3f) != 0 && (bytes_peek(&b, 8) & 0x3f) <= CAUSE_MAX;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	int length = bytes_peek(&b, 1), kind = bytes_peek(&b, 2);
	if (length < LENGTH_MIN || length > LENGTH_MAX || bytes_left(&b) < (size_t)length + 2)
		return false;
	if ((kind & 1) == 0)
		return probe_information(b, length);
	if (length != LENGTH_MIN || bytes_peek(&b, 3) != 0)
		return false;
	if (kind == SUPERVISORY)
		return (bytes_peek(&b, 4) & 1) == 0 && bytes_left(&b) == LENGTH_MIN + 2;
	int bit = kind >> 2;
	return (kind & UNNUMBERED) == UNNUMBERED && bit && (bit & (bit - 1)) == 0 &&
	       bytes_peek(&b, 4) == 0 && bytes_peek(&b, 5) == 0;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (!is_ours(b))
		return DECODE_REJECT;
	bool whole = true;
	for (unsigned i = 0; i < UNITS_MAX && is_ours(b); i++)
		whole = decode_unit(pkt, &b) && whole;
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, START, START }, { 0 } };

const struct proto proto_iec60870_104 = { .name = "iec60870_104",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "iec60870_104" };
