/* proto_resp.c -- Redis Serialization Protocol, version 2.
 *   +text CR LF | -error CR LF | :number CR LF | $length CR LF bytes CR LF | *count CR LF, items
 *   Lengths of -1 stand for nothing. A command is an array of strings.
 *
 * Items are read one after the other, whatever array they belong to, and what begins otherwise is
 * passed over by the line, all as tshark does. Words behind AUTH are secret, whatever the command, and whoever seems to
 * talk; so are the values of some settings in an answer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <inttypes.h>

#include "outcome.h"
#include "talk_secret.h"

enum { ITEMS_MAX = 65536, LINE_END = 2, TEXT_MOST = 31 };

enum { STRING, ERROR, INTEGER, ARRAY_LENGTH, BULK_LENGTH, BULK_VALUE };
static const struct proto_field fields[] = {
	[STRING] = { "resp.string", FIELD_ASCII, "A short answer", NULL, "0.1", CORE, CONTENT },
	[ERROR] = { "resp.error", FIELD_ASCII, "An error: its code and words", NULL, "0.1", CORE,
		CONTENT },
	[INTEGER] = { "resp.integer", FIELD_I64, "A number", NULL, "0.1", CORE, CONTENT },
	[ARRAY_LENGTH] = { "resp.array.length", FIELD_I64, "Items of an array", NULL, "0.1", DETAIL,
		PLAIN },
	[BULK_LENGTH] = { "resp.bulk_string.length", FIELD_I32, "Bytes of a string", NULL, "0.1",
		DETAIL, PLAIN },
	[BULK_VALUE] = { "resp.bulk_string.value", FIELD_BYTES, "The string", NULL, "0.1", CORE,
		CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 6379, NULL }, { 0 } };

static const char *const settings[] = { "requirepass", "masterauth", "masteruser", "auth-pass",
	"sentinel-pass", "tls-key-file-pass", "tls-client-key-file-pass", NULL };

/* Commands that have no arguments, and some that an older server may not know. */
static const char *const commands[] = { "ASKING", "BGREWRITEAOF", "BGSAVE", "COMMAND", "DBSIZE",
	"DISCARD", "EXEC", "FAILOVER", "FLUSHALL", "FLUSHDB", "FT._LIST", "HELLO", "INFO",
	"LASTSAVE", "LOLWUT", "MONITOR", "MULTI", "PING", "PSYNC", "PUNSUBSCRIBE", "QUIT",
	"RANDOMKEY", "READONLY", "READWRITE", "REPLCONF", "RESET", "ROLE", "SAVE", "SHUTDOWN",
	"SUNSUBSCRIBE", "SYNC", "TIME", "UNSUBSCRIBE", "UNWATCH", "AUTH", "CLIENT", "CLUSTER",
	"CONFIG", "DEBUG", "EVAL", "EVALSHA", "FUNCTION", "KEYS", "LATENCY", "MEMORY", "MODULE",
	"REPLICAOF", "SCAN", "SCRIPT", "SELECT", "SENTINEL", "SLAVEOF", "SLOWLOG", "XADD", NULL };

/* The command that is being read. */
struct command {
	int64_t words; /* that its array has */
	unsigned read;
	unsigned secret_from; /* number of the first secret word, 0: none */
	bool asks, acl, hello, migrate;
	bool user;   /* the first secret word is one */
	bool hashes; /* the next array holds those of passwords */
};

/* As strtoll() reads it: blanks, a sign, digits; the nearest number that 64 bits hold. */
static int64_t number_of(struct bytes b)
{
	char text[TEXT_MOST + 1];
	size_t n = bytes_left(&b);

	if (n > TEXT_MOST)
		n = TEXT_MOST;
	memcpy(text, b.p, n);
	text[n] = '\0';
	return strtoimax(text, NULL, 10);
}

/* --- words of a command --- */

static bool is_command(struct bytes word)
{
	return talk_is_one_of(word, commands);
}

static bool is_acl_secret(const struct command *c, struct bytes word)
{
	int first = bytes_peek(&word, 0);

	return c->acl && (first == '>' || first == '<' || first == '#' || first == '!');
}

/* AUTH password; AUTH user password, also within HELLO; AUTH2 user password within MIGRATE. In an
 * answer AUTH may be a word as any other. */
static void look_for_secret(struct command *c, struct bytes word)
{
	bool auth = line_is(word, "AUTH") && (c->asks || c->read == 1 || c->hello || c->migrate);
	bool auth2 = line_is(word, "AUTH2");

	c->user = auth2 || (auth && (c->read == 1 ? c->words == 3 : c->hello));
	c->hashes = line_is(word, "passwords");
	if (auth || auth2 || talk_is_one_of(word, settings))
		c->secret_from = c->read + 1;
}

