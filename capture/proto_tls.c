/* proto_tls.c -- Transport Layer Security: its records.
 * RFC 8446, section 5.1:  0 content type | 1-2 version | 3-4 length | that many bytes
 *
 * A segment holds records that are whole; what is left of one at the end goes on in the next
 * segment, and one at the start began in an earlier one and is not looked into. Only a hello is
 * worth reading as far as it goes. Handshake messages may run over records of one segment. After
 * ChangeCipherSpec they are encrypted and told from clear ones by type and length. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"
#include "tls_alert.h"
#include "tls_handshake.h"
#include "tls_names.h"
#include "tls_ssl2.h"

enum {
	HEADER = 5,
	RECORDS_MAX = 4096,
	MESSAGES_MAX = 1024,
	MESSAGE_MAX = 1 << 24,
	LENGTH_MAX = 18432,
	TEXT_BYTES = 4
};

enum content { CHANGE_CIPHER_SPEC = 20, ALERT, HANDSHAKE, APPLICATION_DATA, CONTENT_LAST = 25 };

static const struct proto_field fields[] = {
	[TLS_RECORD_TYPE] = { "tls.record.content_type", FIELD_U8, "Content of a record", NULL,
		"0.1", CORE, PLAIN },
	[TLS_RECORD_VERSION] = { "tls.record.version", FIELD_U16, "Version of a record", NULL,
		"0.1", DETAIL, PLAIN },
	[TLS_RECORD_LENGTH] = { "tls.record.length", FIELD_U16, "Length of a record", NULL, "0.1",
		DETAIL, PLAIN },
	[TLS_APP_DATA_PROTO] = { "tls.app_data_proto", FIELD_STR,
		"Protocol in a record, by its port", NULL, "0.1", DERIVED, PLAIN },
	[TLS_ALERT_LEVEL] = { "tls.alert_message.level", FIELD_U8, "1 warning, 2 fatal", NULL,
		"0.1", CORE, PLAIN },
	[TLS_ALERT_DESC] = { "tls.alert_message.desc", FIELD_U8, "Alert", NULL, "0.1", CORE,
		PLAIN },
	[TLS_HANDSHAKE_TYPE] = { "tls.handshake.type", FIELD_U8, "Handshake message", NULL, "0.1",
		CORE, PLAIN },
	[TLS_HANDSHAKE_LENGTH] = { "tls.handshake.length", FIELD_U24, "Length of the message", NULL,
		"0.1", DETAIL, PLAIN },
	[TLS_VERSION] = { "tls.handshake.version", FIELD_U16, "Version of a hello", NULL, "0.1",
		CORE, PLAIN },
	[TLS_RANDOM] = { "tls.handshake.random", FIELD_BYTES, "Random", NULL, "0.1", DETAIL,
		PLAIN },
	[TLS_SESSION_ID_LENGTH] = { "tls.handshake.session_id_length", FIELD_U16,
		"Length of the session id", NULL, "0.1", DETAIL, PLAIN },
	[TLS_SESSION_ID] = { "tls.handshake.session_id", FIELD_BYTES, "Session id", NULL, "0.1",
		DETAIL, PLAIN },
	[TLS_CIPHERS_LENGTH] = { "tls.handshake.cipher_suites_length", FIELD_U16,
		"Length of the cipher suites", NULL, "0.1", DETAIL, PLAIN },
	[TLS_CIPHER] = { "tls.handshake.ciphersuite", FIELD_U16, "Cipher suite", NULL, "0.1", CORE,
		PLAIN },
	[TLS_COMPRESSION] = { "tls.handshake.comp_method", FIELD_U8, "Compression", NULL, "0.1",
		DETAIL, PLAIN },
	[TLS_EXTENSIONS_LENGTH] = { "tls.handshake.extensions_length", FIELD_U16,
		"Length of all extensions", NULL, "0.1", DETAIL, PLAIN },
	[TLS_EXTENSION_TYPE] = { "tls.handshake.extension.type", FIELD_U16, "Extension", NULL,
		"0.1", CORE, PLAIN },
	[TLS_EXTENSION_LENGTH] = { "tls.handshake.extension.len", FIELD_U16,
		"Length of an extension", NULL, "0.1", DETAIL, PLAIN },
	[TLS_SERVER_NAME] = { "tls.handshake.extensions_server_name", FIELD_ASCII,
		"Name the client asks for", NULL, "0.1", CORE, NAME },
	[TLS_STATUS_TYPE] = { "tls.handshake.extensions_status_request_type", FIELD_U8,
		"Kind of certificate status", NULL, "0.1", DETAIL, PLAIN },
	[TLS_GROUP] = { "tls.handshake.extensions_supported_group", FIELD_U16, "Group offered",
		NULL, "0.1", DETAIL, PLAIN },
	[TLS_POINT_FORMAT] = { "tls.handshake.extensions_ec_point_format", FIELD_U8,
		"Point format offered", NULL, "0.1", DETAIL, PLAIN },
	[TLS_SIGNATURE] = { "tls.handshake.sig_hash_alg", FIELD_U16, "Signature algorithm", NULL,
		"0.1", DETAIL, PLAIN },
	[TLS_ALPN] = { "tls.handshake.extensions_alpn_str", FIELD_ASCII, "Application protocol",
		NULL, "0.1", CORE, PLAIN },
	[TLS_SUPPORTED_VERSION] = { "tls.handshake.extensions.supported_version", FIELD_U16,
		"Version offered or chosen", NULL, "0.1", CORE, PLAIN },
	[TLS_KEY_SHARE] = { "tls.handshake.extensions_key_share_group", FIELD_U16,
		"Group of a key share", NULL, "0.1", DETAIL, PLAIN },
	[TLS_KEY_SHARE_SELECTED] = { "tls.handshake.extensions_key_share_selected_group", FIELD_U16,
		"Group the server wants", NULL, "0.1", DETAIL, PLAIN },
	[TLS_RENEGOTIATION_LENGTH] = { "tls.handshake.extensions_reneg_info_len", FIELD_U8,
		"Length of the renegotiation info", NULL, "0.1", DETAIL, PLAIN },
	[TLS_NAMED_CURVE] = { "tls.handshake.server_named_curve", FIELD_U16,
		"Curve of the key exchange", NULL, "0.1", CORE, PLAIN },
	[TLS_TICKET_LIFETIME] = { "tls.handshake.session_ticket_lifetime_hint", FIELD_U32,
		"Seconds a ticket lasts", NULL, "0.1", DETAIL, PLAIN },
	[TLS_CERTIFICATES_LENGTH] = { "tls.handshake.certificates_length", FIELD_U24,
		"Length of all certificates", NULL, "0.1", DETAIL, PLAIN },
	[TLS_CERTIFICATE_LENGTH] = { "tls.handshake.certificate_length", FIELD_U24,
		"Length of a certificate", NULL, "0.1", DETAIL, PLAIN },
	[TLS_JA3] = { "tls.handshake.ja3", FIELD_STR, "Fingerprint of the client (JA3)",
		"tls.client.ja3", "0.1", CORE, PLAIN },
	[TLS_JA3_FULL] = { "tls.handshake.ja3_full", FIELD_STR, "What JA3 is the MD5 of", NULL,
		"0.1", DERIVED, PLAIN },
	[TLS_JA3S] = { "tls.handshake.ja3s", FIELD_STR, "Fingerprint of the server (JA3S)",
		"tls.server.ja3s", "0.1", CORE, PLAIN },
	[TLS_JA3S_FULL] = { "tls.handshake.ja3s_full", FIELD_STR, "What JA3S is the MD5 of", NULL,
		"0.1", DERIVED, PLAIN },
	{ 0 },
};

static const struct proto_bind binds[] = { { BY_CONTENT, CONTENT_TLS_MESSAGES, NULL },
	{ BY_TCP_PORT, 324, NULL }, { BY_TCP_PORT, 443, NULL }, { BY_TCP_PORT, 465, NULL },
	{ BY_TCP_PORT, 636, NULL }, { BY_TCP_PORT, 802, NULL }, { BY_TCP_PORT, 853, NULL },
	{ BY_TCP_PORT, 993, NULL }, { BY_TCP_PORT, 995, NULL }, { BY_TCP_PORT, 1300, NULL },
	{ BY_TCP_PORT, 2221, NULL }, { BY_TCP_PORT, 2443, NULL }, { BY_TCP_PORT, 3249, NULL },
	{ BY_TCP_PORT, 3250, NULL }, { BY_TCP_PORT, 3251, NULL }, { BY_TCP_PORT, 3252, NULL },
	{ BY_TCP_PORT, 3496, NULL }, { BY_TCP_PORT, 5061, NULL }, { BY_TCP_PORT, 5671, NULL },
	{ BY_TCP_PORT, 5684, NULL }, { BY_TCP_PORT, 5868, NULL }, { BY_TCP_PORT, 8883, NULL },
	{ BY_TCP_PORT, 11207, NULL }, { BY_TCP_PORT, 19999, NULL }, { BY_TCP_PORT, 27017, NULL },
	{ 0 } };

/* --- application data --- */

