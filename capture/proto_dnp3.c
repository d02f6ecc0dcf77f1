/* proto_dnp3.c -- DNP3: link, transport and head of the application layer.
 * IEEE 1815, 9.2:  0-1 05 64 | 2 length of what follows but sums | 3 control: direction, primary, ...,
 *   function (4 bits) | 4-5 destination | 6-7 source | 8-9 sum; then blocks of up to 16 bytes, each
 *   with a sum of its own. 8.2: 0 last (1 bit), first (1), sequence (6) | application: 0 first, last,
 *   confirm, unsolicited, sequence (4 bits) | 1 function | answers: 2-3 indications | objects
 * Frames stand one behind the other. A message in several of them is not put together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dnp3.h"
#include "outcome.h"

enum { HEAD = 10, SUMMED = 8, BLOCK = 16, FIXED = 5, USER_MAX = 250, FRAMES_MAX = 64 };
enum { FIN = 0x80, FIR = 0x40, RESPONSE = 129, UNSOLICITED = 130, POLYNOMIAL = 0xa6bc };
enum { IIN_RESTART = 15, IIN_TROUBLE = 14, IIN_ERRORS = 0x0007, FUNCTIONS = 34 };
static const uint8_t start_bytes[] = { 0x05, 0x64 };
static const struct proto_bind binds[] = { { BY_TCP_PORT, 20000, NULL },
	{ BY_UDP_PORT, 20000, NULL }, { 0 } };

/* Requests: their names, and whether objects that they list have values. */
struct function {
	const char *name;
	bool objects, values;
};
static const struct function functions[FUNCTIONS] = {
	[0] = { "confirm", false, false },
	[1] = { "read", true, false },
	[2] = { "write", true, true },
	[3] = { "select", true, true },
	[4] = { "operate", true, true },
	[5] = { "direct-operate", true, true },
	[6] = { "direct-operate-no-response", true, true },
	[7] = { "immediate-freeze", true, false },
	[8] = { "immediate-freeze-no-response", true, false },
	[9] = { "freeze-clear", true, false },
	[10] = { "freeze-clear-no-response", true, false },
	[11] = { "freeze-at-time", false, false },
	[12] = { "freeze-at-time-no-response", false, false },
	[13] = { "cold-restart", false, false },
	[14] = { "warm-restart", false, false },
	[15] = { "initialize-data", false, false },
	[16] = { "initialize-application", false, false },
	[17] = { "start-application", false, false },
	[18] = { "stop-application", false, false },
	[19] = { "save-configuration", false, false },
	[20] = { "enable-unsolicited", true, false },
	[21] = { "disable-unsolicited", true, false },
	[22] = { "assign-class", false, false },
	[23] = { "delay-measurement", false, false },
	[24] = { "record-current-time", false, false },
	[25] = { "open-file", true, true },
	[26] = { "close-file", true, true },
	[27] = { "delete-file", true, true },
	[28] = { "get-file-information", false, false },
	[29] = { "authenticate-file", false, false },
	[30] = { "abort-file", false, false },
	[31] = { "activate-configuration", false, false },
	[32] = { "authentication-request", false, false },
	[33] = { "authentication-request-no-response", false, false },
};

static uint16_t sum_of(const uint8_t *p, size_t n)
{
	uint16_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum ^= p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			sum = (uint16_t)(sum >> 1 ^ (sum & 1 ? POLYNOMIAL : 0));
	}
	return (uint16_t)~sum;
}

static bool is_ours(struct bytes b)
{
	return bytes_starts(&b, start_bytes, sizeof(start_bytes)) && bytes_peek(&b, 2) >= FIXED;
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	const uint8_t *head = bytes_take(&b, SUMMED);
	return head && head[1] == start_bytes[1] && head[2] >= FIXED &&
	       sum_of(head, SUMMED) == bytes_le16(&b);
}

/* IEEE 1815, 4.5.2: bits of the second byte. */
static void tell_outcome(struct packet *pkt, unsigned errors)
{
	static const struct {
		const char *code, *name;
	} bits[] = { { "IIN2.0", "function code not supported" }, { "IIN2.1", "object unknown" },
		{ "IIN2.2", "parameter error" } };
	unsigned i = 0;

	if (errors == 0) {
		outcome_success(pkt);
		return;
	}
	while (!(errors >> i & 1))
		i++;
	outcome_failure_words(pkt, bytes_of(bits[i].code, strlen(bits[i].code)),
		bytes_of(bits[i].name, strlen(bits[i].name)));
}

