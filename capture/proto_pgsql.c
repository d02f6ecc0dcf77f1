/* proto_pgsql.c -- PostgreSQL's protocol, version 3.
 * PostgreSQL documentation, "Frontend/Backend Protocol":  type (a letter) | u32 length, of itself
 *   and what follows | contents.  The first message of a client has no type: u32 length | u16 major,
 *   u16 minor version | name, value, ..., NUL.  Versions 1234.5678 to 1234.5680 ask for something
 *   else: cancel (process, key), TLS, GSSAPI. The answer to the latter two is one byte. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"
#include "pgsql.h"

enum { PORT = 5432, PREFIX = 5, LENGTH_MIN = 4, LENGTH_MAX = 1 << 30, MESSAGES_MAX = 16384 };
enum { VERSION_3 = 3 << 16, CANCEL = 80877102, SSL, GSS, STARTUP_MIN = 8, STARTUP_MAX = 10000 };

static const struct proto_bind binds[] = { { BY_TCP_PORT, PORT, NULL }, { 0 } };
static const struct proto_probe probes[] = { { BY_TCP_PORT, 0, 0 }, { 0 } };

/* As Wireshark calls it, and event.action. */
struct names {
	const char *name, *action;
};
struct kind {
	uint8_t type;
	struct names names;
};

static const struct kind frontend[] = { { 'p', { "Password message", "password-message" } },
	{ 'Q', { "Simple query", "simple-query" } }, { 'P', { "Parse", "parse" } },
	{ 'B', { "Bind", "bind" } }, { 'E', { "Execute", "execute" } },
	{ 'D', { "Describe", "describe" } }, { 'C', { "Close", "close" } },
	{ 'H', { "Flush", "flush" } }, { 'S', { "Sync", "sync" } },
	{ 'F', { "Function call", "function-call" } }, { 'd', { "Copy data", "copy-data" } },
	{ 'c', { "Copy completion", "copy-completion" } },
	{ 'f', { "Copy failure", "copy-failure" } }, { 'X', { "Termination", "termination" } },
	{ 0, { NULL, NULL } } };
static const struct kind backend[] = {
	{ 'R', { "Authentication request", "authentication-request" } },
	{ 'K', { "Backend key data", "backend-key-data" } },
	{ 'S', { "Parameter status", "parameter-status" } },
	{ '1', { "Parse completion", "parse-completion" } },
	{ '2', { "Bind completion", "bind-completion" } },
	{ '3', { "Close completion", "close-completion" } },
	{ 'C', { "Command completion", "command-completion" } },
	{ 't', { "Parameter description", "parameter-description" } },
	{ 'T', { "Row description", "row-description" } }, { 'D', { "Data row", "data-row" } },
	{ 'I', { "Empty query", "empty-query" } }, { 'n', { "No data", "no-data" } },
	{ 'E', { "Error", "error" } }, { 'N', { "Notice", "notice" } },
	{ 's', { "Portal suspended", "portal-suspended" } },
	{ 'Z', { "Ready for query", "ready-for-query" } },
	{ 'A', { "Notification", "notification" } },
	{ 'V', { "Function call response", "function-call-response" } },
	{ 'G', { "CopyIn response", "copy-in-response" } },
	{ 'H', { "CopyOut response", "copy-out-response" } }, { 'd', { "Copy data", "copy-data" } },
	{ 'c', { "Copy completion", "copy-completion" } },
	{ 'v', { "Negotiate protocol version", "negotiate-protocol-version" } },
	{ 'W', { "Unknown", NULL } }, { 0, { NULL, NULL } }
};

/* Its name is NULL when there is none. */
static struct names names_of(bool client, uint8_t type, struct bytes body)
{
	const struct kind *k = client ? frontend : backend;

	if (client && type == 'p' && pgsql_is_sasl_start(body))
		return (struct names){ "SASLInitialResponse message", "sasl-initial-response" };
	if (client && type == 'p' && pgsql_is_sasl(body) && !body.cut)
		return (struct names){ "SASLResponse message", "sasl-response" };
	while (k->type && k->type != type)
		k++;
	return k->names;
}

static struct names names_of_start(uint32_t code)
{
	if (code >> 16 == VERSION_3 >> 16)
		return (struct names){ "Startup message", "startup-message" };
	switch (code) {
	case CANCEL:
		return (struct names){ "Cancel request", "cancel-request" };
	case SSL:
		return (struct names){ "SSL request", "ssl-request" };
	case GSS:
		return (struct names){ "GSS encrypt request", "gss-encrypt-request" };
	default:
		return (struct names){ "Unknown", NULL };
	}
}

