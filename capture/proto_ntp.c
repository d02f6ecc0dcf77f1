/* proto_ntp.c -- Network Time Protocol; of control and private messages the heads.
 * RFC 5905:  0 leap (2 bits), version (3), mode (3) | 1 stratum | 2 poll | 3 precision |
 *   4-7 root delay | 8-11 root dispersion | 12-15 reference | 16-23 reference time | 24-31 origin |
 *   32-39 receive | 40-47 transmit | extensions: 0-1 type | 2-3 length, of all | value |
 *   key id u32 | digest
 *   Times are seconds since 1900 and 2^-32ths; seconds below 2^31 are those from 2036 on.
 * RFC 9327, mode 6:  1 operation | 2-3 sequence | ...     Mode 7:  3 request code | ... */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum {
	CLIENT = 3,
	SERVER = 4,
	CONTROL = 6,
	PRIVATE = 7,
	DIGEST_MAX = 24,
	EXTENSION_MIN = 8,
	EXTENSIONS_MAX = 16384
};
enum { ERA = 0x80000000u };
enum { PEER_LIST_SUMMARY = 1, PEER_MIN = 13 };
static const int64_t seconds_to_1970 = 2208988800, seconds_of_era = INT64_C(1) << 32;

enum {
	FLAGS,
	LI,
	VN,
	MODE,
	STRATUM,
	PPOLL,
	PRECISION,
	ROOTDELAY,
	ROOTDISPERSION,
	REFID,
	REFTIME,
	ORG,
	REC,
	XMT,
	EXT_TYPE,
	KEYID,
	CTRL_SEQUENCE,
	PRIV_REQCODE,
};
static const struct proto_field fields[] = {
	[FLAGS] = { "ntp.flags", FIELD_U8, "Leap, version and mode in one", NULL, "0.1", DETAIL,
		PLAIN },
	[LI] = { "ntp.flags.li", FIELD_U8, "Leap: 1 and 2 announce one, 3 is not synchronized",
		NULL, "0.1", DETAIL, PLAIN },
	[VN] = { "ntp.flags.vn", FIELD_U8, "Version", NULL, "0.1", CORE, PLAIN },
	[MODE] = { "ntp.flags.mode", FIELD_U8,
		"1 and 2 symmetric, 3 client, 4 server, 5 broadcast, 6 control, 7 private", NULL,
		"0.1", CORE, PLAIN },
	[STRATUM] = { "ntp.stratum", FIELD_U8, "Servers between this clock and a reference", NULL,
		"0.1", CORE, PLAIN },
	[PPOLL] = { "ntp.ppoll", FIELD_U8, "Poll interval, as a power of two", NULL, "0.1", DETAIL,
		PLAIN },
	[PRECISION] = { "ntp.precision", FIELD_U8, "Precision, as a power of two", NULL, "0.1",
		DETAIL, PLAIN },
	[ROOTDELAY] = { "ntp.rootdelay", FIELD_U32, "Delay to the reference, in 2^-16 seconds",
		NULL, "0.1", DETAIL, PLAIN },
	[ROOTDISPERSION] = { "ntp.rootdispersion", FIELD_U32, "Dispersion, in 2^-16 seconds", NULL,
		"0.1", DETAIL, PLAIN },
	[REFID] = { "ntp.refid", FIELD_BYTES, "Reference: a name or an address", NULL, "0.1", CORE,
		PLAIN },
	[REFTIME] = { "ntp.reftime", FIELD_TIME, "When the clock was set last", NULL, "0.1", DETAIL,
		PLAIN },
	[ORG] = { "ntp.org", FIELD_TIME, "When the client sent", NULL, "0.1", CORE, PLAIN },
	[REC] = { "ntp.rec", FIELD_TIME, "When the server received", NULL, "0.1", CORE, PLAIN },
	[XMT] = { "ntp.xmt", FIELD_TIME, "When this was sent", NULL, "0.1", CORE, PLAIN },
	[EXT_TYPE] = { "ntp.ext.type", FIELD_U16, "Type of an extension", NULL, "0.1", DETAIL,
		PLAIN },
	[KEYID] = { "ntp.keyid", FIELD_BYTES, "Key of the digest", NULL, "0.1", DETAIL, PLAIN },
	[CTRL_SEQUENCE] = { "ntp.ctrl.sequence", FIELD_U16, "Sequence number of a control message",
		NULL, "0.1", DETAIL, PLAIN },
	[PRIV_REQCODE] = { "ntp.priv.reqcode", FIELD_U8, "Request code of a private message", NULL,
		"0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 123, NULL }, { 0 } };

/* Zero says that the time is not known. */
static void get_time(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint32_t seconds = bytes_be32(b), fraction = bytes_be32(b);
	uint32_t nanoseconds = (uint32_t)((uint64_t)fraction * 1000000000 >> 32);
	int64_t since = (int64_t)seconds - seconds_to_1970;

	if (!bytes_ok(b) || (seconds == 0 && nanoseconds == 0))
		return;
	if (seconds < ERA)
		since += seconds_of_era;
	put_time(pkt, field, since, nanoseconds);
}

static bool put_extensions(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < EXTENSIONS_MAX && bytes_claimed(b) > DIGEST_MAX; i++) {
		(void)get_be16(pkt, b, EXT_TYPE);
		uint16_t length = bytes_be16(b);
		if (!bytes_ok(b) || length < EXTENSION_MIN)
			return false;
		bytes_skip(b, length - 4u);
	}
	return bytes_ok(b);
}

static enum decode_result decode_time(struct packet *pkt, struct bytes b)
{
	for (unsigned i = STRATUM; i <= PRECISION; i++)
		(void)get_u8(pkt, &b, i);
	(void)get_be32(pkt, &b, ROOTDELAY);
	(void)get_be32(pkt, &b, ROOTDISPERSION);
	const uint8_t *reference = bytes_take(&b, 4);
	if (reference)
		put_bytes(pkt, REFID, reference, 4);
	for (unsigned i = REFTIME; i <= XMT; i++)
		get_time(pkt, &b, i);
	if (!bytes_ok(&b) || !put_extensions(pkt, &b))
		return DECODE_TRUNCATED;
	if (bytes_left(&b) == 0)
		return DECODE_OK;
	const uint8_t *key = bytes_take(&b, 4);
	if (key)
		put_bytes(pkt, KEYID, key, 4);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

/* RFC 9327, 2 and 3.3. */
static enum decode_result decode_control(struct packet *pkt, struct bytes b)
{
	enum { CONTROL_ANSWER = 0x80, CONTROL_ERROR = 0x40 };
	static const char *const errors[] = { "unspecified", "authentication failure",
		"invalid message length or format", "invalid opcode", "unknown association",
		"unknown variable", "invalid variable value", "administratively prohibited" };
	uint8_t bits = bytes_u8(&b);
	(void)get_be16(pkt, &b, CTRL_SEQUENCE);
	struct bytes status = b;
	uint8_t error = bytes_u8(&status);
	if (bytes_ok(&status) && bits & CONTROL_ERROR)
		outcome_failure(pkt, error, NAME_OF(errors, error));
	else if (bits & CONTROL_ANSWER)
		outcome_success(pkt);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

/* ntpdc's list of peers: each has 10 its stratum | 11 poll interval here | 12 there. */
static void put_peers(struct packet *pkt, struct bytes b, unsigned count, unsigned size)
{
	for (unsigned i = 0; i < count && size >= PEER_MIN && bytes_left(&b); i++) {
		struct bytes peer = bytes_upto(&b, size);
		bytes_skip(&peer, 10);
		(void)get_u8(pkt, &peer, STRATUM);
		bytes_skip(&peer, 1);
		(void)get_u8(pkt, &peer, PPOLL);
	}
}

/* 0 response, more to come | 1 sequence | 2 whose codes | 3 code | 4-5 error, how many items |
 * 6-7 size of each | items */
static enum decode_result decode_private(struct packet *pkt, struct bytes b, bool response)
{
	bytes_skip(&b, 2);
	uint8_t code = get_u8(pkt, &b, PRIV_REQCODE);
	unsigned count = bytes_be16(&b) & 0xfff, size = bytes_be16(&b) & 0xfff;
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (response && code == PEER_LIST_SUMMARY)
		put_peers(pkt, b, count, size);
	return DECODE_OK;
}

/* RFC 5905, 7.4: an answer of stratum 0 is a refusal, whose code stands for the reference. */
static void tell_kiss(struct packet *pkt, struct bytes b)
{
	uint8_t stratum = bytes_u8(&b);

	bytes_skip(&b, 10);
	struct bytes code = bytes_upto(&b, 4);
	if (!bytes_ok(&b) || stratum || bytes_left(&code) < 4)
		return;
	for (unsigned i = 0; i < 4; i++)
		if (code.p[i] < 'A' || code.p[i] > 'Z')
			return;
	static const uint8_t words[] = "kiss-o'-death";
	outcome_failure_words(pkt, code, bytes_of(words, sizeof(words) - 1));
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const modes[8] = { NULL, "symmetric-active", "symmetric-passive",
		"client", "server", "broadcast", "control", "private" };
	uint8_t flags = get_u8(pkt, &b, FLAGS), mode = flags & 7;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (mode != PRIVATE) /* where these bits mean something else */
		put_u64(pkt, LI, flags >> 6);
	put_u64(pkt, VN, flags >> 3 & 7);
	put_u64(pkt, MODE, mode);
	ecs_text(pkt, ECS_EVENT_ACTION, modes[mode]);
	if (mode == CLIENT || mode == SERVER)
		pkt_client(pkt, mode == CLIENT);
	if (mode == SERVER)
		tell_kiss(pkt, b);
	if (mode == CONTROL)
		return decode_control(pkt, b);
	return mode == PRIVATE ? decode_private(pkt, b, flags >> 7) : decode_time(pkt, b);
}

const struct proto proto_ntp = {
	.name = "ntp", .binds = binds, .fields = fields, .decode = decode, .application = "ntp"
};
