/* mqtt.h -- what the files of the MQTT decoder share: fields, one packet's kinds. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_MQTT_H
#define ESPCAP_MQTT_H

#include "decode.h"

enum mqtt_field {
	MQTT_HDRFLAGS,
	MQTT_MSGTYPE,
	MQTT_DUPFLAG,
	MQTT_QOS,
	MQTT_RETAIN,
	MQTT_LEN,
	MQTT_PROTO_LEN,
	MQTT_PROTONAME,
	MQTT_VER,
	MQTT_CONFLAGS,
	MQTT_CONFLAG_UNAME,
	MQTT_CONFLAG_PASSWD,
	MQTT_CONFLAG_RETAIN,
	MQTT_CONFLAG_QOS,
	MQTT_CONFLAG_WILL,
	MQTT_CONFLAG_CLEAN,
	MQTT_KALIVE,
	MQTT_CLIENTID_LEN,
	MQTT_CLIENTID,
	MQTT_WILLTOPIC,
	MQTT_USERNAME,
	MQTT_PASSWD,
	MQTT_CONACK_FLAGS,
	MQTT_CONACK_VAL,
	MQTT_CONNACK_REASON,
	MQTT_MSGID,
	MQTT_TOPIC_LEN,
	MQTT_TOPIC,
	MQTT_SUB_QOS,
	MQTT_SUBACK_QOS,
	MQTT_DISCONNECT_REASON,
	MQTT_PROPERTY_ID,
	MQTT_PROP_STRING,
	MQTT_MSG,
	MQTT_FIELDS,
};
extern const struct proto_field mqtt_fields[];

enum mqtt_type {
	MQTT_CONNECT = 1,
	MQTT_CONNACK,
	MQTT_PUBLISH,
	MQTT_PUBACK,
	MQTT_PUBREC,
	MQTT_PUBREL,
	MQTT_PUBCOMP,
	MQTT_SUBSCRIBE,
	MQTT_SUBACK,
	MQTT_UNSUBSCRIBE,
	MQTT_UNSUBACK,
	MQTT_PINGREQ,
	MQTT_PINGRESP,
	MQTT_DISCONNECT,
	MQTT_AUTH,
};

/* Puts what follows the fixed header of a packet. False when it ends before it should. */
bool mqtt_body(struct packet *pkt, enum mqtt_type type, unsigned flags, struct bytes b);

/* A number of one to four bytes, seven bits each; b is not ok when there are more. */
uint32_t mqtt_number(struct bytes *b);

/* Puts the properties of version 5, behind their length. */
bool mqtt_properties(struct packet *pkt, struct bytes *b);

/* Text behind its length; when it is cut, what is left, and b is not ok. */
struct bytes mqtt_text(struct bytes *b, uint16_t *length);

#endif