/* What runs in TLS on a port, as tshark calls it; also where TLS begins later (STARTTLS) or in a
 * tunnel through a proxy. */
static const struct {
	uint16_t port;
	const char *name;
} inner[] = {
	{ 443, "Hypertext Transfer Protocol" },
	{ 80, "Hypertext Transfer Protocol" },
	{ 3128, "Hypertext Transfer Protocol" },
	{ 8080, "Hypertext Transfer Protocol" },
	{ 8088, "Hypertext Transfer Protocol" },
	{ 993, "Internet Message Access Protocol" },
	{ 143, "Internet Message Access Protocol" },
	{ 465, "Simple Mail Transfer Protocol" },
	{ 25, "Simple Mail Transfer Protocol" },
	{ 587, "Simple Mail Transfer Protocol" },
	{ 995, "Post Office Protocol" },
	{ 110, "Post Office Protocol" },
	{ 853, "Domain Name System" },
	{ 636, "Lightweight Directory Access Protocol" },
	{ 389, "Lightweight Directory Access Protocol" },
	{ 5061, "Session Initiation Protocol" },
	{ 8883, "MQ Telemetry Transport Protocol" },
	{ 5671, "Advanced Message Queuing Protocol" },
	{ 27017, "Mongo Wire Protocol" },
	{ 11207, "Couchbase Protocol" },
	{ 3389, "TPKT - ISO on TCP - RFC1006" },
	{ 802, "Modbus/TCP" },
	{ 19999, "Distributed Network Protocol 3.0" },
	{ 2221, "EtherNet/IP (Industrial Protocol)" },
	{ 5684, "Constrained Application Protocol" },
	{ 5868, "Diameter Protocol" },
	{ 2443, "Skinny Client Control Protocol" },
	{ 1300, "Q.931" },
	{ 324, "RPKI-Router Protocol" },
	{ 3496, "DoIP (ISO13400) Protocol" },
	{ 3249, "Intel Omni-Path FE Header - Omni-Path Fabric Executive Header" },
	{ 3250, "Intel Omni-Path FE Header - Omni-Path Fabric Executive Header" },
	{ 3251, "Intel Omni-Path FE Header - Omni-Path Fabric Executive Header" },
	{ 3252, "Intel Omni-Path FE Header - Omni-Path Fabric Executive Header" },
};

