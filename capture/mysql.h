/* mysql.h -- what the files of MySQL's protocol share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_MYSQL_H
#define ESPCAP_MYSQL_H

#include "decode.h"

enum mysql_field {
	MY_LENGTH,
	MY_NUMBER,
	MY_PROTOCOL,
	MY_VERSION,
	MY_THREAD_ID,
	MY_CAPS_SERVER,
	MY_CAPS_CLIENT,
	MY_CHARSET,
	MY_SERVER_STATUS,
	MY_AUTH_PLUGIN,
	MY_USER,
	MY_PASSWD,
	MY_SCHEMA,
	MY_CLIENT_AUTH_PLUGIN,
	MY_COMMAND,
	MY_QUERY,
	MY_STMT_ID,
	MY_RESPONSE_CODE,
	MY_AFFECTED_ROWS,
	MY_INSERT_ID,
	MY_WARNINGS,
	MY_NUM_FIELDS,
	MY_ERROR_CODE,
	MY_SQLSTATE,
	MY_ERROR_MESSAGE,
};

extern const struct proto_field mysql_fields[];

/* A text that ends at a NUL or where b does; b moves behind it. */
void mysql_get_text(struct packet *pkt, struct bytes *b, unsigned field);

/* The contents of a packet of the server (first: it is the first of its segment) and of the client. */
void mysql_put_server(struct packet *pkt, uint8_t number, struct bytes *b, bool first);
void mysql_put_client(struct packet *pkt, uint8_t number, struct bytes *b);

#endif
