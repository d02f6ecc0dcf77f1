/* proto_ptp.c -- Precision Time Protocol, version 2; version 1 is only named.
 * IEEE 1588-2019, 13:  0 profile (4 bits), message (4) | 1 minor version (4), version (4) |
 *   2-3 length | 4 domain | 6-7 flags | 8-15 correction, i64 in 2^-16 ns | 20-27 clock | 28-29 port |
 *   30-31 sequence | 32 control | 33 logarithm of the period, i8; then the message's own; times are
 *   seconds u48 | nanoseconds u32 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { ETHERTYPE = 0x88f7, EVENT = 319, GENERAL = 320, CORRECTION_SHIFT = 16 };
enum { SYNC = 0, DELAY_REQ = 1, FOLLOW_UP = 8, ANNOUNCE = 11, VERSION_1 = 1, VERSION_2 = 2 };
enum { TWO_STEP = 9, UNICAST = 10, LI61 = 0, LI59 = 1, UTC_REASONABLE = 2, TIMESCALE = 3 };

enum {
	MESSAGE_TYPE,
	VERSION,
	LENGTH,
	DOMAIN,
	FLAGS,
	FLAG_UNICAST,
	FLAG_TWO_STEP,
	FLAG_TIMESCALE,
	FLAG_UTC,
	FLAG_LI59,
	FLAG_LI61,
	CORRECTION,
	CLOCK,
	PORT,
	SEQUENCE,
	CONTROL,
	PERIOD,
	ORIGIN_SECONDS,
	ORIGIN_NANOSECONDS,
	PRECISE_SECONDS,
	PRECISE_NANOSECONDS,
	PRIORITY_1,
	CLOCK_CLASS,
	PRIORITY_2,
	GRANDMASTER,
	STEPS_REMOVED,
	TIME_SOURCE,
};
static const struct proto_field fields[] = {
	[MESSAGE_TYPE] = { "ptp.v2.messagetype", FIELD_U8,
		"Message: 0 sync, 1 delay request, 8 follow up, 9 delay response, 11 announce",
		NULL, "0.1", CORE, PLAIN },
	[VERSION] = { "ptp.v2.versionptp", FIELD_U8, "Version", NULL, "0.1", CORE, PLAIN },
	[LENGTH] = { "ptp.v2.messagelength", FIELD_U16, "Length of the message", NULL, "0.1",
		DETAIL, PLAIN },
	[DOMAIN] = { "ptp.v2.domainnumber", FIELD_U8, "Domain", NULL, "0.1", CORE, PLAIN },
	[FLAGS] = { "ptp.v2.flags", FIELD_U16, "Flags in one", NULL, "0.1", DETAIL, PLAIN },
	[FLAG_UNICAST] = { "ptp.v2.flags.unicast", FIELD_BOOL, "Sent to one clock alone", NULL,
		"0.1", DETAIL, PLAIN },
	[FLAG_TWO_STEP] = { "ptp.v2.flags.twostep", FIELD_BOOL, "A follow up tells the time", NULL,
		"0.1", DETAIL, PLAIN },
	[FLAG_TIMESCALE] = { "ptp.v2.flags.timescale", FIELD_BOOL, "Times are of PTP's own scale",
		NULL, "0.1", DETAIL, PLAIN },
	[FLAG_UTC] = { "ptp.v2.flags.utcreasonable", FIELD_BOOL, "The offset to UTC is right", NULL,
		"0.1", DETAIL, PLAIN },
	[FLAG_LI59] = { "ptp.v2.flags.li59", FIELD_BOOL, "The day's last minute has 59 seconds",
		NULL, "0.1", DETAIL, PLAIN },
	[FLAG_LI61] = { "ptp.v2.flags.li61", FIELD_BOOL, "The day's last minute has 61 seconds",
		NULL, "0.1", DETAIL, PLAIN },
	[CORRECTION] = { "ptp.v2.correction.ns", FIELD_I64, "Correction in whole nanoseconds", NULL,
		"0.1", DETAIL, PLAIN },
	[CLOCK] = { "ptp.v2.clockidentity", FIELD_STR, "Clock that sends", NULL, "0.1", CORE,
		PLAIN },
	[PORT] = { "ptp.v2.sourceportid", FIELD_U16, "Its port", NULL, "0.1", DETAIL, PLAIN },
	[SEQUENCE] = { "ptp.v2.sequenceid", FIELD_U16, "Sequence number: an answer repeats it",
		NULL, "0.1", CORE, PLAIN },
	[CONTROL] = { "ptp.v2.controlfield", FIELD_U8, "Message as version 1 numbers it", NULL,
		"0.1", DETAIL, PLAIN },
	[PERIOD] = { "ptp.v2.logmessageperiod", FIELD_I8, "Period, as a power of two seconds", NULL,
		"0.1", DETAIL, PLAIN },
	[ORIGIN_SECONDS] = { "ptp.v2.sdr.origintimestamp.seconds", FIELD_U64,
		"When it was sent: seconds", NULL, "0.1", CORE, PLAIN },
	[ORIGIN_NANOSECONDS] = { "ptp.v2.sdr.origintimestamp.nanoseconds", FIELD_I32,
		"When it was sent: nanoseconds", NULL, "0.1", CORE, PLAIN },
	[PRECISE_SECONDS] = { "ptp.v2.fu.preciseorigintimestamp.seconds", FIELD_U64,
		"When the sync before was sent: seconds", NULL, "0.1", CORE, PLAIN },
	[PRECISE_NANOSECONDS] = { "ptp.v2.fu.preciseorigintimestamp.nanoseconds", FIELD_U32,
		"When the sync before was sent: nanoseconds", NULL, "0.1", CORE, PLAIN },
	[PRIORITY_1] = { "ptp.v2.an.priority1", FIELD_U8, "First priority of the grandmaster", NULL,
		"0.1", CORE, PLAIN },
	[CLOCK_CLASS] = { "ptp.v2.an.grandmasterclockclass", FIELD_U8, "Class of the grandmaster",
		NULL, "0.1", CORE, PLAIN },
	[PRIORITY_2] = { "ptp.v2.an.priority2", FIELD_U8, "Second priority of the grandmaster",
		NULL, "0.1", CORE, PLAIN },
	[GRANDMASTER] = { "ptp.v2.an.grandmasterclockidentity", FIELD_STR, "Grandmaster", NULL,
		"0.1", CORE, PLAIN },
	[STEPS_REMOVED] = { "ptp.v2.an.localstepsremoved", FIELD_U16, "Clocks on the way to it",
		NULL, "0.1", DETAIL, PLAIN },
	[TIME_SOURCE] = { "ptp.v2.timesource", FIELD_U8,
		"Where it has its time: 0x10 atomic, 0x20 GNSS, 0x50 NTP, 0xa0 internal", NULL,
		"0.1", DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_ETHERTYPE, ETHERTYPE, NULL },
	{ BY_UDP_PORT, EVENT, NULL }, { BY_UDP_PORT, GENERAL, NULL }, { 0 } };

static void put_flags(struct packet *pkt, uint16_t flags)
{
	put_u64(pkt, FLAGS, flags);
	put_bool(pkt, FLAG_UNICAST, flags >> UNICAST & 1);
	put_bool(pkt, FLAG_TWO_STEP, flags >> TWO_STEP & 1);
	put_bool(pkt, FLAG_TIMESCALE, flags >> TIMESCALE & 1);
	put_bool(pkt, FLAG_UTC, flags >> UTC_REASONABLE & 1);
	put_bool(pkt, FLAG_LI59, flags >> LI59 & 1);
	put_bool(pkt, FLAG_LI61, flags >> LI61 & 1);
}

static void get_time(struct packet *pkt, struct bytes *b, unsigned seconds, unsigned nanoseconds)
{
	uint64_t high = bytes_be16(b), low = bytes_be32(b);
	uint32_t rest = bytes_be32(b);

	if (!bytes_ok(b))
		return;
	put_u64(pkt, seconds, high << 32 | low);
	if (nanoseconds == ORIGIN_NANOSECONDS)
		put_i64(pkt, nanoseconds, (int32_t)rest);
	else
		put_u64(pkt, nanoseconds, rest);
}

static void get_announce(struct packet *pkt, struct bytes *b)
{
	bytes_skip(b, 13); /* time, offset to UTC */
	(void)get_u8(pkt, b, PRIORITY_1);
	(void)get_u8(pkt, b, CLOCK_CLASS);
	bytes_skip(b, 3); /* accuracy, variance */
	(void)get_u8(pkt, b, PRIORITY_2);
	uint64_t grandmaster = bytes_be64(b);
	if (bytes_ok(b))
		put_hex64(pkt, GRANDMASTER, grandmaster);
	(void)get_be16(pkt, b, STEPS_REMOVED);
	(void)get_u8(pkt, b, TIME_SOURCE);
}

