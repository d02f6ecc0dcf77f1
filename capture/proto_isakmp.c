/* proto_isakmp.c -- Internet Key Exchange, versions 1 and 2.
 * RFC 7296, 3.1 (RFC 2408, 3.1):  0-7 SPI of the initiator | 8-15 of the responder |
 *   16 first payload | 17 version | 18 exchange | 19 flags | 20-23 message | 24-27 length of all
 * Payload:  0 next payload | 1 reserved | 2-3 length, of these four bytes too | value
 *   SA         (version 1: domain (4), situation (4)) | proposals, as payloads
 *   proposal   number | protocol | length of the SPI | number of transforms | SPI | transforms
 *   transform  version 2: type | reserved | id (2) | attributes
 *   certificate, or a request for one: encoding | the certificate, or in version 1 its issuer
 * After the first messages all of it is encrypted. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "outcome.h"

enum { PAYLOADS_MAX = 1024, NESTING_MAX = 4, HEADER = 28, PAYLOAD_HEADER = 4, SPI_LEN = 8 };
enum { ENCRYPTED = 1, INITIATOR = 0x08, RESPONSE = 0x20 };
enum {
	NONE = 0,
	SA_1 = 1,
	PROPOSAL = 2,
	TRANSFORM = 3,
	ID_1 = 5,
	CERTIFICATE_1,
	REQUEST_1,
	NOTIFY_1 = 11,
	VENDOR_1 = 13,
	SA_2 = 33,
	KEY_2 = 34,
	IDI_2 = 35,
	IDR_2 = 36,
	CERTIFICATE_2,
	NOTIFY_2 = 41,
	VENDOR_2 = 43,
};
enum { X509_SIGNATURE = 4, X509_KEY_EXCHANGE = 5 };
enum { ID_FQDN = 2, ID_DN = 9, DOI_IPSEC = 1, TYPE_ENCR = 1, TYPE_DH = 4 };

enum {
	ISPI,
	RSPI,
	NEXT,
	VERSION,
	EXCHANGE,
	FLAGS,
	FLAG_I,
	FLAG_R,
	MESSAGE,
	LENGTH,
	PAYLOAD,
	PROTOCOL,
	TF_TYPE,
	TF_ENCR,
	TF_PRF,
	TF_INTEG,
	TF_DH,
	DH_GROUP,
	NOTIFY,
	ID_NAME,
	VENDOR,
};
static const struct proto_field fields[] = {
	[ISPI] = { "isakmp.ispi", FIELD_BYTES, "Security parameters index of the initiator", NULL,
		"0.1", CORE, PLAIN },
	[RSPI] = { "isakmp.rspi", FIELD_BYTES, "Security parameters index of the responder", NULL,
		"0.1", CORE, PLAIN },
	[NEXT] = { "isakmp.nextpayload", FIELD_U8, "Type of the payload that follows", NULL, "0.1",
		DETAIL, PLAIN },
	[VERSION] = { "isakmp.version", FIELD_U8, "Version: 16 is 1.0, 32 is 2.0", NULL, "0.1",
		CORE, PLAIN },
	[EXCHANGE] = { "isakmp.exchangetype", FIELD_U8,
		"2 main mode, 4 aggressive, 32 quick; 34 init, 35 authentication, 36 child, 37 "
		"informational",
		NULL, "0.1", CORE, PLAIN },
	[FLAGS] = { "isakmp.flags", FIELD_U8, "Flags", NULL, "0.1", DETAIL, PLAIN },
	[FLAG_I] = { "isakmp.flag_i", FIELD_BOOL, "The initiator has sent it", NULL, "0.1", DERIVED,
		PLAIN },
	[FLAG_R] = { "isakmp.flag_r", FIELD_BOOL, "It is a response", NULL, "0.1", DERIVED, PLAIN },
	[MESSAGE] = { "isakmp.messageid", FIELD_U32, "Number of the exchange", NULL, "0.1", CORE,
		PLAIN },
	[LENGTH] = { "isakmp.length", FIELD_U32, "Length of the message", NULL, "0.1", DETAIL,
		PLAIN },
	[PAYLOAD] = { "isakmp.typepayload", FIELD_U8, "Type of a payload", NULL, "0.1", DETAIL,
		PLAIN },
	[PROTOCOL] = { "isakmp.prop.protoid", FIELD_U32, "Proposed for: 1 IKE, 2 AH, 3 ESP", NULL,
		"0.1", DETAIL, PLAIN },
	[TF_TYPE] = { "isakmp.tf.type", FIELD_U8,
		"Kind of transform: 1 cipher, 2 random function, 3 integrity, 4 group", NULL, "0.1",
		DETAIL, PLAIN },
	[TF_ENCR] = { "isakmp.tf.id.encr", FIELD_U16, "Cipher proposed", NULL, "0.1", CORE, PLAIN },
	[TF_PRF] = { "isakmp.tf.id.prf", FIELD_U16, "Random function proposed", NULL, "0.1", CORE,
		PLAIN },
	[TF_INTEG] = { "isakmp.tf.id.integ", FIELD_U16, "Integrity check proposed", NULL, "0.1",
		CORE, PLAIN },
	[TF_DH] = { "isakmp.tf.id.dh", FIELD_U16, "Group proposed", NULL, "0.1", CORE, PLAIN },
	[DH_GROUP] = { "isakmp.key_exchange.dh_group", FIELD_U16, "Group of the key exchange", NULL,
		"0.1", CORE, PLAIN },
	[NOTIFY] = { "isakmp.notify.msgtype", FIELD_U16,
		"What is notified; below 16384 it is an error", NULL, "0.1", CORE, PLAIN },
	[ID_NAME] = { "isakmp.id.data.fqdn", FIELD_STR, "Name of the side that sends", NULL, "0.1",
		CORE, NAME },
	[VENDOR] = { "isakmp.vid_bytes", FIELD_BYTES, "What the sender is or can do", NULL, "0.1",
		DETAIL, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 500, NULL }, { BY_TCP_PORT, 500, NULL },
	{ 0 } };

static bool put_next(
	struct packet *pkt, struct bytes *b, unsigned version, uint8_t *type, unsigned depth);
static bool put_payloads(
	struct packet *pkt, struct bytes b, unsigned version, uint8_t type, unsigned depth);

static void put_transform(struct packet *pkt, struct bytes b)
{
	uint8_t type = get_u8(pkt, &b, TF_TYPE);

	bytes_skip(&b, 1);
	uint16_t id = bytes_be16(&b);
	if (bytes_ok(&b) && type >= TYPE_ENCR && type <= TYPE_DH)
		put_u64(pkt, TF_ENCR + type - TYPE_ENCR, id);
}

static bool put_proposal(struct packet *pkt, struct bytes b, unsigned version, unsigned depth)
{
	bytes_skip(&b, 1);
	(void)get_u8(pkt, &b, PROTOCOL);
	uint8_t spi = bytes_u8(&b), transforms = bytes_u8(&b);
	bytes_skip(&b, spi);
	if (!bytes_ok(&b))
		return false;
	for (unsigned i = 0; i < transforms; i++) {
		uint8_t type = TRANSFORM; /* whatever the one before says */
		if (!put_next(pkt, &b, version, &type, depth))
			return false;
	}
	return true;
}

