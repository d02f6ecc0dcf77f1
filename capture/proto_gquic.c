/* proto_gquic.c -- QUIC as Google had it before the standard, versions Q020 to Q049.
 * "QUIC Wire Layout Specification", revision of 2016-01-28, and "QUIC Crypto", 2016-12-06:
 *   0: 0 multipath number-length(2) id(1) nonce(1) reset(1) version(1) | 1-8 connection id |
 *   9-12 version, as text; of a server all that it has | packet number, 1, 2, 4 or 6 bytes |
 *   hash of 12 bytes | below Q034 private flags u8 | frames
 *   Integers are little-endian below Q039.
 * Q046:  0: 1 1 type(2) 0 0 number-length(2) | 1-4 version | 5 lengths of two ids, less 3 |
 *   ids | packet number, 1 to 4 bytes | hash | frames
 * A message of the handshake, on stream 1:  0-3 name | 4-5 count, little-endian | 6-7 0 |
 *   count times: name of a tag, 4 bytes, and where its value ends u32, little-endian | values
 *
 * Only packets that tell their version are known for what they are, and only hellos are clear. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { HAS_VERSION = 0x01, RESET = 0x02, HAS_ID = 0x08, LONG = 0x80, FIXED = 0x40 };
enum { STREAM = 0x80, STREAM_LENGTH = 0x20, ACK = 0x40, ACK_RANGES = 0x20 };
enum { WITHOUT_ENTROPY = 34, BIG_ENDIAN_FROM = 39 };
enum { ID = 8, HASH = 12, CRYPTO_STREAM = 1, FRAMES_MAX = 64, TAGS_MAX = 128, VERSIONS_MAX = 64 };

enum { VERSION, CID, SNI, UAID };
static const struct proto_field fields[] = {
	[VERSION] = { "gquic.version", FIELD_STR, "Version; of a server each that it has", NULL,
		"0.1", CORE, PLAIN },
	[CID] = { "gquic.cid", FIELD_STR, "Connection id, as a decimal number", NULL, "0.1", CORE,
		PLAIN },
	[SNI] = { "gquic.tag.sni", FIELD_ASCII, "Name of the server the client wants",
		"tls.client.server_name", "0.1", CORE, NAME },
	[UAID] = { "gquic.tag.uaid", FIELD_ASCII, "Browser and system of the client",
		"user_agent.original", "0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_UDP_PORT, 80, NULL }, { 0 } };

/* What the public header tells of the rest. */
struct header {
	const uint8_t *version, *id; /* id: of 8 bytes, or NULL */
	unsigned number, number_size;
	bool reset;
};

/* --- headers --- */

static bool is_version(const uint8_t *p)
{
	return p && p[0] == 'Q' && p[1] == '0' && p[2] >= '2' && p[2] <= '4' && p[3] >= '0' &&
	       p[3] <= '9';
}

static const uint8_t *take_id(struct bytes *b, unsigned length)
{
	const uint8_t *id = bytes_take(b, length ? length + 3 : 0);

	return length + 3 == ID ? id : NULL;
}

static void read_long(struct bytes *b, uint8_t first, struct header *h)
{
	h->version = bytes_take(b, 4);
	uint8_t lengths = bytes_u8(b);
	const uint8_t *destination = take_id(b, lengths >> 4), *source = take_id(b, lengths & 15);
	h->id = destination ? destination : source;
	h->number_size = (first & 3u) + 1;
}

static void read_short(struct bytes *b, uint8_t first, struct header *h)
{
	static const uint8_t sizes[] = { 1, 2, 4, 6 };

	h->id = bytes_take(b, ID);
	h->version = bytes_take(b, 4);
	h->number_size = sizes[first >> 4 & 3];
	h->reset = first & RESET;
}

/* b moves behind the version, and of a long header behind the ids. */
static bool read_header(struct bytes *b, struct header *h)
{
	uint8_t first = bytes_u8(b);

	*h = (struct header){ 0 };
	if (first & LONG)
		read_long(b, first, h);
	else
		read_short(b, first, h);
	if (!bytes_ok(b) || !is_version(h->version))
		return false;
	h->number = (h->version[2] - '0') * 10u + (h->version[3] - '0');
	if (first & LONG)
		return first & FIXED && h->number >= BIG_ENDIAN_FROM;
	return (first & (HAS_VERSION | HAS_ID)) == (HAS_VERSION | HAS_ID);
}