static void get_head(struct packet *pkt, struct bytes *b)
{
	(void)get_be16(pkt, b, LENGTH);
	(void)get_u8(pkt, b, DOMAIN);
	bytes_skip(b, 1);
	uint16_t flags = bytes_be16(b);
	if (bytes_ok(b))
		put_flags(pkt, flags);
	int64_t correction = (int64_t)bytes_be64(b);
	if (bytes_ok(b))
		put_i64(pkt, CORRECTION, correction >> CORRECTION_SHIFT);
	bytes_skip(b, 4);
	uint64_t clock = bytes_be64(b);
	if (bytes_ok(b))
		put_hex64(pkt, CLOCK, clock);
	(void)get_be16(pkt, b, PORT);
	(void)get_be16(pkt, b, SEQUENCE);
	(void)get_u8(pkt, b, CONTROL);
	uint8_t period = bytes_u8(b);
	if (bytes_ok(b))
		put_i64(pkt, PERIOD, (int8_t)period);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[16] = { [SYNC] = "sync",
		[DELAY_REQ] = "delay-req",
		[2] = "pdelay-req",
		[3] = "pdelay-resp",
		[FOLLOW_UP] = "follow-up",
		[9] = "delay-resp",
		[10] = "pdelay-resp-follow-up",
		[ANNOUNCE] = "announce",
		[12] = "signaling",
		[13] = "management" };
	struct bytes all = b;
	uint8_t type = bytes_u8(&b) & 15, version = bytes_u8(&b) & 15;
	bool over_udp = pkt->flow.has_ports;

	if (over_udp && bytes_be16(&all) == VERSION_1)
		return DECODE_OK;
	if (!bytes_ok(&b) || (over_udp && version != VERSION_2))
		return DECODE_REJECT;
	put_u64(pkt, MESSAGE_TYPE, type);
	put_u64(pkt, VERSION, version);
	ecs_text(pkt, ECS_EVENT_ACTION, actions[type]);
	get_head(pkt, &b);
	if (type == SYNC || type == DELAY_REQ)
		get_time(pkt, &b, ORIGIN_SECONDS, ORIGIN_NANOSECONDS);
	else if (type == FOLLOW_UP)
		get_time(pkt, &b, PRECISE_SECONDS, PRECISE_NANOSECONDS);
	else if (type == ANNOUNCE)
		get_announce(pkt, &b);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_ptp = {
	.name = "ptp", .binds = binds, .fields = fields, .decode = decode, .application = "ptp"
};