static const char *name_of_port(uint16_t port)
{
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (inner[i].port == port)
			return inner[i].name;
	return NULL;
}

static void application_data(struct tls *t)
{
	const struct flow *f = &t->pkt->flow;
	bool forward = f->src_port < f->dst_port;
	const char *name = name_of_port(forward ? f->src_port : f->dst_port);

	if (!name)
		name = name_of_port(forward ? f->dst_port : f->src_port);
	put_text(t->pkt, TLS_APP_DATA_PROTO, name);
	ecs_bool(t->pkt, ECS_TLS_ESTABLISHED, true);
}

/* --- handshake --- */

/* Is it clear text? A Hello Request stands alone; zeros are the first nonce of a cipher. Behind a
 * ChangeCipherSpec only a Client Hello is, which TLS 1.3 sends once more. */
static bool is_clear(uint8_t type, struct bytes body, bool changed)
{
	if (type == TLS_HELLO_REQUEST)
		return bytes_claimed(&body) == 0 && !changed;
	return tls_handshake_knows(type) && (!changed || type == TLS_CLIENT_HELLO);
}

/* All messages of a view. What is left at its end, when it may be the begin of a message. */
static struct bytes messages(struct tls *t, struct bytes b, bool changed)
{
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b); i++) {
		struct bytes next = b;
		uint8_t type = bytes_u8(&next);
		uint32_t length = bytes_be24(&next);
		if (!is_clear(type, next, changed))
			break;
		if (!bytes_ok(&next) || length > bytes_claimed(&next))
			return b;
		struct bytes body = bytes_upto(&next, length);
		t->next = bytes_peek(&next, 0);
		tls_handshake(t, type, length, body);
		b = next;
	}
	return bytes_of(b.end, 0);
}

