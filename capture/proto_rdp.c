/* proto_rdp.c -- Remote Desktop Protocol: how a connection begins. What follows is encrypted.
 * MS-RDPBCGR 2.2.1.1:  in the head of COTP: "Cookie: mstshash=USER" CR LF or a token of a load
 *   balancer, then 0 type: 1 request, 2 response, 3 failure | 1 flags | 2-3 length, 8 (little) |
 *   4-7 protocols, or why not (little); flag 8: 0 type, 6 | 1 flags | 2-3 length, 36 | correlation */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"
#include "rdp.h"

enum { CONNECT = 14, CONFIRM = 13 }; /* units of COTP */
enum {
	NEG_REQUEST = 1,
	NEG_RESPONSE = 2,
	NEG_FAILURE = 3,
	NEG_CORRELATION = 6,
	NEG_LENGTH = 8,
	HAS_CORRELATION = 8
};

const struct proto_field rdp_fields[] = {
	[RDP_RT_COOKIE] = { "rdp.rt_cookie", FIELD_ASCII,
		"Who connects, as far as the client says so, or where a balancer sent it", NULL,
		"0.1", CORE, USER },
	[RDP_NEG_TYPE] = { "rdp.neg_type", FIELD_U8,
		"Negotiation: 1 request, 2 response, 3 failure", NULL, "0.1", CORE, PLAIN },
	[RDP_NEGREQ_FLAGS] = { "rdp.negReq.flags", FIELD_U8, "Flags of the request", NULL, "0.1",
		DETAIL, PLAIN },
	[RDP_NEGRSP_FLAGS] = { "rdp.negRsp.flags", FIELD_U8, "Flags of the response", NULL, "0.1",
		DETAIL, PLAIN },
	[RDP_NEG_LENGTH] = { "rdp.neg_length", FIELD_U16, "Length of the negotiation, 8", NULL,
		"0.1", DETAIL, PLAIN },
	[RDP_REQUESTED] = { "rdp.negReq.requestedProtocols", FIELD_U32,
		"Security asked for: bits 1 TLS, 2 CredSSP, 4 RDSTLS, 8 CredSSP with early result",
		NULL, "0.1", CORE, PLAIN },
	[RDP_SELECTED] = { "rdp.negReq.selectedProtocol", FIELD_U32, "Security chosen", NULL, "0.1",
		CORE, PLAIN },
	[RDP_FAILURE] = { "rdp.negFailure.failureCode", FIELD_U32, "Why none was chosen", NULL,
		"0.1", CORE, PLAIN },
	[RDP_VERSION_MAJOR] = { "rdp.version.major", FIELD_U16, "First half of the version", NULL,
		"0.1", DETAIL, PLAIN },
	[RDP_VERSION_MINOR] = { "rdp.version.minor", FIELD_U16, "Second half of the version", NULL,
		"0.1", DETAIL, PLAIN },
	[RDP_WIDTH] = { "rdp.desktop.width", FIELD_U16, "Width of the desktop in pixels", NULL,
		"0.1", DETAIL, PLAIN },
	[RDP_HEIGHT] = { "rdp.desktop.height", FIELD_U16, "Height of the desktop in pixels", NULL,
		"0.1", DETAIL, PLAIN },
	[RDP_KEYBOARD] = { "rdp.keyboardLayout", FIELD_U32, "Layout of the client's keyboard", NULL,
		"0.1", CORE, PLAIN },
	[RDP_BUILD] = { "rdp.client.build", FIELD_U32, "Build of the client's system", NULL, "0.1",
		CORE, PLAIN },
	[RDP_CLIENT_NAME] = { "rdp.client.name", FIELD_STR, "Name of the client's computer",
		"source.domain", "0.1", CORE, NAME },
	[RDP_CHANNEL] = { "rdp.name", FIELD_ASCII, "Channel that the client wants", NULL, "0.1",
		DETAIL, PLAIN },
	[RDP_METHOD] = { "rdp.encryptionMethod", FIELD_U32, "RDP's own encryption, 0 for none",
		NULL, "0.1", CORE, PLAIN },
	[RDP_LEVEL] = { "rdp.encryptionLevel", FIELD_U32, "How much of it, 0 for none", NULL, "0.1",
		CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_COTP, CONNECT, NULL }, { BY_COTP, CONFIRM, NULL },
	{ 0 } };