static bool put_association(struct packet *pkt, struct bytes b, unsigned version, unsigned depth)
{
	if (version == 1) {
		if (bytes_be32(&b) != DOI_IPSEC)
			return bytes_ok(&b);
		bytes_skip(&b, 4);
	}
	return bytes_ok(&b) && put_payloads(pkt, b, version, PROPOSAL, depth);
}

/* 0 kind | 1-3 reserved, in version 1 protocol and port | name */
static void put_id(struct packet *pkt, struct bytes b)
{
	uint8_t kind = bytes_u8(&b);

	bytes_skip(&b, 3);
	if (bytes_left(&b) && kind == ID_DN)
		(void)decode_by(pkt, BY_CONTENT, CONTENT_NAME, b);
	if (!bytes_ok(&b) || kind != ID_FQDN)
		return;
	put_str(pkt, ID_NAME, b.p, bytes_left(&b));
	ecs_str(pkt, ECS_RELATED_HOSTS, b.p, bytes_left(&b));
}

/* Whose it is ECS has no names for: those it has are of TLS. */
static void put_certificate(struct packet *pkt, struct bytes b)
{
	uint8_t encoding = bytes_u8(&b);

	if ((encoding == X509_SIGNATURE || encoding == X509_KEY_EXCHANGE) && bytes_left(&b))
		(void)decode_by(pkt, BY_CONTENT, CONTENT_OTHER_CERTIFICATE, b);
}

