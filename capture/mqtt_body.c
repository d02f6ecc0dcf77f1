/* mqtt_body.c -- what the packets of MQTT say, by their type.
 * OASIS MQTT 3.1.1 and 5.0, chapter 3. Only a CONNECT names its version. Of the others a length or
 * the shape tells it, or nothing: then it is taken for 3.1.1. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt.h"
#include "outcome.h"

enum { TOPICS_MAX = 16384, CODES_MAX = 65536, VERSION_5 = 5, QOS_MAX = 2, OPTIONS_UNUSED = 0xc0 };
enum { UNAME = 0x80, PASSWD = 0x40, WILL = 0x04, REASON_MIN = 0x80 };

static void put(struct packet *pkt, unsigned field, struct bytes text)
{
	put_str(pkt, field, text.p, bytes_left(&text));
}

/* Text behind its length. Nothing is put of one that is cut. */
static struct bytes get_text(struct packet *pkt, struct bytes *b, unsigned field)
{
	uint16_t length;
	struct bytes text = mqtt_text(b, &length);

	if (bytes_ok(b))
		put(pkt, field, text);
	return text;
}

/* The same, and the length has a row, too, whatever follows it. */
static void get_counted(struct packet *pkt, struct bytes *b, unsigned length_field, unsigned field)
{
	struct bytes ahead = *b;

	(void)get_be16(pkt, &ahead, length_field);
	(void)get_text(pkt, b, field);
}

/* --- CONNECT and its answer --- */

static bool put_will(struct packet *pkt, struct bytes *b, uint8_t version)
{
	uint16_t length;

	if (version == VERSION_5 && !mqtt_properties(pkt, b))
		return false;
	(void)get_text(pkt, b, MQTT_WILLTOPIC);
	(void)mqtt_text(b, &length); /* the message; Wireshark has it, this list of names has not */
	return bytes_ok(b);
}

static void put_flags(struct packet *pkt, uint8_t flags)
{
	put_u64(pkt, MQTT_CONFLAGS, flags);
	put_bool(pkt, MQTT_CONFLAG_UNAME, flags & UNAME);
	put_bool(pkt, MQTT_CONFLAG_PASSWD, flags & PASSWD);
	put_bool(pkt, MQTT_CONFLAG_RETAIN, flags & 0x20);
	put_u64(pkt, MQTT_CONFLAG_QOS, flags >> 3 & 3);
	put_bool(pkt, MQTT_CONFLAG_WILL, flags & WILL);
	put_bool(pkt, MQTT_CONFLAG_CLEAN, flags & 2);
}

static bool put_connect(struct packet *pkt, struct bytes b)
{
	get_counted(pkt, &b, MQTT_PROTO_LEN, MQTT_PROTONAME);
	uint8_t version = get_u8(pkt, &b, MQTT_VER), flags = bytes_u8(&b);
	if (bytes_ok(&b))
		put_flags(pkt, flags);
	(void)get_be16(pkt, &b, MQTT_KALIVE);
	if (bytes_ok(&b) && version == VERSION_5 && !mqtt_properties(pkt, &b))
		return false;
	get_counted(pkt, &b, MQTT_CLIENTID_LEN, MQTT_CLIENTID);
	if (bytes_ok(&b) && flags & WILL && !put_will(pkt, &b, version))
		return false;
	if (flags & UNAME && bytes_ok(&b)) {
		struct bytes user = get_text(pkt, &b, MQTT_USERNAME);
		ecs_str(pkt, ECS_RELATED_USER, user.p, bytes_left(&user));
	}
	if (!(flags & PASSWD) || !bytes_ok(&b))
		return bytes_ok(&b);
	uint16_t length;
	struct bytes password = mqtt_text(&b, &length);
	if (bytes_ok(&b))
		put(pkt, MQTT_PASSWD, password);
	else
		pkt_secret(pkt, password.p, bytes_left(&password));
	return bytes_ok(&b);
}

/* 3.1.1, 3.2.2.3; 5.0, 2.4: the codes of failures begin at 0x80. */
static void put_outcome(struct packet *pkt, uint8_t code)
{
	static const char *const old[] = { NULL, "unacceptable protocol version",
		"identifier rejected", "server unavailable", "bad user name or password",
		"not authorized" };
	static const char *const reasons[] = { "unspecified error", "malformed packet",
		"protocol error", "implementation specific error", "unsupported protocol version",
		"client identifier not valid", "bad user name or password", "not authorized",
		"server unavailable", "server busy", "banned", "server shutting down",
		"bad authentication method", "keep alive timeout", "session taken over",
		"topic filter invalid", "topic name invalid", "packet identifier in use",
		"packet identifier not found", "receive maximum exceeded", "topic alias invalid",
		"packet too large", "message rate too high", "quota exceeded",
		"administrative action", "payload format invalid", "retain not supported",
		"QoS not supported", "use another server", "server moved",
		"shared subscriptions not supported", "connection rate exceeded",
		"maximum connect time", "subscription identifiers not supported",
		"wildcard subscriptions not supported" };

	if (code >= REASON_MIN)
		outcome_failure(pkt, code, NAME_OF(reasons, code - (unsigned)REASON_MIN));
	else if (code && code < sizeof(old) / sizeof(old[0]))
		outcome_failure(pkt, code, old[code]);
	else
		outcome_success(pkt);
}

