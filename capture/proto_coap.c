/* proto_coap.c -- Constrained Application Protocol: what HTTP is to small things.
 * RFC 7252, 3:  0 version (2 bits), type (2), token length (4) | 1 code: class (3), detail (5) |
 *               2-3 message id | token | options | 0xff | payload */
/* SPDX-License-Identifier: Apache-2.0 */
#include "coap.h"
#include "coap_names.h"
#include "outcome.h"

enum { TOKEN_MAX = 8, TEXT = 0, OCTET_STREAM = 42, MARKER = 0xff };

static const struct proto_field fields[] = {
	[COAP_VERSION] = { "coap.version", FIELD_U8, "Version, 1", NULL, "0.1", DETAIL, PLAIN },
	[COAP_TYPE] = { "coap.type", FIELD_U8, "0 confirmable, 1 not, 2 acknowledgement, 3 reset",
		NULL, "0.1", CORE, PLAIN },
	[COAP_TOKEN_LEN] = { "coap.token_len", FIELD_U8, "Length of the token", NULL, "0.1", DETAIL,
		PLAIN },
	[COAP_CODE] = { "coap.code", FIELD_U8,
		"1 GET, 2 POST, 3 PUT, 4 DELETE, ...; answers: 32 times the class, and the detail",
		NULL, "0.1", CORE, PLAIN },
	[COAP_MID] = { "coap.mid", FIELD_U16, "Message id", NULL, "0.1", DETAIL, PLAIN },
	[COAP_TOKEN] = { "coap.token", FIELD_BYTES, "Token: answer and request have the same", NULL,
		"0.1", CORE, PLAIN },
	[COAP_OPT_NAME] = { "coap.opt.name", FIELD_STR,
		"Number in its message and name of an option", NULL, "0.1", DERIVED, PLAIN },
	[COAP_OPT_DELTA] = { "coap.opt.delta", FIELD_U8, "Step to the option's number, its 4 bits",
		NULL, "0.1", DETAIL, PLAIN },
	[COAP_OPT_LENGTH] = { "coap.opt.length", FIELD_U8, "Length of the option, its 4 bits", NULL,
		"0.1", DETAIL, PLAIN },
	[COAP_OPT_URI_HOST] = { "coap.opt.uri_host", FIELD_ASCII, "Host that is asked for",
		"url.domain", "0.1", CORE, NAME },
	[COAP_OPT_URI_PORT] = { "coap.opt.uri_port", FIELD_U16, "Port that is asked for",
		"url.port", "0.1", DETAIL, PLAIN },
	[COAP_OPT_URI_PATH] = { "coap.opt.uri_path", FIELD_ASCII, "One segment of the path", NULL,
		"0.1", DETAIL, CONTENT },
	[COAP_OPT_URI_QUERY] = { "coap.opt.uri_query", FIELD_ASCII, "One parameter of the query",
		NULL, "0.1", CORE, CONTENT },
	[COAP_OPT_URI_PATH_RECON] = { "coap.opt.uri_path_recon", FIELD_ASCII,
		"Host, port and path as one", NULL, "0.1", CORE, CONTENT },
	[COAP_OPT_CTYPE] = { "coap.opt.ctype", FIELD_STR, "Content-Format by name", NULL, "0.1",
		CORE, PLAIN },
	[COAP_OPT_OBSERVE] = { "coap.opt.observe", FIELD_U32,
		"0 to watch, 1 to stop; in answers a number that grows", NULL, "0.1", CORE, PLAIN },
	[COAP_OPT_MAX_AGE] = { "coap.opt.max_age", FIELD_U32, "Seconds that an answer is good for",
		NULL, "0.1", DETAIL, PLAIN },
	[COAP_OPT_BLOCK_NUMBER] = { "coap.opt.block_number", FIELD_U32, "Number of a block", NULL,
		"0.1", DETAIL, PLAIN },
	[COAP_OPT_BLOCK_SIZE] = { "coap.opt.block_size", FIELD_U8,
		"Its size: 2 to the power of this and 4", NULL, "0.1", DETAIL, PLAIN },
	[COAP_PAYLOAD_DESC] = { "coap.payload_desc", FIELD_STR, "Format of the payload by name",
		NULL, "0.1", DERIVED, PLAIN },
	[COAP_PAYLOAD_LENGTH] = { "coap.payload_length", FIELD_U32, "Length of the payload", NULL,
		"0.1", DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 5683, NULL }, { 0 } };

/* --- the target --- */

static void put_target(struct packet *pkt, const struct coap_message *m)
{
	size_t host_len = bytes_left(&m->host);
	const char *text = pkt_scratch(pkt, 0);
	size_t len = 0;
	char port[1 + COAP_DECIMAL] = ":";
	unsigned n = 1 + coap_decimal(port + 1, m->port);

	if (!text || (!m->path_len && !host_len && !m->has_port))
		return;
	if (host_len && pkt_copy(pkt, "coap://", 7) && pkt_copy(pkt, m->host.p, host_len))
		len += 7 + host_len;
	if (m->has_port && pkt_copy(pkt, port, n))
		len += n;
	if (m->path_len && pkt_copy(pkt, pkt->scratch + m->path_at, m->path_len))
		len += m->path_len;
	put_str(pkt, COAP_OPT_URI_PATH_RECON, text, len);
}

