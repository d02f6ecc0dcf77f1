/* proto_dtls.c -- Datagram Transport Layer Security: its records.
 * RFC 6347, section 4.1:  0 content type | 1-2 version | 3-4 epoch | 5-10 sequence number |
 * 11-12 length | that many bytes
 * section 4.2.2, handshake:  0 type | 1-3 length | 4-5 message | 6-8 offset of the fragment |
 * 9-11 its length | the fragment
 *
 * From epoch 1 on all is encrypted. A message in several fragments is not put together, even where
 * a datagram holds them all.
 * RFC 9147, section 4, what is encrypted in DTLS 1.3:  0 001 (3 bits), has an id (1), long number (1),
 * has a length (1), epoch (2) | an id | 1 or 2 bytes of the number, encrypted | 1-2 length | the rest
 * How long an id is only the hellos say. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"
#include "tls_alert.h"
#include "tls_handshake.h"

enum { UNIFIED = 1, HAS_ID = 0x10, LONG_NUMBER = 8, HAS_LENGTH = 4, ENCRYPTED_MIN = 16 };
enum { HEADER = 13, RECORDS_MAX = 256, MESSAGES_MAX = 64, LENGTH_MAX = 18432 };
enum content {
	CHANGE_CIPHER_SPEC = 20,
	ALERT,
	HANDSHAKE,
	APPLICATION_DATA,
	CONNECTION_ID = 25,
	CONTENT_LAST = 25
};

enum {
	RECORD_TYPE,
	RECORD_VERSION,
	EPOCH,
	SEQUENCE_NUMBER,
	RECORD_LENGTH,
	ALERT_LEVEL,
	ALERT_DESC,
	TYPE,
	LENGTH,
	MESSAGE,
	FRAGMENT_OFFSET,
	FRAGMENT_LENGTH,
	VERSION,
	RANDOM,
	SESSION_ID,
	COOKIE,
	CIPHER,
	EXTENSION_TYPE,
	SERVER_NAME,
	GROUP,
	SIGNATURE,
	ALPN,
	JA3,
	JA3_FULL,
	JA3S,
};

static const struct proto_field fields[] = {
	[RECORD_TYPE] = { "dtls.record.content_type", FIELD_U8, "Content of a record", NULL, "0.1",
		CORE, PLAIN },
	[RECORD_VERSION] = { "dtls.record.version", FIELD_U16, "Version of a record", NULL, "0.1",
		DETAIL, PLAIN },
	[EPOCH] = { "dtls.record.epoch", FIELD_U16, "Times the keys have changed", NULL, "0.1",
		CORE, PLAIN },
	[SEQUENCE_NUMBER] = { "dtls.record.sequence_number", FIELD_U64, "Number of a record", NULL,
		"0.1", DETAIL, PLAIN },
	[RECORD_LENGTH] = { "dtls.record.length", FIELD_U16, "Length of a record", NULL, "0.1",
		DETAIL, PLAIN },
	[ALERT_LEVEL] = { "dtls.alert_message.level", FIELD_U8, "1 warning, 2 fatal", NULL, "0.1",
		CORE, PLAIN },
	[ALERT_DESC] = { "dtls.alert_message.desc", FIELD_U8, "Alert", NULL, "0.1", CORE, PLAIN },
	[TYPE] = { "dtls.handshake.type", FIELD_U8, "Handshake message", NULL, "0.1", CORE, PLAIN },
	[LENGTH] = { "dtls.handshake.length", FIELD_U24, "Length of the message", NULL, "0.1",
		DETAIL, PLAIN },
	[MESSAGE] = { "dtls.handshake.message_seq", FIELD_U16, "Number of the message", NULL, "0.1",
		DETAIL, PLAIN },
	[FRAGMENT_OFFSET] = { "dtls.handshake.fragment_offset", FIELD_U24,
		"Where the fragment begins", NULL, "0.1", DETAIL, PLAIN },
	[FRAGMENT_LENGTH] = { "dtls.handshake.fragment_length", FIELD_U24, "Length of the fragment",
		NULL, "0.1", DETAIL, PLAIN },
	[VERSION] = { "dtls.handshake.version", FIELD_U16, "Version of a hello", NULL, "0.1", CORE,
		PLAIN },
	[RANDOM] = { "dtls.handshake.random", FIELD_BYTES, "Random", NULL, "0.1", DETAIL, PLAIN },
	[SESSION_ID] = { "dtls.handshake.session_id", FIELD_BYTES, "Session id", NULL, "0.1",
		DETAIL, PLAIN },
	[COOKIE] = { "dtls.handshake.cookie", FIELD_BYTES, "Proof that an address is real", NULL,
		"0.1", DETAIL, PLAIN },
	[CIPHER] = { "dtls.handshake.ciphersuite", FIELD_U16, "Cipher suite", NULL, "0.1", CORE,
		PLAIN },
	[EXTENSION_TYPE] = { "dtls.handshake.extension.type", FIELD_U16, "Extension", NULL, "0.1",
		CORE, PLAIN },
	[SERVER_NAME] = { "dtls.handshake.extensions_server_name", FIELD_ASCII,
		"Name the client asks for", NULL, "0.1", CORE, NAME },
	[GROUP] = { "dtls.handshake.extensions_supported_group", FIELD_U16, "Group offered", NULL,
		"0.1", DETAIL, PLAIN },
	[SIGNATURE] = { "dtls.handshake.sig_hash_alg", FIELD_U16, "Signature algorithm", NULL,
		"0.1", DETAIL, PLAIN },
	[ALPN] = { "dtls.handshake.extensions_alpn_str", FIELD_ASCII, "Application protocol", NULL,
		"0.1", CORE, PLAIN },
	[JA3] = { "dtls.handshake.ja3", FIELD_STR, "Fingerprint of the client (JA3)",
		"tls.client.ja3", "0.1", CORE, PLAIN },
	[JA3_FULL] = { "dtls.handshake.ja3_full", FIELD_STR, "What JA3 is the MD5 of", NULL, "0.1",
		DERIVED, PLAIN },
	[JA3S] = { "dtls.handshake.ja3s", FIELD_STR, "Fingerprint of the server (JA3S)",
		"tls.server.ja3s", "0.1", CORE, PLAIN },
	{ 0 },
};

#define NONE TLS_NO_ROW
static const uint8_t rows[TLS_ROWS] = {
	[TLS_RECORD_TYPE] = RECORD_TYPE,
	[TLS_RECORD_VERSION] = RECORD_VERSION,
	[TLS_RECORD_LENGTH] = RECORD_LENGTH,
	[TLS_APP_DATA_PROTO] = NONE,
	[TLS_ALERT_LEVEL] = ALERT_LEVEL,
	[TLS_ALERT_DESC] = ALERT_DESC,
	[TLS_HANDSHAKE_TYPE] = TYPE,
	[TLS_HANDSHAKE_LENGTH] = LENGTH,
	[TLS_VERSION] = VERSION,
	[TLS_RANDOM] = RANDOM,
	[TLS_SESSION_ID_LENGTH] = NONE,
	[TLS_SESSION_ID] = SESSION_ID,
	[TLS_CIPHERS_LENGTH] = NONE,
	[TLS_CIPHER] = CIPHER,
	[TLS_COMPRESSION] = NONE,
	[TLS_EXTENSIONS_LENGTH] = NONE,
	[TLS_EXTENSION_TYPE] = EXTENSION_TYPE,
	[TLS_EXTENSION_LENGTH] = NONE,
	[TLS_SERVER_NAME] = SERVER_NAME,
	[TLS_STATUS_TYPE] = NONE,
	[TLS_GROUP] = GROUP,
	[TLS_POINT_FORMAT] = NONE,
	[TLS_SIGNATURE] = SIGNATURE,
	[TLS_ALPN] = ALPN,
	[TLS_SUPPORTED_VERSION] = NONE,
	[TLS_KEY_SHARE] = NONE,
	[TLS_KEY_SHARE_SELECTED] = NONE,
	[TLS_RENEGOTIATION_LENGTH] = NONE,
	[TLS_NAMED_CURVE] = NONE,
	[TLS_TICKET_LIFETIME] = NONE,
	[TLS_CERTIFICATES_LENGTH] = NONE,
	[TLS_CERTIFICATE_LENGTH] = NONE,
	[TLS_JA3] = JA3,
	[TLS_JA3_FULL] = JA3_FULL,
	[TLS_JA3S] = JA3S,
	[TLS_JA3S_FULL] = NONE,
	[TLS_COOKIE] = COOKIE,
};

static const struct proto_bind binds[] = { { BY_UDP_PORT, 4433, NULL }, { BY_UDP_PORT, 5349, NULL },
	{ BY_UDP_PORT, 5684, NULL }, { 0 } };

/* --- handshake --- */

