/* proto_ntlmssp.c -- NT LAN Manager authentication.
 * MS-NLMP:  0-7 "NTLMSSP" and a zero | 8-11 message | by the message:
 *   1 negotiate: 12-15 flags | 16-23 domain | 24-31 workstation
 *   2 challenge: 12-19 target | 20-23 flags | 24-31 challenge | 40-47 what is known of the target
 *   3 authenticate: 12-19 LM answer | 20-27 NT answer | 28-35 domain | 36-43 user | 44-51 host |
 *     52-59 session key | 60-63 flags
 *   a text: 0-1 length | 2-3 room | 4-7 offset from the message's first byte
 * What an answer is made of (a time, names) is class secret with it: it can be cracked.
 * A check of 16 bytes says nothing more; SMB 1 sends an answer alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"
#include "gss.h"

enum { NEGOTIATE = 1, CHALLENGE, AUTHENTICATE };
enum { UNICODE = 1, CHALLENGE_BYTES = 8, NTLM_V1 = 24, FLAGS_END = 64, FLAGS_AT = 60 };

enum {
	TYPE,
	NEGOTIATE_DOMAIN,
	TARGET,
	SERVER_CHALLENGE,
	DOMAIN,
	USER_NAME,
	HOST,
	V2_RESPONSE,
};
static const struct proto_field fields[] = {
	[TYPE] = { "ntlmssp.messagetype", FIELD_U32, "1 negotiate, 2 challenge, 3 authenticate",
		NULL, "0.1", CORE, PLAIN },
	[NEGOTIATE_DOMAIN] = { "ntlmssp.negotiate.domain", FIELD_STR, "Domain of the client", NULL,
		"0.1", DETAIL, NAME },
	[TARGET] = { "ntlmssp.challenge.target_name", FIELD_STR, "Domain or server that asks", NULL,
		"0.1", CORE, NAME },
	[SERVER_CHALLENGE] = { "ntlmssp.ntlmserverchallenge", FIELD_BYTES, "Challenge", NULL, "0.1",
		DETAIL, PLAIN },
	[DOMAIN] = { "ntlmssp.auth.domain", FIELD_STR, "Domain of the user", "user.domain", "0.1",
		CORE, NAME },
	[USER_NAME] = { "ntlmssp.auth.username", FIELD_STR, "User", "user.name", "0.1", CORE,
		USER },
	[HOST] = { "ntlmssp.auth.hostname", FIELD_STR, "Host of the user", "source.domain", "0.1",
		CORE, NAME },
	[V2_RESPONSE] = { "ntlmssp.ntlmv2_response", FIELD_BYTES,
		"Answer to the challenge, made of the password", NULL, "0.1", DETAIL, SECRET },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_GSS, GSS_NTLMSSP, NULL },
	{ BY_GSS, GSS_NTLMSSP_UNNAMED, "" }, { 0 } };

/* The bytes that a text's place points to; not ok when they are not in the message. */
static struct bytes get_place(struct bytes *b, struct bytes whole, uint32_t *offset)
{
	uint16_t length = bytes_le16(b);

	bytes_skip(b, 2);
	*offset = bytes_le32(b);
	bytes_skip(&whole, *offset);
	struct bytes view = bytes_sub(&whole, length);
	if (!bytes_ok(b) || length == 0)
		return (struct bytes){ whole.end, whole.end, 0, bytes_ok(b) };
	return view;
}

static void relate(struct packet *pkt, unsigned field, const char *from, const char *end)
{
	bool user = field == USER_NAME, host = field == HOST || field == TARGET;

	if (from && end && (user || host))
		ecs_str(pkt, user ? ECS_RELATED_USER : ECS_RELATED_HOSTS, from,
			(size_t)(end - from));
}

/* tshark writes NULL where a text is empty; ECS gets none then. */
static bool get_text(
	struct packet *pkt, struct bytes *b, struct bytes whole, unsigned field, bool unicode)
{
	uint32_t offset;
	struct bytes text = get_place(b, whole, &offset);
	const char *from = pkt_scratch(pkt, 0);

