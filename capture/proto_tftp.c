/* proto_tftp.c -- Trivial File Transfer Protocol: what goes to its own port.
 * RFC 1350:  opcode u16: 1 read, 2 write: name NUL mode NUL options | 3 data: block u16, data |
 *            4 acknowledgement: block | 5 error: code u16, text NUL
 * RFC 2347:  options: name NUL value NUL, also in 6, their acknowledgement.
 * Answers come from a port of their own, which only the packets before tell. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "line.h"
#include "outcome.h"

enum { READ = 1, WRITE, DATA, ACK, ERROR, OPTIONS, OPTIONS_MAX = 256 };

enum {
	OPCODE,
	SOURCE_FILE,
	DESTINATION_FILE,
	TYPE,
	OPTION_NAME,
	OPTION_VALUE,
	BLOCK,
	ERROR_CODE,
	ERROR_MESSAGE,
};
static const struct proto_field fields[] = {
	[OPCODE] = { "tftp.opcode", FIELD_U16,
		"1 read, 2 write, 3 data, 4 acknowledgement, 5 error, 6 options", NULL, "0.1", CORE,
		PLAIN },
	[SOURCE_FILE] = { "tftp.source_file", FIELD_ASCII, "File to read", NULL, "0.1", CORE,
		CONTENT },
	[DESTINATION_FILE] = { "tftp.destination_file", FIELD_ASCII, "File to write", NULL, "0.1",
		CORE, CONTENT },
	[TYPE] = { "tftp.type", FIELD_ASCII, "Mode: netascii, octet", NULL, "0.1", DETAIL, PLAIN },
	[OPTION_NAME] = { "tftp.option.name", FIELD_ASCII, "Name of an option", NULL, "0.1", DETAIL,
		PLAIN },
	[OPTION_VALUE] = { "tftp.option.value", FIELD_ASCII, "Its value", NULL, "0.1", DETAIL,
		PLAIN },
	[BLOCK] = { "tftp.block", FIELD_U16, "Number of the block", NULL, "0.1", CORE, PLAIN },
	[ERROR_CODE] = { "tftp.error.code", FIELD_U16, "Error", NULL, "0.1", CORE, PLAIN },
	[ERROR_MESSAGE] = { "tftp.error.message", FIELD_ASCII, "The same in words", NULL, "0.1",
		CORE, CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 69, NULL }, { 0 } };

/* Text that a NUL ends; without one b is not ok. */
static struct bytes next_text(struct bytes *b)
{
	struct bytes ahead = *b, text = line_until(&ahead, '\0');

	if (text.end == b->end) {
		bytes_skip(b, bytes_left(b) + 1);
		return bytes_of(text.p, 0);
	}
	*b = ahead;
	return text;
}

static struct bytes get_text(struct packet *pkt, struct bytes *b, unsigned field)
{
	struct bytes text = next_text(b);

	put_str(pkt, field, text.p, bytes_left(&text));
	return text;
}

static void put_options(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < OPTIONS_MAX && bytes_ok(b) && bytes_left(b); i++) {
		struct bytes name = next_text(b), value = next_text(b);
		if (!bytes_ok(b))
			return;
		put_str(pkt, OPTION_NAME, name.p, bytes_left(&name));
		put_str(pkt, OPTION_VALUE, value.p, bytes_left(&value));
	}
}

static void put_request(struct packet *pkt, struct bytes *b, bool write)
{
	struct bytes path = get_text(pkt, b, write ? DESTINATION_FILE : SOURCE_FILE);
	const uint8_t *name = path.end;

	while (name > path.p && name[-1] != '/' && name[-1] != '\\')
		name--;
	if (bytes_left(&path))
		ecs_str(pkt, ECS_FILE_PATH, path.p, bytes_left(&path));
	if (name < path.end)
		ecs_str(pkt, ECS_FILE_NAME, name, (size_t)(path.end - name));
	pkt_client(pkt, true);
	(void)get_text(pkt, b, TYPE);
	put_options(pkt, b);
}

static void put_error(struct packet *pkt, struct bytes *b)
{
	static const char *const names[] = { "not defined", "file not found", "access violation",
		"disk full or allocation exceeded", "illegal TFTP operation", "unknown transfer ID",
		"file already exists", "no such user", "option refused" };
	uint16_t code = get_be16(pkt, b, ERROR_CODE);

	if (!bytes_ok(b))
		return;
	struct bytes words = get_text(pkt, b, ERROR_MESSAGE);
	outcome_failure_said(pkt, code, words, NAME_OF(names, code));
}

static void put_message(struct packet *pkt, struct bytes *b, uint16_t opcode)
{
	switch (opcode) {
	case READ:
	case WRITE:
		put_request(pkt, b, opcode == WRITE);
		break;
	case DATA:
	case ACK:
		(void)get_be16(pkt, b, BLOCK);
		break;
	case ERROR:
		put_error(pkt, b);
		break;
	case OPTIONS:
		put_options(pkt, b);
		break;
	default:
		break;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	static const char *const actions[] = { NULL, "read", "write", "data", "acknowledgement",
		"error", "option-acknowledgement" };
	uint16_t opcode = get_be16(pkt, &b, OPCODE);

	if (bytes_ok(&b)) {
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(actions, opcode));
		put_message(pkt, &b, opcode);
	}
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (opcode == DATA)
		return decode_data(pkt, b);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_tftp = {
	.name = "tftp", .binds = binds, .fields = fields, .decode = decode, .application = "tftp"
};