static void put_message(struct tls *t, struct bytes *b)
{
	uint8_t type = bytes_u8(b);
	uint32_t length = bytes_be24(b);
	uint16_t message = bytes_be16(b);
	uint32_t offset = bytes_be24(b), n = bytes_be24(b);

	if (!bytes_ok(b) || !tls_handshake_knows(type))
		return;
	if (n > bytes_claimed(b) || offset + n > length)
		pkt_anomaly(t->pkt, "fragment beyond its message");
	put_u64(t->pkt, MESSAGE, message);
	put_u64(t->pkt, FRAGMENT_OFFSET, offset);
	put_u64(t->pkt, FRAGMENT_LENGTH, n);
	struct bytes fragment = bytes_upto(b, n);
	if (offset == 0 && n == length) {
		tls_handshake(t, type, length, fragment);
		return;
	}
	put_u64(t->pkt, TYPE, type);
	put_u64(t->pkt, LENGTH, length);
}

static void put_messages(struct tls *t, struct bytes b)
{
	t->next = -1;
	for (unsigned i = 0; i < MESSAGES_MAX && bytes_left(&b); i++)
		put_message(t, &b);
}

/* --- records --- */

struct record {
	uint8_t type;
	uint16_t version, epoch, length;
	uint64_t number;
	struct bytes payload;
};