static bool put_connack(struct packet *pkt, struct bytes b)
{
	bool version_5 = bytes_claimed(&b) > 2;

	(void)get_u8(pkt, &b, MQTT_CONACK_FLAGS);
	uint8_t code = get_u8(pkt, &b, version_5 ? MQTT_CONNACK_REASON : MQTT_CONACK_VAL);
	if (!bytes_ok(&b))
		return false;
	put_outcome(pkt, code);
	return !version_5 || mqtt_properties(pkt, &b);
}

/* --- PUBLISH --- */

static bool put_publish(struct packet *pkt, struct bytes b, unsigned flags)
{
	get_counted(pkt, &b, MQTT_TOPIC_LEN, MQTT_TOPIC);
	if (bytes_ok(&b) && (flags >> 1 & 3))
		(void)get_be16(pkt, &b, MQTT_MSGID);
	if (!bytes_ok(&b))
		return false;
	if (pkt->payload)
		put_bytes(pkt, MQTT_MSG, b.p, bytes_left(&b));
	return !b.cut;
}

/* --- subscriptions --- */

/* Does the rest consist of topics, each with an option where there are options? */
static bool fits(struct bytes b, bool options, uint8_t unused)
{
	uint16_t length;

	if (bytes_left(&b) == 0 || b.cut)
		return false;
	for (unsigned i = 0; i < TOPICS_MAX && bytes_left(&b); i++) {
		(void)mqtt_text(&b, &length);
		uint8_t option = options ? bytes_u8(&b) : 0;
		if (!bytes_ok(&b) || length == 0 || option & unused)
			return false;
	}
	return true;
}

/* Version 5 is what is no list of topics of 3.1.1, and is one behind properties. */
static bool is_version_5(struct bytes b, bool options)
{
	if (fits(b, options, 0xfc))
		return false;
	uint32_t length = mqtt_number(&b);
	bytes_skip(&b, length);
	return bytes_ok(&b) && fits(b, options, OPTIONS_UNUSED);
}

static bool put_topics(struct packet *pkt, struct bytes b, bool options)
{
	(void)get_be16(pkt, &b, MQTT_MSGID);
	if (!bytes_ok(&b))
		return false;
	bool version_5 = is_version_5(b, options);
	if (version_5 && !mqtt_properties(pkt, &b))
		return false;
	for (unsigned i = 0; i < TOPICS_MAX && bytes_left(&b) && bytes_ok(&b); i++) {
		get_counted(pkt, &b, MQTT_TOPIC_LEN, MQTT_TOPIC);
		uint8_t option = options ? bytes_u8(&b) : 0;
		if (options && bytes_ok(&b) && !version_5)
			put_u64(pkt, MQTT_SUB_QOS, option);
	}
	return bytes_ok(&b);
}

static bool put_suback(struct packet *pkt, struct bytes b)
{
	(void)get_be16(pkt, &b, MQTT_MSGID);
	for (unsigned i = 0; i < CODES_MAX && bytes_left(&b); i++) {
		uint8_t code = get_u8(pkt, &b, MQTT_SUBACK_QOS);
		if (code >= REASON_MIN)
			put_outcome(pkt, code);
	}
	return bytes_ok(&b);
}

/* --- the rest --- */

/* Reason and properties, which may both be missing. */
static bool put_leave(struct packet *pkt, struct bytes b, bool disconnect)
{
	if (bytes_claimed(&b) == 0)
		return true;
	uint8_t reason = bytes_u8(&b);
	if (bytes_ok(&b) && disconnect)
		put_u64(pkt, MQTT_DISCONNECT_REASON, reason);
	if (bytes_ok(&b) && reason >= REASON_MIN)
		put_outcome(pkt, reason);
	return bytes_ok(&b) && (bytes_left(&b) == 0 || mqtt_properties(pkt, &b));
}

static bool put_answer(struct packet *pkt, struct bytes b)
{
	(void)get_be16(pkt, &b, MQTT_MSGID);
	uint8_t reason = bytes_left(&b) ? bytes_u8(&b) : 0;
	if (bytes_ok(&b) && reason >= REASON_MIN)
		put_outcome(pkt, reason);
	return bytes_ok(&b) && (bytes_left(&b) == 0 || mqtt_properties(pkt, &b));
}

bool mqtt_body(struct packet *pkt, enum mqtt_type type, unsigned flags, struct bytes b)
{
	switch (type) {
	case MQTT_CONNECT:
		return put_connect(pkt, b);
	case MQTT_CONNACK:
		return put_connack(pkt, b);
	case MQTT_PUBLISH:
		return put_publish(pkt, b, flags);
	case MQTT_SUBSCRIBE:
		return put_topics(pkt, b, true);
	case MQTT_UNSUBSCRIBE:
		return put_topics(pkt, b, false);
	case MQTT_SUBACK:
		return put_suback(pkt, b);
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
		return put_answer(pkt, b);
	case MQTT_UNSUBACK:
		(void)get_be16(pkt, &b, MQTT_MSGID);
		return bytes_ok(&b);
	case MQTT_DISCONNECT:
	case MQTT_AUTH:
		return put_leave(pkt, b, type == MQTT_DISCONNECT);
	case MQTT_PINGREQ:
	case MQTT_PINGRESP:
		break;
	}
	return true;
}