/* user NAME on #hash ~* of the answer to ACL LIST */
static void hide_rules(struct packet *pkt, struct bytes rules)
{
	struct command acl = { .acl = true };
	struct bytes first = line_word(&rules);

	if (!line_is(first, "user"))
		return;
	while (bytes_left(&rules)) {
		struct bytes word = line_word(&rules);
		if (is_acl_secret(&acl, word))
			talk_hide(pkt, word);
	}
}

static void put_word(struct packet *pkt, struct command *c, struct bytes word)
{
	c->read++;
	if (bytes_left(&word) == 0)
		return;
	if (c->read == 1) {
		if (c->asks && c->words == 1)
			talk_secret_lone(pkt, word, is_command);
		if (c->asks)
			talk_action(pkt, word);
		c->acl = line_is(word, "ACL");
		c->hello = line_is(word, "HELLO");
		c->migrate = line_is(word, "MIGRATE");
	}
	if (c->user && c->read == c->secret_from) {
		talk_user(pkt, word);
		c->secret_from++;
		c->user = false;
	} else if (c->secret_from || is_acl_secret(c, word)) {
		talk_hide(pkt, word);
	} else {
		look_for_secret(c, word);
		hide_rules(pkt, word);
	}
}

/* --- items --- */

/* A string: its length, then its bytes as far as they go. */
static void put_bulk(struct packet *pkt, struct bytes *b, struct command *c, struct bytes text)
{
	int32_t length = (int32_t)number_of(text);

	put_i64(pkt, BULK_LENGTH, length);
	if (length < 0)
		return;
	struct bytes value = bytes_upto(b, (size_t)length);
	put_word(pkt, c, value);
	put_bytes(pkt, BULK_VALUE, value.p, bytes_left(&value));
	(void)bytes_upto(b, LINE_END);
}

static void put_array(struct packet *pkt, struct command *c, struct bytes text)
{
	int64_t length = number_of(text);

	put_i64(pkt, ARRAY_LENGTH, length);
	*c = (struct command){ .words = length, .asks = c->asks, .secret_from = c->hashes };
}

/* Of a command that it does not know, as HELLO 3 AUTH user password of a newer client, a server repeats
 * the words. */
static void hide_echo(struct packet *pkt, struct bytes text)
{
	static const char before[] = "with args beginning with:";
	size_t n = sizeof(before) - 1, left = bytes_left(&text);

	talk_secret_echo(pkt, text, is_command);
	const uint8_t *at = left ? memmem(text.p, left, before, n) : NULL;

	if (!at)
		return;
	bytes_skip(&text, (size_t)(at - text.p) + n);
	talk_hide(pkt, line_trim(text));
}

static void put_line(struct packet *pkt, int type, struct bytes text)
{
	if (type == '-')
		hide_echo(pkt, text);
	if (type == '+' || type == '-')
		talk_put(pkt, type == '+' ? STRING : ERROR, text);
	else if (type == ':')
		put_i64(pkt, INTEGER, number_of(text));
	if (type == '-') {
		struct bytes code = line_word(&text);
		outcome_failure_words(pkt, code, line_trim(text));
	} else if (type == '+') {
		outcome_success(pkt);
	}
}

/* A command that is no array: CONFIG SET requirepass word. */
static void hide_inline(struct packet *pkt, struct bytes text, bool asks)
{
	talk_secret_line(pkt, text);
	if (asks && isalnum(bytes_peek(&text, 0)))
		talk_secret_lone(pkt, text, is_command);
	for (unsigned i = 0; bytes_left(&text); i++) {
		struct bytes word = line_word(&text);
		if (talk_is_one_of(word, settings) || (i && line_is(word, "AUTH")))
			talk_hide(pkt, text);
	}
}

/* The line ends with two bytes, whatever they are; without an end only numbers are told. */
static void put_item(struct packet *pkt, struct bytes *b, struct command *c)
{
	struct bytes ahead = *b;
	struct talk_line line;

	if (!talk_line(&ahead, &line))
		return;
	(void)bytes_upto(b, bytes_left(&line.text) + LINE_END);
	int type = bytes_peek(&line.text, 0);
	if (!strchr("$*+-:", type)) /* an inline command */
		hide_inline(pkt, line.text, c->asks);
	(void)bytes_upto(&line.text, 1);
	if (type == '$')
		put_bulk(pkt, b, c, line.text);
	else if (type == '*')
		put_array(pkt, c, line.text);
	else if (line.ended || type == ':')
		put_line(pkt, type, line.text);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct command c = { .words = 0 };

	if (talk_is_tls(b))
		return DECODE_REJECT;
	c.asks = talk_asks(pkt, b);
	for (unsigned i = 0; i < ITEMS_MAX && bytes_left(&b); i++)
		put_item(pkt, &b, &c);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_resp = {
	.name = "resp", .binds = binds, .fields = fields, .decode = decode, .application = "redis"
};