static void put_request(struct packet *pkt, struct bytes b)
{
	if (bytes_u8(&b) == X509_SIGNATURE && bytes_left(&b))
		(void)decode_by(pkt, BY_CONTENT, CONTENT_NAME, b);
}

/* RFC 7296, 3.10.1; of version 1 (RFC 2408, 3.14.1) those that are met have the same numbers. */
static void put_notify(struct packet *pkt, struct bytes b, unsigned version)
{
	enum { STATUS_MIN_1 = 8192, STATUS_MIN_2 = 16384 };
	static const char *const errors[] = { [1] = "UNSUPPORTED_CRITICAL_PAYLOAD",
		[4] = "INVALID_IKE_SPI",
		[5] = "INVALID_MAJOR_VERSION",
		[7] = "INVALID_SYNTAX",
		[9] = "INVALID_MESSAGE_ID",
		[11] = "INVALID_SPI",
		[14] = "NO_PROPOSAL_CHOSEN",
		[16] = "PAYLOAD_MALFORMED",
		[17] = "INVALID_KE_PAYLOAD",
		[18] = "INVALID_ID_INFORMATION",
		[23] = "INVALID_HASH_INFORMATION",
		[24] = "AUTHENTICATION_FAILED",
		[25] = "INVALID_SIGNATURE",
		[34] = "SINGLE_PAIR_REQUIRED",
		[35] = "NO_ADDITIONAL_SAS",
		[36] = "INTERNAL_ADDRESS_FAILURE",
		[37] = "FAILED_CP_REQUIRED",
		[38] = "TS_UNACCEPTABLE",
		[39] = "INVALID_SELECTORS",
		[43] = "TEMPORARY_FAILURE",
		[44] = "CHILD_SA_NOT_FOUND" };
	bytes_skip(&b, version == 1 ? 6 : 2);
	uint16_t kind = get_be16(pkt, &b, NOTIFY);
	if (bytes_ok(&b) && kind && kind < (version == 1 ? STATUS_MIN_1 : STATUS_MIN_2))
		outcome_failure(pkt, kind, NAME_OF(errors, kind));
}

static bool is_known(unsigned version)
{
	return version == 1 || version == 2;
}

/* RFC 7296, 2.5: of another version only the heads of payloads are sure. */
static bool put_payload(
	struct packet *pkt, struct bytes b, unsigned version, uint8_t type, unsigned depth)
{
	if (!is_known(version) && type != VENDOR_1 && type != VENDOR_2)
		return true;
	switch (type) {
	case SA_1:
	case SA_2:
		return put_association(pkt, b, version, depth + 1);
	case PROPOSAL:
		return put_proposal(pkt, b, version, depth + 1);
	case TRANSFORM:
		if (version != 1)
			put_transform(pkt, b);
		return true;
	case KEY_2:
		(void)get_be16(pkt, &b, DH_GROUP);
		return true;
	case ID_1:
	case IDI_2:
	case IDR_2:
		put_id(pkt, b);
		return true;
	case CERTIFICATE_1:
	case CERTIFICATE_2:
		put_certificate(pkt, b);
		return true;
	case REQUEST_1:
		put_request(pkt, b);
		return true;
	case NOTIFY_1:
	case NOTIFY_2:
		put_notify(pkt, b, version);
		return true;
	case VENDOR_1:
	case VENDOR_2:
		put_bytes(pkt, VENDOR, b.p, bytes_left(&b));
		return true;
	default:
		return true;
	}
}