static void put_id(struct packet *pkt, const struct header *h)
{
	if (!h->id)
		return;
	struct bytes id = bytes_of(h->id, ID);
	put_dec64(pkt, CID, h->number < BIG_ENDIAN_FROM ? bytes_le64(&id) : bytes_be64(&id));
}

/* --- messages --- */

static void put_name(struct packet *pkt, const uint8_t *name, size_t n)
{
	put_str(pkt, SNI, name, n);
	ecs_str(pkt, ECS_DESTINATION_DOMAIN, name, n);
	ecs_str(pkt, ECS_RELATED_HOSTS, name, n);
}

/* values: from the first value on; at: where the tag before has ended. False at the last tag that can
 * be read. */
static bool put_tag(
	struct packet *pkt, const uint8_t *name, struct bytes values, uint32_t at, uint32_t end)
{
	if (end < at) {
		pkt_anomaly(pkt, "tag ends before it begins");
		return false;
	}
	bytes_skip(&values, at);
	size_t claimed = bytes_claimed(&values), size = end - at;
	if (size > claimed) {
		pkt_anomaly(pkt, "tag beyond the packet");
		size = claimed;
	}
	const uint8_t *value = bytes_take(&values, size);
	if (value && memcmp(name, "SNI", 4) == 0)
		put_name(pkt, value, size);
	else if (value && memcmp(name, "UAID", 4) == 0)
		put_str(pkt, UAID, value, size);
	return value != NULL;
}

/* b: behind the message's name. */
static enum decode_result put_message(struct packet *pkt, struct bytes b)
{
	unsigned count = bytes_le16(&b);
	struct bytes values;
	uint32_t at = 0;

	bytes_skip(&b, 2);
	values = b;
	bytes_skip(&values, (size_t)count * 8);
	for (unsigned i = 0; i < count && i < TAGS_MAX; i++) {
		const uint8_t *name = bytes_take(&b, 4);
		uint32_t end = bytes_le32(&b);
		if (!bytes_ok(&b) || !bytes_ok(&values) || !put_tag(pkt, name, values, at, end))
			return DECODE_TRUNCATED;
		at = end;
	}
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

/* --- frames --- */

/* A counted list: `more` bytes for each entry but the first. */
static void skip_times(struct bytes *b, unsigned first, unsigned more)
{
	unsigned count = bytes_u8(b);

	if (count)
		bytes_skip(b, first + (size_t)(count - 1) * more);
}

static void skip_ack(struct bytes *b, uint8_t type, unsigned version)
{
	static const uint8_t sizes[] = { 1, 2, 4, 6 };
	unsigned largest = sizes[type >> 2 & 3], missing = sizes[type & 3], blocks = 0;

	if (version < WITHOUT_ENTROPY) {
		bytes_skip(b, 1 + largest + 2);
		skip_times(b, 5, 3);
		if (!(type & ACK_RANGES))
			return;
		bytes_skip(b, (size_t)bytes_u8(b) * (missing + 1));
		bytes_skip(b, (size_t)bytes_u8(b) * largest);
		return;
	}
	bytes_skip(b, largest + 2);
	if (type & ACK_RANGES)
		blocks = bytes_u8(b);
	bytes_skip(b, missing + (size_t)blocks * (1 + missing));
	skip_times(b, 5, 3);
}

/* A frame that is no stream and no acknowledgement; false for one that nothing follows. */
static bool skip_other(struct bytes *b, uint8_t type, const struct header *h)
{
	enum { PADDING, RST_STREAM, CLOSE, GOAWAY, WINDOW_UPDATE, BLOCKED, STOP_WAITING };
	bool big = h->number >= BIG_ENDIAN_FROM;

	switch (type) {
	case PADDING:
	case CLOSE:
		return false;
	case RST_STREAM:
		bytes_skip(b, 16);
		break;
	case GOAWAY:
		bytes_skip(b, 8);
		bytes_skip(b, big ? bytes_be16(b) : bytes_le16(b));
		break;
	case WINDOW_UPDATE:
		bytes_skip(b, 12);
		break;
	case BLOCKED:
		bytes_skip(b, 4);
		break;
	case STOP_WAITING:
		bytes_skip(b, h->number_size + (h->number < WITHOUT_ENTROPY ? 1 : 0));
		break;
	default: /* a ping, which is a type and nothing else */
		break;
	}
	return true;
}

/* Is it a hello or its refusal? These are never sealed, as far as anybody can tell by looking. */
static bool is_message(const uint8_t *name)
{
	return name && (memcmp(name, "CHLO", 4) == 0 || memcmp(name, "SHLO", 4) == 0 ||
			       memcmp(name, "REJ", 4) == 0);
}

/* b: behind the type. */
static enum decode_result put_stream(
	struct packet *pkt, struct bytes b, uint8_t type, const struct header *h)
{
	unsigned size = (type & 3u) + 1, offset = type >> 2 & 7;
	const uint8_t *id = bytes_take(&b, size);

