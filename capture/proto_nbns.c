/* proto_nbns.c -- NetBIOS Name Service.
 * RFC 1002, 4.2:  0-1 id | 2-3 flags: response (1 bit), operation (4), AA TC RD RA, two zeros,
 *   broadcast (1), code (4) | 4-11 four counts | questions: name | type | class
 *   records: name | type | class | 4 time to live | 2 length | data
 *   data of an address: each 0-1 flags; upper bit: a group | 2-5 address
 * A wait (operation 7) repeats the flags of the request as its data. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "nb_name.h"
#include "outcome.h"

enum { RECORDS_MAX = 256, TYPE_NB = 32, WAIT = 7, GROUP = 0x8000, RESPONSE = 0x8000 };
enum { OPERATIONS = 16, ADDRESSES_MAX = 256 };

enum {
	ID,
	FLAGS,
	FLAGS_RESPONSE,
	OPCODE,
	BROADCAST,
	RCODE,
	QUERIES,
	ANSWERS,
	AUTH,
	ADD,
	NAME_TEXT,
	TYPE,
	CLASS,
	TTL,
	DATA_LENGTH,
	NB_FLAGS,
	NB_GROUP,
	ADDR,
};
static const struct proto_field fields[] = {
	[ID] = { "nbns.id", FIELD_U16, "Message id", NULL, "0.1", DETAIL, PLAIN },
	[FLAGS] = { "nbns.flags", FIELD_U16, "Flags", NULL, "0.1", DETAIL, PLAIN },
	[FLAGS_RESPONSE] = { "nbns.flags.response", FIELD_BOOL, "It is a response", NULL, "0.1",
		DERIVED, PLAIN },
	[OPCODE] = { "nbns.flags.opcode", FIELD_U16,
		"0 query, 5 registration, 6 release, 7 wait, 8 refresh", NULL, "0.1", CORE, PLAIN },
	[BROADCAST] = { "nbns.flags.broadcast", FIELD_BOOL, "It is sent to all", NULL, "0.1",
		DERIVED, PLAIN },
	[RCODE] = { "nbns.flags.rcode", FIELD_U16, "Code of a response, 0 is success", NULL, "0.1",
		CORE, PLAIN },
	[QUERIES] = { "nbns.count.queries", FIELD_U16, "Questions", NULL, "0.1", DETAIL, PLAIN },
	[ANSWERS] = { "nbns.count.answers", FIELD_U16, "Answers", NULL, "0.1", DETAIL, PLAIN },
	[AUTH] = { "nbns.count.auth_rr", FIELD_U16, "Authority records", NULL, "0.1", DETAIL,
		PLAIN },
	[ADD] = { "nbns.count.add_rr", FIELD_U16, "Additional records", NULL, "0.1", DETAIL,
		PLAIN },
	[NAME_TEXT] = { "nbns.name", FIELD_STR, "Name, and in <> its kind in hexadecimal", NULL,
		"0.1", CORE, NAME },
	[TYPE] = { "nbns.type", FIELD_U16, "32 address, 33 status", NULL, "0.1", CORE, PLAIN },
	[CLASS] = { "nbns.class", FIELD_U16, "Class, 1", NULL, "0.1", DETAIL, PLAIN },
	[TTL] = { "nbns.ttl", FIELD_U32, "Seconds that a record is good for", NULL, "0.1", DETAIL,
		PLAIN },
	[DATA_LENGTH] = { "nbns.data_length", FIELD_U16, "Length of a record's data", NULL, "0.1",
		DETAIL, PLAIN },
	[NB_FLAGS] = { "nbns.nb_flags", FIELD_U16, "Flags of a name", NULL, "0.1", DETAIL, PLAIN },
	[NB_GROUP] = { "nbns.nb_flags.group", FIELD_BOOL, "The name is a group's", NULL, "0.1",
		DERIVED, PLAIN },
	[ADDR] = { "nbns.addr", FIELD_IPV4, "Address of a name", NULL, "0.1", CORE, ADDRESS },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 137, NULL }, { 0 } };

/* of_wait: the flags that a wait repeats, whose code is not shown. */
static void put_flags(struct packet *pkt, uint16_t flags, bool of_wait)
{
	put_u64(pkt, FLAGS, flags);
	put_bool(pkt, FLAGS_RESPONSE, flags >> 15);
	put_u64(pkt, OPCODE, flags >> 11 & 15);
	put_bool(pkt, BROADCAST, flags >> 4 & 1);
	if (flags & RESPONSE && !of_wait)
		put_u64(pkt, RCODE, flags & 15);
}

