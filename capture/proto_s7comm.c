/* proto_s7comm.c -- the protocol of Siemens S7-300, 400 and of 1200, 1500 in their older manner.
 * After Wireshark's description:  0 0x32 | 1 kind: 1 job, 2 acknowledge, 3 answer, 7 user data |
 *   2-3 redundancy | 4-5 number | 6-7 length of parameters | 8-9 length of data |
 *   kinds 2 and 3: 10 class of error | 11 error; then parameters, then data
 *   parameters of a job: function | of read and write: count | items
 *   of user data: 00 01 12 | length | method | type (4 bits), group (4) | function | number */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"
#include "s7comm.h"

enum { PROTOCOL_ID = 0x32, HEAD = 10, READ_SZL = 1, CYCLIC = 2, CPU = 4, SECURITY = 5 };
enum { REQUEST_TYPE = 4, RESPONSE_TYPE = 8, FUNCTION_GROUPS = 8 };

static const struct proto_probe probes[] = { { BY_COTP, PROTOCOL_ID, PROTOCOL_ID }, { 0 } };

static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	int kind = bytes_peek(&b, 1);
	return bytes_left(&b) >= HEAD && kind >= S7_JOB && kind <= S7_USERDATA;
}

static const char *const actions[256] = {
	[S7_READ] = "read-var",
	[S7_WRITE] = "write-var",
	[0x1a] = "request-download",
	[0x1b] = "download-block",
	[0x1c] = "download-ended",
	[0x1d] = "start-upload",
	[S7_UPLOAD] = "upload",
	[0x1f] = "end-upload",
	[0x28] = "pi-service",
	[0x29] = "plc-stop",
	[0xf0] = "setup-communication",
};

static const char *const groups[FUNCTION_GROUPS] = { "mode-transition", "programmer-commands",
	"cyclic-services", "block-functions", "cpu-functions", "security", "pbc",
	"time-functions" };

static const char *error_name(uint8_t class)
{
	switch (class) {
	case 0x81:
		return "application relationship error";
	case 0x82:
		return "object definition error";
	case 0x83:
		return "no resources available";
	case 0x84:
		return "error on service processing";
	case 0x85:
		return "error on supplies";
	case 0x87:
		return "access error";
	default:
		return NULL;
	}
}

static void put_error(struct packet *pkt, struct bytes *b)
{
	uint8_t class = get_u8(pkt, b, S7_ERRCLS), code = get_u8(pkt, b, S7_ERRCOD);

	if (!bytes_ok(b))
		return;
	if (class || code)
		outcome_failure_hex(pkt, class * 256u + code, 4, error_name(class));
	else
		outcome_success(pkt);
}

static void decode_job(struct packet *pkt, struct bytes param, struct bytes data)
{
	uint8_t function = get_u8(pkt, &param, S7_FUNC);

	if (!bytes_ok(&param))
		return;
	ecs_text(pkt, ECS_EVENT_ACTION, actions[function]);
	if (function != S7_READ && function != S7_WRITE)
		return;
	uint8_t count = get_u8(pkt, &param, S7_ITEMCOUNT);
	s7_items(pkt, &param, count);
	if (function == S7_WRITE)
		s7_values(pkt, &data, count);
}

static void decode_answer(struct packet *pkt, struct bytes param, struct bytes data)
{
	uint8_t function = get_u8(pkt, &param, S7_FUNC);

	if (!bytes_ok(&param))
		return;
	ecs_text(pkt, ECS_EVENT_ACTION, actions[function]);
	if (function == S7_READ || function == S7_WRITE) {
		uint8_t count = get_u8(pkt, &param, S7_ITEMCOUNT);
		if (function == S7_READ)
			s7_values(pkt, &data, count);
		for (unsigned i = 0; function == S7_WRITE && i < count && bytes_left(&data); i++)
			(void)get_u8(pkt, &data, S7_RETURNCODE);
	} else if (function == S7_UPLOAD || function == S7_DOWNLOAD) {
		if (bytes_left(&data))
			(void)get_be16(pkt, &data, S7_LENGTH);
	}
}

/* What a group says of its data. */
static void decode_group(
	struct packet *pkt, uint8_t type, uint8_t group, uint8_t function, struct bytes data)
{
	uint8_t code = get_u8(pkt, &data, S7_RETURNCODE), size = get_u8(pkt, &data, S7_TRANSPORT);
	uint16_t length = s7_length(size, bytes_be16(&data));

	if (!bytes_ok(&data))
		return;
	put_u64(pkt, S7_LENGTH, length);
	if (group == SECURITY) /* a password, hidden from nobody who knows how */
		pkt_secret(pkt, data.p, bytes_left(&data));
	if (group == CPU && function == READ_SZL && code == S7_DATA_OK && length)
		(void)get_be16(pkt, &data, S7_SZL_ID);
	if (group != CYCLIC || code != S7_DATA_OK || function != 1)
		return;
	bytes_skip(&data, 1);
	uint8_t count = get_u8(pkt, &data, S7_ITEMCOUNT);
	if (type == REQUEST_TYPE) {
		bytes_skip(&data, 2);
		s7_items(pkt, &data, count);
	} else {
		s7_values(pkt, &data, count);
	}
}

static void decode_userdata(struct packet *pkt, struct bytes param, struct bytes data)
{
	bytes_skip(&param, 5);
	uint8_t kind = bytes_u8(&param);
	uint8_t type = kind >> 4, group = kind & 15;
	if (!bytes_ok(&param))
		return;
	put_u64(pkt, S7_USERDATA_TYPE, type);
	put_u64(pkt, S7_FUNCGROUP, group);
	uint8_t function = get_u8(pkt, &param, S7_SUBFUNC);
	if (group < FUNCTION_GROUPS)
		ecs_text(pkt, ECS_EVENT_ACTION, groups[group]);
	if (type == REQUEST_TYPE || type == RESPONSE_TYPE)
		pkt_client(pkt, type == REQUEST_TYPE);
	if (bytes_left(&data))
		decode_group(pkt, type, group, function, data);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	(void)get_u8(pkt, &b, S7_PROTID);
	uint8_t kind = get_u8(pkt, &b, S7_ROSCTR);
	(void)get_be16(pkt, &b, S7_REDID);
	(void)get_be16(pkt, &b, S7_PDUREF);
	uint16_t param_length = get_be16(pkt, &b, S7_PARLG), length = get_be16(pkt, &b, S7_DATLG);
	if (kind == S7_ACK || kind == S7_ANSWER)
		put_error(pkt, &b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	bool whole = bytes_left(&b) >= (size_t)param_length + length;
	struct bytes param = bytes_upto(&b, param_length), data = bytes_upto(&b, length);
	if (kind == S7_USERDATA) {
		decode_userdata(pkt, param, data);
	} else {
		pkt_client(pkt, kind == S7_JOB);
		if (kind == S7_JOB)
			decode_job(pkt, param, data);
		else if (kind == S7_ANSWER)
			decode_answer(pkt, param, data);
	}
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_s7comm = { .name = "s7comm",
	.fields = s7_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "s7comm" };
