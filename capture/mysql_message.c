/* mysql_message.c -- the contents of MySQL's packets, as far as one packet alone tells them.
 * Numbers are little-endian; a number of variable length is one byte, or 252, 253, 254 and 2, 4, 8
 * bytes.
 * Server:  10 version NUL u32 thread, 8 salt, NUL, u16 abilities, u8 set, u16 state, u16 abilities,
 *   u8 length, 10 unused, salt (12 and NUL), plugin NUL | 0 rows, id, u16 state, u16 warnings |
 *   0 u32 statement, u16 columns, u16 parameters, 0, u16 warnings | 254 u16 warnings, u16 state |
 *   255 u16 error, "#", state of 5 letters, text | the number of columns alone
 * Client, packet 1:  u32 abilities, u32 greatest packet, u8 set, 23 unused, user NUL, u8 length,
 *   proof, database NUL, plugin NUL; without what follows the set TLS begins.  Packet 0: a command */
/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"
#include "mysql.h"
#include "outcome.h"
#include "sql_secret.h"

enum { GREETING = 10, DONE = 0, END = 254, FAILED = 255, END_MAX = 9, PREPARED_LEN = 12 };
enum {
	OF_MYSQL = 1 /* MariaDB numbers its sets otherwise */,
	HAS_SCHEMA = 8,
	PROTOCOL_41 = 0x200,
	SHORT_PROOF = 0x8000,
	HAS_PLUGIN = 8,
	TLS_LEN = 32
};
enum {
	QUIT = 1,
	INIT_DB,
	QUERY,
	CREATE_DB = 5,
	DROP_DB,
	KILL = 12,
	CHANGE_USER = 17,
	PREPARE = 22,
	EXECUTE,
	LONG_DATA,
	CLOSE,
	RESET,
	FETCH = 28,
	BULK = 250, /* MariaDB's: execute many times */
	COMMANDS = 32,
};

void mysql_get_text(struct packet *pkt, struct bytes *b, unsigned field)
{
	struct bytes text = line_until(b, '\0');

	put_str(pkt, field, text.p, bytes_left(&text));
}

static uint64_t variable(struct bytes *b)
{
	uint8_t first = bytes_u8(b);

	switch (first) {
	case 251:
		return 0;
	case 252:
		return bytes_le16(b);
	case 253:
		return bytes_le32(b);
	case 254:
		return bytes_le64(b);
	default:
		return first;
	}
}

/* --- of the server --- */

static void put_greeting(struct packet *pkt, struct bytes *b)
{
	ecs_text(pkt, ECS_EVENT_ACTION, "greeting");
	(void)get_u8(pkt, b, MY_PROTOCOL);
	mysql_get_text(pkt, b, MY_VERSION);
	(void)get_le32(pkt, b, MY_THREAD_ID);
	bytes_skip(b, 9);
	(void)get_le16(pkt, b, MY_CAPS_SERVER);
	if (!bytes_ok(b) || bytes_left(b) == 0)
		return;
	bytes_skip(b, 1);
	(void)get_le16(pkt, b, MY_SERVER_STATUS);
	bytes_skip(b, 2 + 1 + 10);
	(void)line_until(b, '\0');
	if (bytes_ok(b))
		mysql_get_text(pkt, b, MY_AUTH_PLUGIN);
}

static void put_error(struct packet *pkt, struct bytes *b)
{
	uint16_t code = get_le16(pkt, b, MY_ERROR_CODE);
	if (bytes_peek(b, 0) == '#') {
		bytes_skip(b, 1);
		const uint8_t *state = bytes_take(b, 5);
		if (state)
			put_str(pkt, MY_SQLSTATE, state, 5);
	}
	sql_mark_echo(pkt, *b);
	put_str(pkt, MY_ERROR_MESSAGE, b->p, bytes_left(b));
	if (code)
		outcome_failure_said(pkt, code, *b, NULL);
}

static void put_end(struct packet *pkt, struct bytes *b)
{
	if (bytes_left(b) == 0)
		return;
	(void)get_le16(pkt, b, MY_WARNINGS);
	(void)get_le16(pkt, b, MY_SERVER_STATUS);
}

static void put_ok(struct packet *pkt, struct bytes *b)
{
	uint64_t rows = variable(b), id = variable(b);

	if (!bytes_ok(b))
		return;
	put_u64(pkt, MY_AFFECTED_ROWS, rows);
	if (id)
		put_u64(pkt, MY_INSERT_ID, id);
	if (bytes_left(b)) {
		(void)get_le16(pkt, b, MY_SERVER_STATUS);
		(void)get_le16(pkt, b, MY_WARNINGS);
	}
	outcome_success(pkt);
}

/* An answer to PREPARE has its length, and zeros where others have the state and text. */
static bool is_prepared(const struct bytes *b)
{
	return bytes_left(b) == PREPARED_LEN - 1 && bytes_peek(b, 2) == 0 &&
	       bytes_peek(b, 3) == 0 && bytes_peek(b, 8) == 0;
}

static void put_prepared(struct packet *pkt, struct bytes *b)
{
	(void)get_le32(pkt, b, MY_STMT_ID);
	uint16_t columns = bytes_le16(b);
	if (bytes_ok(b))
		put_u64(pkt, MY_NUM_FIELDS, columns);
	bytes_skip(b, 2 + 1);
	(void)get_le16(pkt, b, MY_WARNINGS);
}

/* Rows are told from answers only by what came before. So of packets that are not the first in
 * their segment only ends and errors are taken for what they look like. */