	if (!bytes_ok(&text))
		return false;
	if (bytes_left(&text) == 0) {
		struct value *v = put_value(pkt, field);
		v->p = (const uint8_t *)"NULL";
		v->len = 4 | VALUE_CLEAN;
	} else if (unicode) {
		put_utf16(pkt, field, text);
		relate(pkt, field, from, pkt_scratch(pkt, 0));
	} else {
		put_str(pkt, field, text.p, bytes_left(&text));
		relate(pkt, field, (const char *)text.p, (const char *)text.end);
	}
	return true;
}

static bool decode_negotiate(struct packet *pkt, struct bytes b, struct bytes whole)
{
	bytes_skip(&b, 4);
	if (bytes_left(&b) == 0) /* old clients send no more */
		return bytes_ok(&b);
	return get_text(pkt, &b, whole, NEGOTIATE_DOMAIN, false);
}

static bool decode_challenge(struct packet *pkt, struct bytes b, struct bytes whole)
{
	struct bytes flags = b;

	bytes_skip(&flags, 8);
	if (!get_text(pkt, &b, whole, TARGET, bytes_le32(&flags) & UNICODE))
		return false;
	bytes_skip(&b, 4);
	const uint8_t *challenge = bytes_take(&b, CHALLENGE_BYTES);
	put_bytes(pkt, SERVER_CHALLENGE, challenge, challenge ? CHALLENGE_BYTES : 0);
	return challenge;
}

static void mark_answer(struct packet *pkt, struct bytes answer)
{
	if (bytes_ok(&answer))
		pkt_secret(pkt, answer.p, bytes_left(&answer));
}

/* The flags, unless the first text stands where they would: then it is an old message. */
static bool is_unicode(struct bytes whole, uint32_t first)
{
	bytes_skip(&whole, FLAGS_AT);
	uint32_t flags = bytes_le32(&whole);
	return !bytes_ok(&whole) || (first && first < FLAGS_END) || flags & UNICODE;
}

static bool decode_authenticate(struct packet *pkt, struct bytes b, struct bytes whole)
{
	uint32_t offset, first;

	mark_answer(pkt, get_place(&b, whole, &offset));
	struct bytes answer = get_place(&b, whole, &first), look = b;
	mark_answer(pkt, answer);
	(void)get_place(&look, whole, &first);
	bool unicode = is_unicode(whole, first), ok = bytes_ok(&answer);
	ok = get_text(pkt, &b, whole, DOMAIN, unicode) && ok;
	ok = get_text(pkt, &b, whole, USER_NAME, unicode) && ok;
	ok = get_text(pkt, &b, whole, HOST, unicode) && ok;
	if (bytes_left(&answer) > NTLM_V1)
		put_bytes(pkt, V2_RESPONSE, answer.p, bytes_left(&answer));
	return ok;
}

/* 0-15 proof | 16 version, 1 | 17 the same | ... (MS-NLMP, 2.2.2.8) */
static void put_answer(struct packet *pkt, struct bytes answer)
{
	if (bytes_left(&answer) <= NTLM_V1 || bytes_peek(&answer, 16) != 1)
		return;
	mark_answer(pkt, answer);
	put_bytes(pkt, V2_RESPONSE, answer.p, bytes_left(&answer));
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct bytes whole = b;
	bool ok = true;

	if (!bytes_starts(&b, "NTLMSSP", 8)) {
		put_answer(pkt, b);
		return DECODE_OK;
	}
	bytes_skip(&b, 8);
	switch (get_le32(pkt, &b, TYPE)) {
	case NEGOTIATE:
		ok = decode_negotiate(pkt, b, whole);
		break;
	case CHALLENGE:
		ok = decode_challenge(pkt, b, whole);
		break;
	case AUTHENTICATE:
		ok = decode_authenticate(pkt, b, whole);
		break;
	default:
		break;
	}
	return ok && bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_ntlmssp = {
	.name = "ntlmssp", .binds = binds, .fields = fields, .decode = decode
};