static bool read_record(struct bytes *b, struct record *r)
{
	r->type = bytes_u8(b);
	r->version = bytes_be16(b);
	r->epoch = bytes_be16(b);
	r->number = (uint64_t)bytes_be16(b) << 32;
	r->number |= bytes_be32(b);
	r->length = bytes_be16(b);
	r->payload = bytes_upto(b, r->length);
	return bytes_ok(b) && r->type >= CHANGE_CIPHER_SPEC && r->type <= CONTENT_LAST &&
	       (r->version == DTLS_1_0 || r->version == DTLS_1_2 || r->version == DTLS_OLD) &&
	       r->length <= LENGTH_MAX;
}

/* Of a record with an id the true type is encrypted. */
static void put_record(struct tls *t, const struct record *r)
{
	if (r->type != CONNECTION_ID)
		put_u64(t->pkt, RECORD_TYPE, r->type);
	put_u64(t->pkt, RECORD_VERSION, r->version);
	put_u64(t->pkt, EPOCH, r->epoch);
	put_u64(t->pkt, SEQUENCE_NUMBER, r->number);
	put_u64(t->pkt, RECORD_LENGTH, r->length);
	if (!t->has_cipher)
		t->version = tls_level(t, r->version);
	if (r->type == APPLICATION_DATA)
		ecs_bool(t->pkt, ECS_TLS_ESTABLISHED, true);
	/* in whatever epoch: cipher text is longer */
	if (r->type == ALERT && tls_alert_known(r->payload))
		tls_alert(t->pkt, r->payload, ALERT_LEVEL, ALERT_DESC);
	if (r->epoch > 0)
		return;
	if (r->type == HANDSHAKE)
		put_messages(t, r->payload);
	else if (r->type == CHANGE_CIPHER_SPEC && t->server_hello)
		ecs_bool(t->pkt, ECS_TLS_RESUMED, !t->certificate);
}

/* --- DTLS 1.3 --- */

static bool is_unified(const struct bytes *b)
{
	return bytes_left(b) && b->p[0] >> 5 == UNIFIED;
}

/* Records with a length and without an id that end where the datagram does: how many. */
static unsigned count_unified(struct bytes b)
{
	unsigned n = 0;

	for (; n < RECORDS_MAX && is_unified(&b); n++) {
		uint8_t first = bytes_u8(&b);
		bytes_skip(&b, first & LONG_NUMBER ? 2 : 1);
		size_t length = bytes_be16(&b);
		if (first & HAS_ID || !(first & HAS_LENGTH) || length < ENCRYPTED_MIN ||
			length > bytes_claimed(&b))
			return 0;
		(void)bytes_upto(&b, length);
	}
	return bytes_left(&b) || !bytes_ok(&b) ? 0 : n;
}

static enum decode_result decode_unified(struct packet *pkt, struct bytes b)
{
	ecs_text(pkt, ECS_TLS_VERSION, "1.3");
	ecs_text(pkt, ECS_TLS_VERSION_PROTOCOL, "dtls");
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (is_unified(&b))
		return decode_unified(pkt, b);
	struct tls t = { .pkt = pkt, .carrier = TLS_DATAGRAM, .rows = rows };
	struct record r;

	for (unsigned i = 0; i < RECORDS_MAX && bytes_left(&b); i++) {
		struct bytes rest = b;
		bool found = read_record(&b, &r);
		if (!found && i == 0)
			return rest.cut && bytes_left(&rest) < HEADER ? DECODE_TRUNCATED
								      : DECODE_REJECT;
		if (!found)
			break;
		if (r.length > bytes_left(&r.payload) + r.payload.cut)
			pkt_anomaly(pkt, "record beyond the datagram");
		put_record(&t, &r);
		tls_action(pkt, r.type);
	}
	ecs_text(pkt, ECS_TLS_VERSION_PROTOCOL, "dtls");
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

/* The first record is whole, and what is behind it is another one. */
static bool probe(const struct packet *pkt, struct bytes b)
{
	struct record r;

	(void)pkt;
	if (is_unified(&b))
		return count_unified(b) > 1; /* one alone is too little to tell */
	if (!read_record(&b, &r) || r.length == 0 ||
		r.length > bytes_left(&r.payload) + r.payload.cut)
		return false;
	return bytes_left(&b) == 0 || (b.p[0] >= CHANGE_CIPHER_SPEC && b.p[0] <= CONTENT_LAST) ||
	       is_unified(&b);
}

static const struct proto_probe probes[] = { { BY_UDP_PORT, CHANGE_CIPHER_SPEC, CONTENT_LAST },
	{ BY_UDP_PORT, UNIFIED << 5, (UNIFIED << 5) + 0x1f }, { 0 } };

const struct proto proto_dtls = {
	.name = "dtls",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "dtls",
};