static void tell_target(struct packet *pkt, const struct coap_message *m, bool request)
{
	const struct bytes *host = &m->host;

	put_target(pkt, m);
	if (bytes_left(host))
		ecs_str(pkt, ECS_RELATED_HOSTS, host->p, bytes_left(host));
	if (!request)
		return;
	if (m->path_len)
		ecs_str(pkt, ECS_URL_PATH, pkt->scratch + m->path_at, m->path_len);
	if (m->query_len)
		ecs_str(pkt, ECS_URL_QUERY, pkt->scratch + m->query_at, m->query_len);
}

/* --- the code --- */

/* 4.04 as text, and its name (RFC 7252, 12.1.2; RFC 7959, 8132, 8516, 8768). */
static void put_failure(struct packet *pkt, uint8_t code)
{
	static const char *const of_client[] = { "Bad Request", "Unauthorized", "Bad Option",
		"Forbidden", "Not Found", "Method Not Allowed", "Not Acceptable", NULL,
		"Request Entity Incomplete", "Conflict", NULL, NULL, "Precondition Failed",
		"Request Entity Too Large", NULL, "Unsupported Content-Format", NULL, NULL, NULL,
		NULL, NULL, NULL, "Unprocessable Entity", NULL, NULL, NULL, NULL, NULL, NULL,
		"Too Many Requests" };
	static const char *const of_server[] = { "Internal Server Error", "Not Implemented",
		"Bad Gateway", "Service Unavailable", "Gateway Timeout", "Proxying Not Supported",
		NULL, NULL, "Hop Limit Reached" };
	unsigned class = code >> 5, detail = code & 31;
	char *text = pkt_scratch(pkt, 4);

	if (!text)
		return;
	text[0] = (char)('0' + class);
	text[1] = '.';
	text[2] = (char)('0' + detail / 10);
	text[3] = (char)('0' + detail % 10);
	const char *name = class == 4 ? NAME_OF(of_client, detail) : NAME_OF(of_server, detail);
	outcome_failure_words(
		pkt, bytes_of(text, 4), bytes_of(name ? name : "", name ? strlen(name) : 0));
}

static void tell_code(struct packet *pkt, uint8_t code)
{
	static const char *const methods[] = { [1] = "get",
		[2] = "post",
		[3] = "put",
		[4] = "delete",
		[5] = "fetch",
		[6] = "patch",
		[7] = "ipatch" };
	unsigned class = code >> 5;

	if (code == 0)
		return;
	if (class <= 5)
		pkt_client(pkt, class == 0);
	if (class == 0 && code < sizeof(methods) / sizeof(methods[0]))
		ecs_text(pkt, ECS_EVENT_ACTION, methods[code]);
	if (class == 2)
		outcome_success(pkt);
	if (class == 4 || class == 5)
		put_failure(pkt, code);
}

/* --- the payload --- */

/* What has no format is bytes, and the words that go with an error are text (5.5.2). */
static void put_payload(
	struct packet *pkt, const struct coap_message *m, uint8_t code, struct bytes b)
{
	uint32_t number = m->has_format ? m->format : code >> 5 >= 4 ? TEXT : OCTET_STREAM;
	const struct coap_format *format = coap_format_of(number);

	/* A part of a body is not shown as one. */
	if (bytes_left(&b) == 0 || m->in_blocks)
		return;
	coap_put_format(pkt, COAP_PAYLOAD_DESC, number);
	put_u64(pkt, COAP_PAYLOAD_LENGTH, bytes_left(&b));
	if (format && format->token && strcmp(format->token, "data") == 0)
		(void)decode_data(pkt, b);
	else if (format && format->token)
		pkt_protocol(pkt, format->token);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct coap_message m = { .host = bytes_of(b.p, 0) };
	uint8_t first = bytes_u8(&b), length = first & 15;

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_u64(pkt, COAP_VERSION, first >> 6);
	put_u64(pkt, COAP_TYPE, first >> 4 & 3);
	put_u64(pkt, COAP_TOKEN_LEN, length);
	uint8_t code = get_u8(pkt, &b, COAP_CODE);
	(void)get_be16(pkt, &b, COAP_MID);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	tell_code(pkt, code);
	if (length > TOKEN_MAX)
		pkt_anomaly(pkt, "token too long");
	const uint8_t *token = bytes_take(&b, length);
	if (!token && length)
		return DECODE_TRUNCATED;
	put_bytes(pkt, COAP_TOKEN, token, length);
	bool right = coap_options(pkt, &m, &b);
	tell_target(pkt, &m, code >> 5 == 0);
	if (!right)
		return DECODE_TRUNCATED;
	if (bytes_peek(&b, 0) == MARKER) {
		bytes_skip(&b, 1);
		put_payload(pkt, &m, code, b);
	}
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_coap = {
	.name = "coap", .binds = binds, .fields = fields, .decode = decode, .application = "coap"
};
