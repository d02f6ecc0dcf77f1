/* cotp.c -- units of the connection-oriented transport protocol, and what they carry.
 * X.224, 13:  0 length of the head from 1 on | 1 type (4 bits), credit (4) | the type's own |
 *   parameters: code u8 | length u8 | value; behind the head: user data
 *   CR 14, CC 13: 2-3 destination reference | 4-5 source reference | 6 class (4 bits), options
 *   DT 15: classes 0 and 1: 2 number (7 bits, below), last (1); others: 2-3 reference | 4 number */
/* SPDX-License-Identifier: Apache-2.0 */
#include "cotp.h"
#include "json.h"
#include "outcome.h"

enum {
	EXPEDITED = 1,
	EXPEDITED_ACK = 2,
	REJECT = 5,
	ACK = 6,
	ERROR = 7,
	DISCONNECT = 8,
	DISCONNECT_CONFIRM = 12,
	CONNECT_CONFIRM = 13,
	CONNECT = 14,
	DATA = 15,
};
enum { TPDU_SIZE = 0xc0, CALLING = 0xc1, CALLED = 0xc2, PARAMETERS_MAX = 128 };
enum { TSAP_MAX = 32, LOG2_MIN = 7, LOG2_MAX = 13, EOT_BIT = 0x80, CLASS_0_DATA = 2 };

static bool is_printable(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return true;
}

/* Selectors are texts or numbers; nothing says which. */
static void put_tsap(struct packet *pkt, unsigned field, const uint8_t *p, size_t n)
{
	if (!p || n == 0 || n > TSAP_MAX)
		return;
	if (is_printable(p, n)) {
		put_str(pkt, field, p, n);
		return;
	}
	char *text = pkt_scratch(pkt, 2 + n * 2);
	if (!text)
		return;
	memcpy(text, "0x", 2);
	(void)json_emit_hex(text + 2, p, n);
	put_clean(pkt, field, text, 2 + n * 2);
}

static void put_size(struct packet *pkt, const uint8_t *p, size_t n)
{
	if (p && n == 1 && *p >= LOG2_MIN && *p <= LOG2_MAX)
		put_u64(pkt, COTP_TPDU_SIZE, 1u << *p);
}

static void put_parameters(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < PARAMETERS_MAX && bytes_left(&b); i++) {
		uint8_t code = bytes_u8(&b), length = bytes_u8(&b);
		const uint8_t *value = bytes_take(&b, length);
		if (code == CALLING || code == CALLED)
			put_tsap(pkt, code == CALLING ? COTP_SRC_TSAP : COTP_DST_TSAP, value,
				length);
		else if (code == TPDU_SIZE)
			put_size(pkt, value, length);
	}
	if (!bytes_ok(&b))
		pkt_anomaly(pkt, "parameters beyond the head");
}

static void decode_connect(struct packet *pkt, uint8_t type, struct bytes head, struct bytes rest)
{
	(void)get_be16(pkt, &head, COTP_DESTREF);
	(void)get_be16(pkt, &head, COTP_SRCREF);
	uint8_t class = bytes_u8(&head);
	if (!bytes_ok(&head))
		return;
	pkt_client(pkt, type == CONNECT);
	put_u64(pkt, COTP_CLASS, class >> 4);
	/* RDP puts its part of the message where parameters would stand. */
	if (bytes_left(&head) && decode_by(pkt, BY_COTP, type, head))
		return;
	put_parameters(pkt, head);
	(void)decode_data(pkt, rest);
}

static void decode_data_unit(
	struct packet *pkt, struct bytes head, struct bytes rest, unsigned *messages)
{
	if (bytes_left(&head) == CLASS_0_DATA - 1)
		put_u64(pkt, COTP_DESTREF, *messages);
	else
		(void)get_be16(pkt, &head, COTP_DESTREF);
	uint8_t number = bytes_u8(&head);
	if (!bytes_ok(&head))
		return;
	put_u64(pkt, COTP_TPDU_NUMBER, number & (EOT_BIT - 1));
	put_bool(pkt, COTP_EOT, number & EOT_BIT);
	*messages += number >> 7;
	(void)decode_port(pkt, BY_COTP, DATA, DATA, rest);
}

/* X.224, 13.12; why a unit is no good. */
static void tell_error(struct packet *pkt, uint8_t cause)
{
	static const char *const names[] = { "reason not specified", "invalid parameter code",
		"invalid TPDU type", "invalid parameter value" };

	outcome_failure(pkt, cause, NAME_OF(names, cause));
}

static void decode_other(struct packet *pkt, uint8_t type, struct bytes head, struct bytes rest)
{
	(void)get_be16(pkt, &head, COTP_DESTREF);
	if (type == DISCONNECT || type == DISCONNECT_CONFIRM)
		(void)get_be16(pkt, &head, COTP_SRCREF);
	if (type == EXPEDITED) {
		uint8_t number = bytes_u8(&head);
		if (bytes_ok(&head))
			put_u64(pkt, COTP_TPDU_NUMBER, number & (EOT_BIT - 1));
	} else if (type == DISCONNECT || type == ERROR) {
		uint8_t cause = bytes_u8(&head);
		if (type == ERROR && bytes_ok(&head))
			tell_error(pkt, cause);
		put_parameters(pkt, head);
	}
	(void)decode_data(pkt, rest);
}

static bool is_type(uint8_t type)
{
	return type == EXPEDITED || type == EXPEDITED_ACK ||
	       (type >= REJECT && type <= DISCONNECT) || type >= DISCONNECT_CONFIRM;
}

static const char *const actions[16] = { [EXPEDITED] = "expedited-data",
	[EXPEDITED_ACK] = "expedited-data-acknowledgement",
	[REJECT] = "reject",
	[ACK] = "data-acknowledgement",
	[ERROR] = "error",
	[DISCONNECT] = "disconnect-request",
	[DISCONNECT_CONFIRM] = "disconnect-confirm",
	[CONNECT_CONFIRM] = "connection-confirm",
	[CONNECT] = "connection-request",
	[DATA] = "data" };

bool cotp_decode(struct packet *pkt, struct bytes b, unsigned *messages)
{
	uint8_t li = bytes_u8(&b);
	struct bytes head = bytes_upto(&b, li);
	bool whole = bytes_left(&head) == li;
	uint8_t type = bytes_u8(&head) >> 4;

	if (!bytes_ok(&head))
		return false;
	pkt_protocol(pkt, "cotp");
	put_u64(pkt, COTP_LI, li);
	put_u64(pkt, COTP_TYPE, type);
	ecs_text(pkt, ECS_EVENT_ACTION, actions[type]);
	if (!is_type(type)) {
		pkt_anomaly(pkt, "unknown type of unit");
		(void)decode_data(pkt, b);
	} else if (type == CONNECT || type == CONNECT_CONFIRM) {
		decode_connect(pkt, type, head, b);
	} else if (type == DATA) {
		decode_data_unit(pkt, head, b, messages);
	} else {
		decode_other(pkt, type, head, b);
	}
	return whole;
}
