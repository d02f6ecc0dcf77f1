/* pgsql.h -- what the files of PostgreSQL's protocol share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PGSQL_H
#define ESPCAP_PGSQL_H

#include "decode.h"

enum pgsql_field {
	PG_TYPE,
	PG_LENGTH,
	PG_FRONTEND,
	PG_VERSION_MAJOR,
	PG_VERSION_MINOR,
	PG_PARAMETER_NAME,
	PG_PARAMETER_VALUE,
	PG_AUTHTYPE,
	PG_SASL_MECH,
	PG_SASL_DATA,
	PG_PASSWORD,
	PG_PID,
	PG_KEY,
	PG_QUERY,
	PG_STATEMENT,
	PG_PORTAL,
	PG_FIELD_COUNT,
	PG_COL_NAME,
	PG_TAG,
	PG_STATUS,
	PG_SEVERITY,
	PG_CODE,
	PG_MESSAGE,
	PG_DETAIL,
};

extern const struct proto_field pgsql_fields[];

/* Puts a text that ends at a NUL; b moves behind it. False, and b no longer ok, without one. */
bool pgsql_get_text(struct packet *pkt, struct bytes *b, unsigned field);

/* The contents of messages of the server and of the client, by their type. */
void pgsql_put_backend(struct packet *pkt, uint8_t type, struct bytes *b);
void pgsql_put_frontend(struct packet *pkt, uint8_t type, struct bytes *b);

/* Is what a message of type 'p' holds the first or a later step of SASL? */
bool pgsql_is_sasl_start(struct bytes b);
bool pgsql_is_sasl(struct bytes b);

#endif
