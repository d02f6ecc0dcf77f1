/* pgsql_message.c -- the contents of PostgreSQL's messages. Texts end at a NUL. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"
#include "outcome.h"
#include "pgsql.h"
#include "sql_secret.h"

enum { AUTH_OK, SASL = 10, SASL_CONTINUE, SASL_FINAL, COLUMN_REST = 18, LIST_MAX = 2048 };

/* The next text, without its NUL. */
static struct bytes next_text(struct bytes *b)
{
	size_t left = bytes_left(b);
	struct bytes text = line_until(b, '\0');

	if (bytes_left(&text) == left) { /* no NUL: cut */
		b->ok = false;
		return bytes_of(NULL, 0);
	}
	return text;
}

bool pgsql_get_text(struct packet *pkt, struct bytes *b, unsigned field)
{
	struct bytes text = next_text(b);

	put_str(pkt, field, text.p, bytes_left(&text));
	return bytes_ok(b);
}

/* --- of the server --- */

static void put_authentication(struct packet *pkt, struct bytes *b)
{
	uint32_t type = get_be32(pkt, b, PG_AUTHTYPE);

	if (!bytes_ok(b))
		return;
	if (type == AUTH_OK)
		outcome_success(pkt);
	if (type == SASL)
		for (unsigned i = 0; i < LIST_MAX && bytes_left(b) > 1; i++)
			(void)pgsql_get_text(pkt, b, PG_SASL_MECH);
	if (type == SASL_CONTINUE || type == SASL_FINAL)
		put_bytes(pkt, PG_SASL_DATA, b->p, bytes_left(b));
}

static void put_key(struct packet *pkt, struct bytes *b)
{
	(void)get_be32(pkt, b, PG_PID);
	(void)get_be32(pkt, b, PG_KEY);
}

static void put_columns(struct packet *pkt, struct bytes *b)
{
	uint16_t count = get_be16(pkt, b, PG_FIELD_COUNT);

	for (unsigned i = 0; i < count && bytes_ok(b); i++)
		if (pgsql_get_text(pkt, b, PG_COL_NAME))
			bytes_skip(b, COLUMN_REST);
}

/* Errors and notices: a letter and a text, again and again. */
static void put_error(struct packet *pkt, struct bytes *b, bool error)
{
	static const struct {
		uint8_t letter, field;
	} parts[] = { { 'S', PG_SEVERITY }, { 'C', PG_CODE }, { 'M', PG_MESSAGE },
		{ 'D', PG_DETAIL } };
	struct bytes code = bytes_of(b->p, 0), message = code;

	for (unsigned i = 0; i < LIST_MAX && bytes_left(b); i++) {
		uint8_t letter = bytes_u8(b);
		struct bytes text = letter ? next_text(b) : *b;
		if (!letter || !bytes_ok(b))
			break;
		for (unsigned k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			if (parts[k].letter == letter)
				put_str(pkt, parts[k].field, text.p, bytes_left(&text));
		code = letter == 'C' ? text : code;
		message = letter == 'M' ? text : message;
	}
	sql_mark_echo(pkt, message);
	if (error)
		outcome_failure_words(pkt, code, message);
}

void pgsql_put_backend(struct packet *pkt, uint8_t type, struct bytes *b)
{
	switch (type) {
	case 'R':
		put_authentication(pkt, b);
		break;
	case 'K':
		put_key(pkt, b);
		break;
	case 'S':
		if (pgsql_get_text(pkt, b, PG_PARAMETER_NAME))
			(void)pgsql_get_text(pkt, b, PG_PARAMETER_VALUE);
		break;
	case 'T':
		put_columns(pkt, b);
		break;
	case 'D':
		(void)get_be16(pkt, b, PG_FIELD_COUNT);
		break;
	case 'C':
		(void)pgsql_get_text(pkt, b, PG_TAG);
		outcome_success(pkt);
		break;
	case 'Z':
		(void)get_u8(pkt, b, PG_STATUS);
		break;
	case 'E':
	case 'N':
		put_error(pkt, b, type == 'E');
		break;
	case 'A':
		(void)get_be32(pkt, b, PG_PID);
		break;
	default:
		break;
	}
}

/* --- of the client --- */

bool pgsql_is_sasl_start(struct bytes b)
{
	struct bytes mechanism = next_text(&b);
	uint32_t length = bytes_be32(&b);

	return bytes_ok(&b) && bytes_left(&mechanism) && length == bytes_left(&b);
}

/* A password ends with its NUL. */
bool pgsql_is_sasl(struct bytes b)
{
	return bytes_left(&b) && b.end[-1] != '\0';
}

static void put_proof(struct packet *pkt, struct bytes *b)
{
	if (pgsql_is_sasl_start(*b)) {
		(void)pgsql_get_text(pkt, b, PG_SASL_MECH);
		bytes_skip(b, 4);
		put_bytes(pkt, PG_SASL_DATA, b->p, bytes_left(b));
	} else if (pgsql_is_sasl(*b) && !b->cut) {
		put_bytes(pkt, PG_SASL_DATA, b->p, bytes_left(b));
	} else {
		(void)pgsql_get_text(pkt, b, PG_PASSWORD);
	}
}

static void put_query(struct packet *pkt, struct bytes *b)
{
	struct bytes text = b->cut ? *b
				   : next_text(b); /* of a long one the beginning is worth having */

	sql_mark_secrets(pkt, text);
	put_str(pkt, PG_QUERY, text.p, bytes_left(&text));
}

void pgsql_put_frontend(struct packet *pkt, uint8_t type, struct bytes *b)
{
	switch (type) {
	case 'p':
		put_proof(pkt, b);
		break;
	case 'Q':
		put_query(pkt, b);
		break;
	case 'P':
		if (pgsql_get_text(pkt, b, PG_STATEMENT))
			put_query(pkt, b);
		break;
	case 'B':
		if (pgsql_get_text(pkt, b, PG_PORTAL))
			(void)pgsql_get_text(pkt, b, PG_STATEMENT);
		break;
	case 'E':
		(void)pgsql_get_text(pkt, b, PG_PORTAL);
		break;
	case 'D':
	case 'C':
		(void)pgsql_get_text(pkt, b, bytes_u8(b) == 'P' ? PG_PORTAL : PG_STATEMENT);
		break;
	default:
		break;
	}
}
