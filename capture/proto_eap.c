/* proto_eap.c -- Extensible Authentication Protocol.
 * RFC 3748, section 4:  0 code | 1 identifier | 2-3 length of all |
 *   4 type | its data; only in requests and responses
 * Types that carry TLS (RFC 5216, 3.1):  5 flags | length of all fragments (4), where flag 0x80 is
 *   set | TLS. Of more than one packet (flag 0x40) only the first has a beginning.
 * SIM and AKA (RFC 4186, 8.1):  5 subtype | 6-7 reserved | attributes: 0 type | 1 length in words of
 *   four bytes | value; of an identity (14): length (2), name */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { REQUEST = 1, RESPONSE = 2, SUCCESS = 3, FAILURE = 4, HEADER = 4 };
enum {
	IDENTITY = 1,
	OTP = 5,
	GTC = 6,
	TLS = 13,
	SIM = 18,
	TTLS = 21,
	AKA = 23,
	PEAP = 25,
	FAST = 43,
	AKA_2 = 50,
	TEAP = 55,
	EXPANDED = 254
};
enum { VENDOR_WIFI = 0x00372a };
enum { AT_IDENTITY = 14, ATTRIBUTES_MAX = 256, WORD = 4 };
enum { HAS_LENGTH = 0x80, MORE = 0x40, PORT_TLS = 443 };

enum { CODE, ID, TYPE, NAME_ROW };
static const struct proto_field fields[] = {
	[CODE] = { "eap.code", FIELD_U8, "1 request, 2 response, 3 success, 4 failure", NULL, "0.1",
		CORE, PLAIN },
	[ID] = { "eap.id", FIELD_U8, "Number that a response repeats", NULL, "0.1", DETAIL, PLAIN },
	[TYPE] = { "eap.type", FIELD_U8,
		"1 identity, 3 refusal, 4 MD5, 13 TLS, 21 TTLS, 25 PEAP, ...", NULL, "0.1", CORE,
		PLAIN },
	[NAME_ROW] = { "eap.identity", FIELD_STR, "Who wants to get in", NULL, "0.1", CORE, USER },
	{ 0 },
};
/* nameless there, as tshark has it */
static const struct proto_bind binds[] = { { BY_PPP, 0xc227, NULL }, { BY_EAPOL, 0, "" }, { 0 } };

static bool carries_tls(uint8_t type)
{
	return type == TLS || type == TTLS || type == PEAP || type == FAST || type == TEAP;
}

/* A message of one packet: the others need their neighbours. */
static void decode_tls(struct packet *pkt, struct bytes b)
{
	uint8_t flags = bytes_u8(&b);

	if (flags & HAS_LENGTH && bytes_be32(&b) != bytes_left(&b))
		return;
	int first = bytes_peek(&b, 0);
	if (flags & MORE || !bytes_ok(&b) || first < 20 || first > 23 || bytes_peek(&b, 1) != 3)
		return;
	(void)decode_by(pkt, BY_TCP_PORT, PORT_TLS, b);
}

static void put_name(struct packet *pkt, uint8_t code, struct bytes b)
{
	put_str(pkt, NAME_ROW, b.p, bytes_left(&b));
	if (code == RESPONSE) /* in a request it is a question */
		ecs_str(pkt, ECS_USER_NAME, b.p, bytes_left(&b));
}

static void put_attributes(struct packet *pkt, uint8_t code, struct bytes b)
{
	bytes_skip(&b, 3);
	for (unsigned i = 0; i < ATTRIBUTES_MAX && bytes_left(&b); i++) {
		uint8_t type = bytes_u8(&b), words = bytes_u8(&b);
		if (!bytes_ok(&b) || words == 0)
			return;
		struct bytes value = bytes_sub(&b, words * WORD - 2u);
		uint16_t length = bytes_be16(&value);
		if (type == AT_IDENTITY && bytes_ok(&value))
			put_name(pkt, code, bytes_upto(&value, length));
	}
}

/* RFC 3748, 5.7: 0-2 vendor | 3-6 its type | data */
static void decode_expanded(struct packet *pkt, struct bytes b)
{
	uint32_t vendor = bytes_be24(&b);

	bytes_skip(&b, 4);
	if (bytes_ok(&b) && vendor != 0 && vendor != VENDOR_WIFI)
		(void)decode_data(pkt, b);
}

static void put_data(struct packet *pkt, uint8_t code, uint8_t type, struct bytes b)
{
	if (type == IDENTITY)
		put_name(pkt, code, b);
	else if (code == RESPONSE &&
		 (type == OTP || type == GTC)) /* a password, or a token's number */
		pkt_secret(pkt, b.p, bytes_left(&b));
	else if (type == SIM || type == AKA || type == AKA_2)
		put_attributes(pkt, code, b);
	else if (carries_tls(type))
		decode_tls(pkt, b);
	else if (type == EXPANDED)
		decode_expanded(pkt, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { NULL, "request", "response", "success", "failure",
		"initiate", "finish" };
	bool whole = true;
	uint8_t code = get_u8(pkt, &b, CODE);

	(void)get_u8(pkt, &b, ID);
	uint16_t length = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, code));
	if (code == SUCCESS)
		outcome_success(pkt);
	if (code == FAILURE)
		outcome_failure(pkt, FAILURE, "Failure");
	if ((code != REQUEST && code != RESPONSE) || length <= HEADER)
		return DECODE_OK;
	whole = length - HEADER <= (int)bytes_left(&b);
	struct bytes data = bytes_upto(&b, length - HEADER);
	uint8_t type = get_u8(pkt, &data, TYPE);
	if (!bytes_ok(&data))
		return DECODE_TRUNCATED;
	put_data(pkt, code, type, data);
	return whole ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_eap = {
	.name = "eap", .binds = binds, .fields = fields, .decode = decode, .application = "eap"
};