static void put_answer(struct packet *pkt, uint8_t number, struct bytes *b, bool first)
{
	struct bytes rest = *b;
	uint8_t code = bytes_u8(&rest);
	bool end = code == END && bytes_claimed(b) < END_MAX;

	if (code == FAILED || end || (code == END && first) || (code == DONE && first)) {
		put_u64(pkt, MY_RESPONSE_CODE, code);
		*b = rest;
		if (code == FAILED)
			put_error(pkt, b);
		else if (end)
			put_end(pkt, b);
		else if (code == DONE && number == 1 && is_prepared(b))
			put_prepared(pkt, b);
		else if (code == DONE && number) /* an answer has one */
			put_ok(pkt, b);
		return;
	}
	uint64_t columns = variable(b);
	if (first && number == 1 && bytes_ok(b) && bytes_claimed(b) <= 1)
		put_u64(pkt, MY_NUM_FIELDS, columns);
}

void mysql_put_server(struct packet *pkt, uint8_t number, struct bytes *b, bool first)
{
	if (number == 0 && bytes_peek(b, 0) == GREETING) {
		put_greeting(pkt, b);
	} else if (number == 0 && bytes_peek(b, 0) == FAILED) {
		bytes_skip(b, 1);
		put_error(pkt, b);
	} else {
		put_answer(pkt, number, b, first);
	}
}

/* --- of the client --- */

static void put_user(struct packet *pkt, struct bytes *b, bool short_proof)
{
	struct bytes name = *b;

	name = line_until(&name, '\0');
	ecs_str(pkt, ECS_RELATED_USER, name.p, bytes_left(&name));
	mysql_get_text(pkt, b, MY_USER);
	struct bytes proof = short_proof ? bytes_sub(b, bytes_u8(b)) : line_until(b, '\0');
	if (bytes_ok(&proof))
		put_bytes(pkt, MY_PASSWD, proof.p, bytes_left(&proof));
}

static void put_login(struct packet *pkt, struct bytes *b)
{
	uint16_t caps = get_le16(pkt, b, MY_CAPS_CLIENT), more = 0;

	if (caps & PROTOCOL_41) {
		more = bytes_le16(b);
		bytes_skip(b, 4);
		uint8_t charset = bytes_u8(b);
		if (bytes_ok(b) && caps & OF_MYSQL)
			put_u64(pkt, MY_CHARSET, charset);
		bytes_skip(b, 23);
	} else {
		bytes_skip(b, 3);
	}
	if (bytes_left(b) == 0)
		return; /* TLS begins, and the rest is said within */
	ecs_text(pkt, ECS_EVENT_ACTION, "login");
	put_user(pkt, b, caps & SHORT_PROOF);
	if (caps & HAS_SCHEMA)
		mysql_get_text(pkt, b, MY_SCHEMA);
	if (more & HAS_PLUGIN)
		mysql_get_text(pkt, b, MY_CLIENT_AUTH_PLUGIN);
}

static void put_change_user(struct packet *pkt, struct bytes *b)
{
	put_user(pkt, b, true);
	mysql_get_text(pkt, b, MY_SCHEMA);
	if (bytes_left(b) == 0)
		return;
	(void)get_u8(pkt, b, MY_CHARSET);
	bytes_skip(b, 1);
	mysql_get_text(pkt, b, MY_CLIENT_AUTH_PLUGIN);
}

static void put_query(struct packet *pkt, struct bytes *b)
{
	sql_mark_secrets(pkt, *b);
	mysql_get_text(pkt, b, MY_QUERY);
}

static void put_command(struct packet *pkt, struct bytes *b)
{
	static const char *const names[COMMANDS] = { [QUIT] = "quit",
		[INIT_DB] = "init-db",
		[QUERY] = "query",
		[4] = "field-list",
		[CREATE_DB] = "create-db",
		[DROP_DB] = "drop-db",
		[7] = "refresh",
		[8] = "shutdown",
		[9] = "statistics",
		[10] = "process-info",
		[KILL] = "process-kill",
		[13] = "debug",
		[14] = "ping",
		[CHANGE_USER] = "change-user",
		[18] = "binlog-dump",
		[21] = "register-replica",
		[PREPARE] = "prepare",
		[EXECUTE] = "execute",
		[LONG_DATA] = "send-long-data",
		[CLOSE] = "close-statement",
		[RESET] = "reset-statement",
		[27] = "set-option",
		[FETCH] = "fetch",
		[31] = "reset-connection" };
	uint8_t command = get_u8(pkt, b, MY_COMMAND);

	if (!bytes_ok(b))
		return;
	if (command < COMMANDS)
		ecs_text(pkt, ECS_EVENT_ACTION, names[command]);
	if (command == QUERY || command == PREPARE)
		put_query(pkt, b);
	else if (command == INIT_DB || command == CREATE_DB || command == DROP_DB)
		mysql_get_text(pkt, b, MY_SCHEMA);
	else if (command == CHANGE_USER)
		put_change_user(pkt, b);
	else if (command == KILL)
		(void)get_le32(pkt, b, MY_THREAD_ID);
	else if ((command >= EXECUTE && command <= RESET) || command == FETCH || command == BULK)
		(void)get_le32(pkt, b, MY_STMT_ID);
}

void mysql_put_client(struct packet *pkt, uint8_t number, struct bytes *b)
{
	if (number == 0)
		put_command(pkt, b);
	else if (number == 1 && bytes_left(b) >= TLS_LEN)
		put_login(pkt, b);
}