static void put_parameters(struct packet *pkt, struct bytes *b)
{
	for (unsigned i = 0; i < STARTUP_MAX && bytes_left(b) > 1; i++) {
		struct bytes name = *b;
		bool user = line_is(line_until(&name, '\0'), "user");
		if (!pgsql_get_text(pkt, b, PG_PARAMETER_NAME))
			return;
		struct bytes value = *b;
		value = line_until(&value, '\0');
		if (!pgsql_get_text(pkt, b, PG_PARAMETER_VALUE) || !user)
			continue;
		ecs_str(pkt, ECS_USER_NAME, value.p, bytes_left(&value));
		ecs_str(pkt, ECS_RELATED_USER, value.p, bytes_left(&value));
	}
}

static void put_head(struct packet *pkt, struct names names, uint32_t length, bool client)
{
	put_text(pkt, PG_TYPE, names.name);
	put_u64(pkt, PG_LENGTH, length);
	put_bool(pkt, PG_FRONTEND, client);
	ecs_text(pkt, ECS_EVENT_ACTION, names.action);
	pkt_client(pkt, client);
}

/* A message without a type; only clients send such. */
static bool decode_start(struct packet *pkt, struct bytes *b)
{
	uint32_t length = bytes_be32(b);
	struct bytes body = bytes_upto(b, length - LENGTH_MIN);
	struct bytes ahead = body;
	uint32_t code = bytes_be32(&ahead);

	put_head(pkt, names_of_start(code), length, true);
	if (code >> 16 == VERSION_3 >> 16) {
		(void)get_be16(pkt, &body, PG_VERSION_MAJOR);
		(void)get_be16(pkt, &body, PG_VERSION_MINOR);
		put_parameters(pkt, &body);
	} else if (code == CANCEL) {
		(void)get_be32(pkt, &ahead, PG_PID);
		(void)get_be32(pkt, &ahead, PG_KEY);
		body = ahead;
	}
	return bytes_ok(&body);
}

/* A message of a known kind. Nothing is moved when it is none. */
static bool peek(struct bytes b, bool client)
{
	uint8_t type = bytes_u8(&b);
	uint32_t length = bytes_be32(&b);

	return bytes_ok(&b) && length >= LENGTH_MIN && length < LENGTH_MAX &&
	       names_of(client, type, b).name;
}

static bool peek_start(struct bytes b)
{
	uint32_t length = bytes_be32(&b), code = bytes_be32(&b);

	return bytes_ok(&b) && length >= STARTUP_MIN && length <= STARTUP_MAX &&
	       (code >> 16 == VERSION_3 >> 16 || code >> 16 == CANCEL >> 16 || code >> 16 == 2);
}

/* False when its texts run out of it. What follows still begins where its length says. */
static bool decode_one(struct packet *pkt, struct bytes *b, bool client)
{
	uint8_t type = bytes_u8(b);
	uint32_t length = bytes_be32(b);
	bool whole = length - LENGTH_MIN <= bytes_left(b);
	struct bytes body = bytes_upto(b, length - LENGTH_MIN);

	if (!whole)
		body.cut = 1;
	put_head(pkt, names_of(client, type, body), length, client);
	if (client)
		pgsql_put_frontend(pkt, type, &body);
	else
		pgsql_put_backend(pkt, type, &body);
	return bytes_ok(&body) && whole;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool client = pkt_to_server(pkt), sound = true;

	if (client && peek_start(b))
		return decode_start(pkt, &b) ? DECODE_OK : DECODE_TRUNCATED;
	if (!peek(b, client))
		return DECODE_REJECT;
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b) >= PREFIX; i++) {
		if (!peek(b, client))
			return DECODE_TRUNCATED;
		if (!decode_one(pkt, &b, client))
			sound = false;
	}
	return sound ? DECODE_OK : DECODE_TRUNCATED;
}

/* A whole message that begins a session, with the parameter that must be there, or asks for TLS. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	static const uint8_t user[] = { 'u', 's', 'e', 'r', 0 };
	size_t claimed = bytes_claimed(&b);
	uint32_t length = bytes_be32(&b), code = bytes_be32(&b);

	if (!pkt_to_server(pkt) || length != claimed)
		return false;
	return code == SSL ? length == STARTUP_MIN
			   : code >> 16 == VERSION_3 >> 16 && bytes_starts(&b, user, sizeof(user));
}

const struct proto proto_pgsql = { .name = "pgsql",
	.binds = binds,
	.fields = pgsql_fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "pgsql" };