/* Joins what an earlier record left with this one, in scratch. */
static struct bytes join(struct tls *t, struct bytes left, struct bytes payload)
{
	const uint8_t *tail = (const uint8_t *)pkt_copy(t->pkt, payload.p, bytes_left(&payload));

	if (!tail)
		return payload;
	if (left.end == tail) /* the rest lies right before it already */
		return bytes_of(left.p, bytes_left(&left) + bytes_left(&payload));
	const uint8_t *start = (const uint8_t *)pkt_copy(t->pkt, left.p, bytes_left(&left));
	tail = (const uint8_t *)pkt_copy(t->pkt, payload.p, bytes_left(&payload));
	if (!start || !tail)
		return payload;
	return bytes_of(start, bytes_left(&left) + bytes_left(&payload));
}

/* --- records --- */

struct record {
	uint8_t type;
	uint16_t version, length;
	struct bytes payload;
	bool whole; /* as far as the segment goes; a capture may be cut all the same */
};

static bool read_record(struct bytes *b, struct record *r)
{
	r->type = bytes_u8(b);
	r->version = bytes_be16(b);
	r->length = bytes_be16(b);
	if (!bytes_ok(b) || r->type < CHANGE_CIPHER_SPEC || r->type > CONTENT_LAST)
		return false;
	r->whole = r->length <= bytes_claimed(b);
	r->payload = bytes_upto(b, r->length);
	if (!r->whole)
		r->payload.cut = r->length - (uint32_t)bytes_left(&r->payload);
	return true;
}

static bool looks_like_record(const struct bytes *b)
{
	int type = bytes_peek(b, 0), minor = bytes_peek(b, 2);

	return type >= CHANGE_CIPHER_SPEC && type <= CONTENT_LAST && bytes_peek(b, 1) == 3 &&
	       minor >= 0 && minor <= 3;
}

/* A hello whose record is longer than the segment: read as far as it goes. */
static bool is_cut_hello(const struct record *r)
{
	int type = bytes_peek(&r->payload, 0);

	return r->type == HANDSHAKE && (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO) &&
	       bytes_peek(&r->payload, 1) == 0;
}

/* A chain of certificates seldom fits into a segment, the server's own one often does. What is
 * whole is shown, and, as in tshark, neither record nor message. */
static void cut_certificate(struct tls *t, const struct record *r)
{
	struct bytes b = r->payload;

	if (r->type != HANDSHAKE || bytes_be16(&b) != TLS_CERTIFICATE << 8)
		return;
	bytes_skip(&b, 2);
	t->next = -1;
	tls_cut_certificates(t, b);
}