/* One payload, and the type of the next one. False when it ends beyond what holds it. */
static bool put_next(
	struct packet *pkt, struct bytes *b, unsigned version, uint8_t *type, unsigned depth)
{
	struct bytes look = *b;
	uint8_t next = bytes_u8(&look), this = *type;
	bytes_skip(&look, 1);
	uint16_t length = bytes_be16(&look);
	bool sane = length >= PAYLOAD_HEADER;
	struct bytes value = bytes_sub(&look, sane ? length - PAYLOAD_HEADER : 0);

	if (!bytes_ok(&look))
		return false;
	put_u64(pkt, PAYLOAD, this);
	put_u64(pkt, NEXT, next);
	*b = look;
	*type = next;
	if (!sane) {
		pkt_anomaly(pkt, "payload length below header size");
		*type = NONE;
		return true;
	}
	return put_payload(pkt, value, version, this, depth);
}

/* A chain that begins with a payload of this type. */
static bool put_payloads(
	struct packet *pkt, struct bytes b, unsigned version, uint8_t type, unsigned depth)
{
	if (depth == NESTING_MAX) {
		pkt_anomaly(pkt, "payloads too deep in each other");
		return true;
	}
	for (unsigned i = 0; i < PAYLOADS_MAX && bytes_left(&b) && type != NONE; i++)
		if (!put_next(pkt, &b, version, &type, depth))
			return false;
	return true;
}

/* Versions have numbers of their own. */
static void put_exchange(struct packet *pkt, unsigned version, uint8_t exchange)
{
	static const char *const names[] = { [2] = "main-mode",
		[4] = "aggressive-mode",
		[5] = "informational",
		[32] = "quick-mode",
		[34] = "ike-sa-init",
		[35] = "ike-auth",
		[36] = "create-child-sa",
		[37] = "informational" };

	if (!is_known(version)) {
		pkt_anomaly(pkt, "unknown version");
		return;
	}
	put_u64(pkt, EXCHANGE, exchange);
	if (exchange < sizeof(names) / sizeof(names[0]))
		ecs_text(pkt, ECS_EVENT_ACTION, names[exchange]);
}

static void put_flags(struct packet *pkt, unsigned version, uint8_t flags)
{
	put_u64(pkt, FLAGS, flags);
	if (version != 2)
		return;
	put_bool(pkt, FLAG_I, flags & INITIATOR);
	put_bool(pkt, FLAG_R, flags & RESPONSE);
	pkt_client(pkt, !(flags & RESPONSE));
}

static bool says_too_short(struct bytes b)
{
	bytes_skip(&b, HEADER - 4);
	uint32_t length = bytes_be32(&b);
	return bytes_ok(&b) && length < HEADER;
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	if (bytes_claimed(&b) < HEADER || says_too_short(b))
		return DECODE_REJECT;
	const uint8_t *initiator = bytes_take(&b, SPI_LEN), *responder = bytes_take(&b, SPI_LEN);
	if (!initiator || !responder)
		return DECODE_TRUNCATED;
	put_bytes(pkt, ISPI, initiator, SPI_LEN);
	put_bytes(pkt, RSPI, responder, SPI_LEN);
	uint8_t type = get_u8(pkt, &b, NEXT), version = get_u8(pkt, &b, VERSION) >> 4;
	uint8_t exchange = bytes_u8(&b), flags = bytes_u8(&b);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	put_exchange(pkt, version, exchange);
	put_flags(pkt, version, flags);
	(void)get_be32(pkt, &b, MESSAGE);
	uint32_t length = get_be32(pkt, &b, LENGTH);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if (version == 1 && flags & ENCRYPTED)
		return DECODE_OK;
	if (length - HEADER > INT32_MAX) {
		pkt_anomaly(pkt, "length of more than 2 GiB");
		return DECODE_OK;
	}
	if (length - HEADER > bytes_claimed(&b))
		pkt_anomaly(pkt, "length beyond the packet");
	struct bytes payloads = bytes_upto(&b, length - HEADER);
	return put_payloads(pkt, payloads, version, type, 0) ? DECODE_OK : DECODE_TRUNCATED;
}

const struct proto proto_isakmp = { .name = "isakmp",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.application = "isakmp" };
