/* proto_mqtt.c -- MQ Telemetry Transport: things that publish, and who listens to them.
 * OASIS MQTT 3.1.1, 2.2:  0 type (4 bits), flags (4) | 1-4 length: seven bits a byte | the rest
 *
 * A segment holds any number of packets, and may begin amidst one, which is then not guessed at. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt.h"

enum { PACKETS_MAX = 16384, TYPES = 16 };

static const struct proto_bind binds[] = { { BY_TCP_PORT, 1883, NULL }, { 0 } };

/* Who sends, where the type tells it: 1 the client, 2 the server. */
static const struct {
	const char *action;
	uint8_t sender, flags;
} types[TYPES] = {
	[MQTT_CONNECT] = { "connect", 1, 0 },
	[MQTT_CONNACK] = { "connack", 2, 0 },
	[MQTT_PUBLISH] = { "publish", 0, 0 },
	[MQTT_PUBACK] = { "puback", 0, 0 },
	[MQTT_PUBREC] = { "pubrec", 0, 0 },
	[MQTT_PUBREL] = { "pubrel", 0, 2 },
	[MQTT_PUBCOMP] = { "pubcomp", 0, 0 },
	[MQTT_SUBSCRIBE] = { "subscribe", 1, 2 },
	[MQTT_SUBACK] = { "suback", 2, 0 },
	[MQTT_UNSUBSCRIBE] = { "unsubscribe", 1, 2 },
	[MQTT_UNSUBACK] = { "unsuback", 2, 0 },
	[MQTT_PINGREQ] = { "pingreq", 1, 0 },
	[MQTT_PINGRESP] = { "pingresp", 2, 0 },
	[MQTT_DISCONNECT] = { "disconnect", 0, 0 },
	[MQTT_AUTH] = { "auth", 0, 0 },
};

/* The shortest packet of a type, without its header. */
static const uint8_t least[TYPES] = { [MQTT_CONNECT] = 12,
	[MQTT_CONNACK] = 2,
	[MQTT_PUBLISH] = 2,
	[MQTT_PUBACK] = 2,
	[MQTT_PUBREC] = 2,
	[MQTT_PUBREL] = 2,
	[MQTT_PUBCOMP] = 2,
	[MQTT_SUBSCRIBE] = 5,
	[MQTT_SUBACK] = 3,
	[MQTT_UNSUBSCRIBE] = 4,
	[MQTT_UNSUBACK] = 2 };

/* Does a packet begin here? */
static bool begins(struct bytes b)
{
	uint8_t first = bytes_u8(&b);
	unsigned type = first >> 4, flags = first & 15;

	if (!bytes_ok(&b) || !types[type].action)
		return false;
	bool right = type == MQTT_PUBLISH ? (flags & 6) != 6 : flags == types[type].flags;
	if (bytes_left(&b) == 0)
		return right;
	uint32_t length = mqtt_number(&b);
	if (type == MQTT_PINGREQ || type == MQTT_PINGRESP)
		right = right && length == 0;
	return right && bytes_ok(&b) && length >= least[type];
}

static enum decode_result get_packet(struct packet *pkt, struct bytes *b)
{
	uint8_t first = get_u8(pkt, b, MQTT_HDRFLAGS);
	unsigned type = first >> 4, flags = first & 15;

	put_u64(pkt, MQTT_MSGTYPE, type);
	if (type == MQTT_PUBLISH) {
		put_bool(pkt, MQTT_DUPFLAG, flags & 8);
		put_u64(pkt, MQTT_QOS, flags >> 1 & 3);
		put_bool(pkt, MQTT_RETAIN, flags & 1);
	}
	ecs_text(pkt, ECS_EVENT_ACTION, types[type].action);
	if (types[type].sender)
		pkt_client(pkt, types[type].sender == 1);
	uint32_t length = mqtt_number(b);
	if (!bytes_ok(b))
		return DECODE_TRUNCATED;
	put_u64(pkt, MQTT_LEN, length);
	size_t left = bytes_left(b);
	struct bytes body = bytes_upto(b, length);
	if (left < length) /* how much is missing, whatever has cut it */
		body.cut = (uint32_t)(length - left);
	bool whole = mqtt_body(pkt, (enum mqtt_type)type, flags, body);
	return whole && left >= length ? DECODE_OK : DECODE_TRUNCATED;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (!begins(b))
		return DECODE_REJECT;
	for (unsigned i = 0; i < PACKETS_MAX && bytes_left(&b); i++) {
		if (!begins(b)) {
			pkt_anomaly(pkt, "no packet begins here");
			return DECODE_OK;
		}
		if (get_packet(pkt, &b) != DECODE_OK)
			return DECODE_TRUNCATED;
	}
	return DECODE_OK;
}

/* A CONNECT: the only packet that names its protocol. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	(void)pkt;
	if (bytes_u8(&b) != MQTT_CONNECT << 4)
		return false;
	(void)mqtt_number(&b);
	return bytes_starts(&b, "\0\4MQTT", 6) || bytes_starts(&b, "\0\6MQIsdp", 8);
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, 0x10, 0x10 }, { 0 } };

const struct proto proto_mqtt = {
	.name = "mqtt",
	.binds = binds,
	.fields = mqtt_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "mqtt",
};