static void put_record(struct tls *t, const struct record *r)
{
	if (r->type != APPLICATION_DATA || !t->tls13)
		put_u64(t->pkt, TLS_RECORD_TYPE, r->type);
	put_u64(t->pkt, TLS_RECORD_VERSION, r->version);
	put_u64(t->pkt, TLS_RECORD_LENGTH, r->length);
	if (!t->has_cipher)
		t->version = r->version;
	ecs_text(t->pkt, ECS_TLS_VERSION_PROTOCOL, r->version == SSL_3 ? "ssl" : "tls");
}

/* The server goes over to encryption right after its hello: up to TLS 1.2 it takes up an earlier
 * session, of which a certificate would be no part. */
static void change_cipher_spec(struct tls *t)
{
	if (t->server_hello && !t->tls13)
		ecs_bool(t->pkt, ECS_TLS_RESUMED, !t->certificate);
}

static void records(struct tls *t, struct bytes b)
{
	struct bytes left = bytes_of(b.p, 0);
	struct record r;
	uint8_t before = 0;
	bool changed = false;

	for (unsigned i = 0; i < RECORDS_MAX && bytes_left(&b); i++) {
		if (tls_ssl2_hello(t, &b)) {
			before = 0;
			continue;
		}
		if (!read_record(&b, &r))
			return;
		if (!r.whole && (i > 0 || !is_cut_hello(&r))) {
			if (!changed)
				cut_certificate(t, &r);
			return;
		}
		if (r.type == APPLICATION_DATA && before == CHANGE_CIPHER_SPEC)
			t->tls13 = true; /* before it a handshake record would come first */
		put_record(t, &r);
		if (r.type == HANDSHAKE && bytes_left(&left))
			r.payload = join(t, left, r.payload);
		left = bytes_of(b.p, 0);
		if (r.type == HANDSHAKE)
			left = messages(t, r.payload, changed);
		else if (r.type == ALERT)
			tls_alert(t->pkt, r.payload, TLS_ALERT_LEVEL, TLS_ALERT_DESC);
		else if (r.type == APPLICATION_DATA && (r.length || bytes_left(&b)))
			application_data(t); /* an empty last one is only padding of traffic */
		else if (r.type == CHANGE_CIPHER_SPEC)
			change_cipher_spec(t);
		if (i == 0)
			tls_action(t->pkt, r.type);
		changed = changed || r.type == CHANGE_CIPHER_SPEC;
		before = r.type;
	}
}

/* What is missing at the end comes in a later datagram; a hello is read as far as it goes. */
static enum decode_result decode_messages(struct packet *pkt, struct bytes b)
{
	struct tls t = { .pkt = pkt, .carrier = TLS_OVER_QUIC, .version = TLS_1_3 };

	b.cut = MESSAGE_MAX;
	(void)messages(&t, b, false);
	return DECODE_OK;
}

/* Text on a port of TLS is something else; four letters are enough to tell. */
static bool is_text(const struct bytes *b)
{
	for (unsigned i = 0; i < TEXT_BYTES; i++) {
		int c = bytes_peek(b, i);
		if (c < ' ' || c > '~')
			return false;
	}
	return bytes_left(b) > TEXT_BYTES;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct tls t = { .pkt = pkt, .carrier = TLS_OVER_TCP };

	if (pkt->bind->table == BY_CONTENT) /* no records: the messages of QUIC */
		return decode_messages(pkt, b);
	if (is_text(&b))
		return DECODE_REJECT;
	if (looks_like_record(&b) || (bytes_peek(&b, 0) & 0x80))
		records(&t, b);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

/* The header of a record of a usual length; one that changes the cipher has one byte, 1. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	struct record r;

	(void)pkt;
	if (!looks_like_record(&b) || !read_record(&b, &r))
		return false;
	if (r.type == CHANGE_CIPHER_SPEC)
		return r.length == 1 && bytes_peek(&r.payload, 0) == 1;
	return r.type <= APPLICATION_DATA && r.length > 0 && r.length <= LENGTH_MAX;
}

static const struct proto_probe probes[] = { { BY_TCP_PORT, CHANGE_CIPHER_SPEC, APPLICATION_DATA },
	{ 0 } };

const struct proto proto_tls = {
	.name = "tls",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "tls",
};