static void put_facts(struct packet *pkt, uint16_t flags)
{
	static const char *const actions[OPERATIONS] = { [0] = "query",
		[5] = "registration",
		[6] = "release",
		[7] = "wait",
		[8] = "refresh",
		[9] = "refresh",
		[15] = "multi-homed-registration" };
	static const char *const errors[] = { NULL, "FMT_ERR", "SRV_ERR", "NAM_ERR", "IMP_ERR",
		"RFS_ERR", "ACT_ERR", "CFT_ERR" };

	ecs_text(pkt, ECS_EVENT_ACTION, actions[flags >> 11 & 15]);
	pkt_client(pkt, !(flags & RESPONSE));
	if (!(flags & RESPONSE) || (flags >> 11 & 15) == WAIT)
		return;
	if (flags & 15)
		outcome_failure(pkt, flags & 15, NAME_OF(errors, flags & 15u));
	else
		outcome_success(pkt);
}

static bool put_question(struct packet *pkt, struct bytes *b, struct bytes message, uint16_t *type)
{
	size_t len, host;
	const char *text = nb_name(pkt, b, message, &len, &host);

	if (!text)
		return false;
	put_str(pkt, NAME_TEXT, text, len);
	nb_name_related(pkt, text, host);
	*type = get_be16(pkt, b, TYPE);
	(void)get_be16(pkt, b, CLASS);
	return bytes_ok(b);
}

static void put_addresses(struct packet *pkt, struct bytes data, bool wait)
{
	for (unsigned i = 0; i < ADDRESSES_MAX && bytes_left(&data) >= 2; i++) {
		uint16_t flags = bytes_be16(&data);
		if (wait) {
			put_flags(pkt, flags, true);
			continue;
		}
		put_u64(pkt, NB_FLAGS, flags);
		put_bool(pkt, NB_GROUP, flags & GROUP);
		ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, get_addr(pkt, &data, ADDR, 4));
	}
}

static bool put_record(struct packet *pkt, struct bytes *b, struct bytes message, bool wait)
{
	uint16_t type;

	if (!put_question(pkt, b, message, &type))
		return false;
	(void)get_be32(pkt, b, TTL);
	uint16_t length = get_be16(pkt, b, DATA_LENGTH);
	if (!bytes_ok(b))
		return false;
	bool whole = length <= bytes_left(b);
	struct bytes data = bytes_upto(b, length);
	if (type == TYPE_NB)
		put_addresses(pkt, data, wait);
	return whole;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes message = b;
	unsigned records = 0, questions;
	bool ok = true;
	uint16_t type;

	(void)get_be16(pkt, &b, ID);
	uint16_t flags = bytes_be16(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_flags(pkt, flags, false);
	put_facts(pkt, flags);
	questions = get_be16(pkt, &b, QUERIES);
	for (unsigned field = ANSWERS; field <= ADD; field++)
		records += get_be16(pkt, &b, field);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	for (unsigned i = 0; i < questions && i < RECORDS_MAX && ok; i++)
		ok = put_question(pkt, &b, message, &type);
	for (unsigned i = 0; i < records && i < RECORDS_MAX && ok; i++)
		ok = put_record(pkt, &b, message, (flags >> 11 & 15) == WAIT);
	return ok ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_nbns = {
	.name = "nbns", .binds = binds, .fields = fields, .decode = decode, .application = "nbns"
};