static const char cookie_name[] = "Cookie: ", user_name[] = "mstshash=";

/* A line that the cookie, or the token of a balancer, is. */
static void get_cookie(struct packet *pkt, struct bytes *b)
{
	const uint8_t *start = b->p, *end = memchr(start, '\r', bytes_left(b));
	size_t length = end ? (size_t)(end - start) : bytes_left(b);
	struct bytes line = bytes_upto(b, length);

	if (end)
		bytes_skip(b, 2);
	put_str(pkt, RDP_RT_COOKIE, line.p, bytes_left(&line));
	bytes_skip(&line, sizeof(cookie_name) - 1);
	if (!bytes_starts(&line, user_name, sizeof(user_name) - 1))
		return;
	bytes_skip(&line, sizeof(user_name) - 1);
	ecs_str(pkt, ECS_USER_NAME, line.p, bytes_left(&line));
	ecs_str(pkt, ECS_RELATED_USER, line.p, bytes_left(&line));
}

static void decode_negotiation(struct packet *pkt, struct bytes *b, bool asks)
{
	static const char *const failures[] = { NULL, "SSL_REQUIRED_BY_SERVER",
		"SSL_NOT_ALLOWED_BY_SERVER", "SSL_CERT_NOT_ON_SERVER", "INCONSISTENT_FLAGS",
		"HYBRID_REQUIRED_BY_SERVER", "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER" };
	uint8_t kind = get_u8(pkt, b, RDP_NEG_TYPE), flags = bytes_u8(b);

	if (asks) /* a client does nothing else here */
		kind = NEG_REQUEST;
	if (bytes_ok(b))
		put_u64(pkt, kind == NEG_RESPONSE ? RDP_NEGRSP_FLAGS : RDP_NEGREQ_FLAGS, flags);
	if (get_le16(pkt, b, RDP_NEG_LENGTH) != NEG_LENGTH)
		return;
	unsigned field = kind == NEG_REQUEST    ? RDP_REQUESTED
			 : kind == NEG_RESPONSE ? RDP_SELECTED
						: RDP_FAILURE;
	uint32_t value = get_le32(pkt, b, field);
	if (kind == NEG_REQUEST && flags & HAS_CORRELATION && bytes_left(b)) {
		uint8_t behind = get_u8(pkt, b, RDP_NEG_TYPE);
		bytes_skip(b, 1);
		if (behind == NEG_CORRELATION)
			(void)get_le16(pkt, b, RDP_NEG_LENGTH);
	}
	if (kind == NEG_FAILURE && value)
		outcome_failure(pkt, value, NAME_OF(failures, value));
	else if (kind == NEG_RESPONSE)
		outcome_success(pkt);
}

static bool is_negotiation(struct bytes b, bool asks)
{
	uint8_t type = bytes_u8(&b);

	bytes_skip(&b, 1);
	return type >= NEG_REQUEST && type <= (asks ? NEG_REQUEST : NEG_FAILURE) &&
	       bytes_le16(&b) == NEG_LENGTH;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool cookie = bytes_starts(&b, cookie_name, sizeof(cookie_name) - 1);

	bool asks = pkt->bind->value == CONNECT;

	if (!cookie && !is_negotiation(b, asks))
		return DECODE_REJECT;
	ecs_text(pkt, ECS_EVENT_ACTION, "connect");
	if (cookie)
		get_cookie(pkt, &b);
	if (bytes_left(&b))
		decode_negotiation(pkt, &b, asks);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_rdp = {
	.name = "rdp", .binds = binds, .fields = rdp_fields, .decode = decode, .application = "rdp"
};