static void decode_response(struct packet *pkt, struct bytes *b, uint8_t function)
{
	uint16_t indications = get_be16(pkt, b, DNP3_IIN);

	if (!bytes_ok(b))
		return;
	put_bool(pkt, DNP3_IIN_RST, indications >> IIN_RESTART & 1);
	put_bool(pkt, DNP3_IIN_DT, indications >> IIN_TROUBLE & 1);
	ecs_text(pkt, ECS_EVENT_ACTION, function == RESPONSE ? "response" : "unsolicited-response");
	if (function == RESPONSE)
		tell_outcome(pkt, indications & IIN_ERRORS);
	dnp3_objects(pkt, *b, true);
}

bool dnp3_application(struct packet *pkt, struct bytes b)
{
	uint8_t control = get_u8(pkt, &b, DNP3_AL_CTL), function = bytes_u8(&b);

	if (!bytes_ok(&b))
		return false;
	put_bool(pkt, DNP3_AL_FIR, control >> 7 & 1);
	put_bool(pkt, DNP3_AL_FIN, control >> 6 & 1);
	put_bool(pkt, DNP3_AL_CON, control >> 5 & 1);
	put_bool(pkt, DNP3_AL_UNS, control >> 4 & 1);
	put_u64(pkt, DNP3_AL_SEQ, control & 15);
	put_u64(pkt, DNP3_AL_FUNC, function);
	if (function == RESPONSE || function == UNSOLICITED) {
		decode_response(pkt, &b, function);
	} else if (function < FUNCTIONS) {
		ecs_text(pkt, ECS_EVENT_ACTION, functions[function].name);
		if (functions[function].objects)
			dnp3_objects(pkt, b, functions[function].values);
		else /* an authentication has a password */
			pkt_secret(pkt, b.p, bytes_left(&b));
	}
	return bytes_ok(&b);
}

/* The bytes of the blocks without their sums, in scratch. False when a block is not whole or its sum
 * is wrong. */
static bool join_blocks(struct packet *pkt, struct bytes *b, size_t length, struct bytes *out)
{
	char *user = pkt_scratch(pkt, length);
	size_t done = 0;

	while (user && done < length) { /* at most USER_MAX / BLOCK + 1 turns */
		size_t n = length - done < BLOCK ? length - done : BLOCK;
		const uint8_t *block = bytes_take(b, n);
		uint16_t sum = bytes_le16(b);
		if (!bytes_ok(b))
			return false;
		if (sum_of(block, n) != sum) {
			pkt_anomaly(pkt, "wrong sum of a block");
			return false;
		}
		memcpy(user + done, block, n);
		done += n;
	}
	*out = bytes_of(user, user ? length : 0);
	return user != NULL;
}

static void put_control(struct packet *pkt, uint8_t control)
{
	bool primary = control >> 6 & 1;

	put_u64(pkt, DNP3_CTL, control);
	put_bool(pkt, DNP3_DIR, control >> 7 & 1);
	put_bool(pkt, DNP3_PRM, primary);
	put_u64(pkt, primary ? DNP3_PRIFUNC : DNP3_SECFUNC, control & 15);
	pkt_client(pkt, control >> 7 & 1); /* from the master */
}

static bool decode_user(struct packet *pkt, struct bytes *b, size_t length)
{
	struct bytes user;
	int transport = bytes_peek(b, 0);

	if (transport < 0)
		return false;
	put_u64(pkt, DNP3_TR_CTL, (uint64_t)transport);
	put_bool(pkt, DNP3_TR_FIN, transport & FIN);
	put_bool(pkt, DNP3_TR_FIR, transport & FIR);
	put_u64(pkt, DNP3_TR_SEQ, transport & 0x3f);
	if (!join_blocks(pkt, b, length, &user))
		return bytes_ok(b);
	bytes_skip(&user, 1);
	if (!(transport & FIN) || !(transport & FIR))
		return true;
	return dnp3_application(pkt, user);
}

static bool decode_frame(struct packet *pkt, struct bytes *b)
{
	(void)get_be16(pkt, b, DNP3_START);
	uint8_t length = get_u8(pkt, b, DNP3_LEN), control = bytes_u8(b);
	if (!bytes_ok(b))
		return false;
	put_control(pkt, control);
	(void)get_le16(pkt, b, DNP3_DST);
	(void)get_le16(pkt, b, DNP3_SRC);
	(void)get_le16(pkt, b, DNP3_CRC);
	if (!bytes_ok(b))
		return false;
	return length == FIXED || decode_user(pkt, b, length - (size_t)FIXED);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (!is_ours(b))
		return DECODE_REJECT;
	for (unsigned i = 0; i < FRAMES_MAX && is_ours(b); i++)
		if (!decode_frame(pkt, &b))
			return DECODE_TRUNCATED;
	return DECODE_OK;
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, 0x05, 0x05 },
	{ BY_UDP_PORT, 0x05, 0x05 }, { 0 } };

const struct proto proto_dnp3 = { .name = "dnp3",
	.binds = binds,
	.fields = dnp3_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "dnp3" };