	bytes_skip(&b, (offset ? offset + 1 : 0) + (type & STREAM_LENGTH ? 2 : 0));
	const uint8_t *name = bytes_take(&b, 4);
	if (!is_message(name))
		return DECODE_OK;
	ecs_text(pkt, ECS_EVENT_ACTION, *name == 'C' ? "chlo" : *name == 'S' ? "shlo" : "rej");
	unsigned sum = 0;
	for (unsigned i = 0; i < size; i++)
		sum += id[i];
	uint8_t lowest = id[h->number < BIG_ENDIAN_FROM ? 0 : size - 1];
	return lowest == CRYPTO_STREAM && sum == lowest ? put_message(pkt, b) : DECODE_OK;
}

/* b: behind the packet number. What is sealed looks like frames too, but has no hello. */
static enum decode_result put_frames(struct packet *pkt, struct bytes b, const struct header *h)
{
	bytes_skip(&b, HASH + (h->number < WITHOUT_ENTROPY ? 1 : 0));
	for (unsigned i = 0; i < FRAMES_MAX && bytes_left(&b); i++) {
		uint8_t type = bytes_u8(&b);
		if (type & STREAM)
			return put_stream(pkt, b, type, h);
		if (type & ACK)
			skip_ack(&b, type, h->number);
		else if (!skip_other(&b, type, h))
			break;
	}
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

/* --- */

static bool is_server(uint16_t port)
{
	return port == 443 || port == 80;
}

static void put_versions(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 1; i < VERSIONS_MAX && bytes_left(&b) >= 4; i++)
		put_str(pkt, VERSION, bytes_take(&b, 4), 4);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	int first = bytes_peek(&b, 0);
	struct header h;

	if (!read_header(&b, &h))
		return DECODE_REJECT;
	put_id(pkt, &h);
	put_str(pkt, VERSION, h.version, 4);
	bool from_server = pkt->flow.has_ports && is_server(pkt->flow.src_port);
	pkt_client(pkt, !from_server);
	if (from_server && !(first & LONG)) {
		ecs_text(pkt, ECS_EVENT_ACTION, "version-negotiation");
		put_versions(pkt, b);
		return b.cut ? DECODE_TRUNCATED : DECODE_OK;
	}
	if (h.reset) {
		ecs_text(pkt, ECS_EVENT_ACTION, "public-reset");
		bytes_skip(&b, 4);
		return put_message(pkt, b);
	}
	bytes_skip(&b, h.number_size);
	return put_frames(pkt, b, &h);
}

static bool probe(const struct packet *pkt, struct bytes b)
{
	struct header h;

	(void)pkt;
	return read_header(&b, &h);
}

static const struct proto_probe probes[] = {
	{ BY_UDP_PORT, HAS_VERSION | HAS_ID, 0x7f },
	{ BY_UDP_PORT, LONG | FIXED, 0xff },
	{ 0 },
};

const struct proto proto_gquic = {
	.name = "gquic",
	.binds = binds,
	.fields = fields,
	.decode = decode,
	.probe = probe,
	.probes = probes,
	.application = "quic",
};
