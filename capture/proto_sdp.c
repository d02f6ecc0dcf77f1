/* proto_sdp.c -- Session Description Protocol: the media that a call asks for.
 * RFC 8866:  lines TYPE=value   v= version | o= owner | s= name | c= address | t= times |
 *            m= media, and then lines that are about it alone | a= attributes
 * RFC 3551, 6: numbers of formats, for which Wireshark has names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <strings.h>

enum { LINES_MAX = 65536, WORDS_MAX = 256, FIRST_DYNAMIC = 96, LAST_DYNAMIC = 127 };

enum {
	VERSION,
	OWNER_USERNAME,
	OWNER_SESSIONID,
	OWNER_ADDRESS,
	SESSION_NAME,
	CONNECTION_ADDRESS,
	TIME_START,
	TIME_STOP,
	MEDIA,
	MEDIA_MEDIA,
	MEDIA_PORT,
	MEDIA_PROTO,
	MEDIA_FORMAT,
	ATTRIBUTE_FIELD,
	ATTRIBUTE_VALUE,
};
static const struct proto_field fields[] = {
	[VERSION] = { "sdp.version", FIELD_STR, "Version", NULL, "0.1", DETAIL, PLAIN },
	[OWNER_USERNAME] = { "sdp.owner.username", FIELD_STR, "User who made the session", NULL,
		"0.1", DETAIL, USER },
	[OWNER_SESSIONID] = { "sdp.owner.sessionid", FIELD_STR, "Number of the session", NULL,
		"0.1", DETAIL, PLAIN },
	[OWNER_ADDRESS] = { "sdp.owner.address", FIELD_STR, "Host that made the session", NULL,
		"0.1", CORE, ADDRESS },
	[SESSION_NAME] = { "sdp.session_name", FIELD_STR, "Name of the session", NULL, "0.1",
		DETAIL, CONTENT },
	[CONNECTION_ADDRESS] = { "sdp.connection_info.address", FIELD_STR,
		"Address that media are to be sent to", NULL, "0.1", CORE, ADDRESS },
	[TIME_START] = { "sdp.time.start", FIELD_STR, "Begin, in seconds since 1900", NULL, "0.1",
		DETAIL, PLAIN },
	[TIME_STOP] = { "sdp.time.stop", FIELD_STR, "End, in seconds since 1900", NULL, "0.1",
		DETAIL, PLAIN },
	[MEDIA] = { "sdp.media", FIELD_STR, "One media line", NULL, "0.1", DETAIL, PLAIN },
	[MEDIA_MEDIA] = { "sdp.media.media", FIELD_STR, "audio, video, ...", NULL, "0.1", CORE,
		PLAIN },
	[MEDIA_PORT] = { "sdp.media.port", FIELD_U16, "Port that media are to be sent to", NULL,
		"0.1", CORE, PLAIN },
	[MEDIA_PROTO] = { "sdp.media.proto", FIELD_STR, "RTP/AVP, ...", NULL, "0.1", CORE, PLAIN },
	[MEDIA_FORMAT] = { "sdp.media.format", FIELD_STR,
		"Formats: names of those of RTP that have one", NULL, "0.1", CORE, PLAIN },
	[ATTRIBUTE_FIELD] = { "sdp.media_attribute.field", FIELD_STR,
		"Name of an attribute of the media", NULL, "0.1", DETAIL, PLAIN },
	[ATTRIBUTE_VALUE] = { "sdp.media_attribute.value", FIELD_STR, "Value of the attribute",
		NULL, "0.1", DETAIL, CONTENT },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_MEDIA, MEDIA_SDP, NULL }, { 0 } };

/* By number; those that are NULL are unassigned. */
static const char *const formats[] = {
	[0] = "ITU-T G.711 PCMU",
	[1] = "USA Federal Standard FS-1016",
	[2] = "ITU-T G.721",
	[3] = "GSM 06.10",
	[4] = "ITU-T G.723",
	[5] = "DVI4 8000 samples/s",
	[6] = "DVI4 16000 samples/s",
	[7] = "Experimental linear predictive encoding from Xerox PARC",
	[8] = "ITU-T G.711 PCMA",
	[9] = "ITU-T G.722",
	[10] = "16-bit uncompressed audio, stereo",
	[11] = "16-bit uncompressed audio, monaural",
	[12] = "Qualcomm Code Excited Linear Predictive coding",
	[13] = "Comfort noise",
	[14] = "MPEG-I/II Audio",
	[15] = "ITU-T G.728",
	[16] = "DVI4 11025 samples/s",
	[17] = "DVI4 22050 samples/s",
	[18] = "ITU-T G.729",
	[19] = "Comfort noise (old)",
	[25] = "Sun CellB video encoding",
	[26] = "JPEG-compressed video",
	[28] = "'nv' program",
	[31] = "ITU-T H.261",
	[32] = "MPEG-I/II Video",
	[33] = "MPEG-II transport streams",
	[34] = "ITU-T H.263",
	[72] = "Reserved for RTCP conflict avoidance",
	[73] = "Reserved for RTCP conflict avoidance",
	[74] = "Reserved for RTCP conflict avoidance",
	[75] = "Reserved for RTCP conflict avoidance",
	[76] = "Reserved for RTCP conflict avoidance",
	[FIRST_DYNAMIC - 1] = NULL,
};

/* Attributes of which Wireshark shows parts of its own in place of the value. */
static const char *const split[] = { "rtpmap", "fmtp", "candidate", "crypto" };

/* --- pieces --- */

static void put(struct packet *pkt, unsigned field, struct bytes text)
{
	put_str(pkt, field, text.p, bytes_left(&text));
}

static const uint8_t *find(struct bytes text, uint8_t c)
{
	return bytes_left(&text) ? memchr(text.p, c, bytes_left(&text)) : NULL;
}

/* The next word and behind the blanks that follow it. */
static struct bytes take_word(struct bytes *b)
{
	const uint8_t *from = b->p, *end = find(*b, ' ');
	struct bytes word = bytes_of(from, end ? (size_t)(end - from) : bytes_left(b));

	b->p = word.end;
	while (bytes_peek(b, 0) == ' ')
		bytes_skip(b, 1);
	return word;
}

static bool is_word(struct bytes word, const char *text)
{
	size_t n = strlen(text);

	return bytes_left(&word) == n && strncasecmp((const char *)word.p, text, n) == 0;
}

/* The digits that a word begins with, at most `most`; 0 without any. */
static uint32_t number(struct bytes word, uint32_t most)
{
	uint32_t value = 0;

	while (bytes_left(&word) && *word.p >= '0' && *word.p <= '9') {
		value = value * 10 + bytes_u8(&word) - '0';
		if (value > most)
			value = most;
	}
	return value;
}

/* --- lines --- */

static void put_owner(struct packet *pkt, struct bytes b)
{
	put(pkt, OWNER_USERNAME, take_word(&b));
	put(pkt, OWNER_SESSIONID, take_word(&b));
	for (unsigned i = 0; i < 3; i++) /* version, type of network, type of address */
		(void)take_word(&b);
	put(pkt, OWNER_ADDRESS, b);
}

/* related.ip takes addresses alone, no names. */
static void relate(struct packet *pkt, struct bytes text)
{
	uint8_t *address = (uint8_t *)pkt_scratch(pkt, 4);
	unsigned n = 0;

	for (; address && n < 4; n++) {
		const uint8_t *from = text.p;
		uint32_t value = number(text, 256);
		while (bytes_left(&text) && *text.p >= '0' && *text.p <= '9')
			bytes_skip(&text, 1);
		if (text.p == from || value > 255)
			return;
		address[n] = (uint8_t)value;
		if (n < 3 && bytes_u8(&text) != '.')
			return;
	}
	if (n == 4 && bytes_left(&text) == 0)
		ecs_addr(pkt, ECS_RELATED_IP, FIELD_IPV4, address);
}

static void put_connection(struct packet *pkt, struct bytes b)
{
	(void)take_word(&b);
	struct bytes type = take_word(&b);
	const uint8_t *slash = find(b, '/');

	if (slash) /* hops, and a count of addresses */
		b.end = slash;
	put(pkt, CONNECTION_ADDRESS, b);
	if (is_word(type, "IP4"))
		relate(pkt, b);
}

static void put_times(struct packet *pkt, struct bytes b)
{
	struct bytes start = b;
	const uint8_t *blank = find(b, ' ');

	if (blank) {
		start.end = blank;
		b.p = blank + 1;
	}
	put(pkt, TIME_START, start);
	put(pkt, TIME_STOP, b);
}

/* The number of a format, -1: not one of those of RTP. */
static int format_number(struct bytes word)
{
	if (bytes_left(&word) == 0 || *word.p < '0' || *word.p > '9')
		return -1;
	uint32_t value = number(word, 1000);
	return value <= LAST_DYNAMIC ? (int)value : -1;
}

static void put_dynamic(struct packet *pkt, unsigned format)
{
	static const char start[] = "DynamicRTP-Type-";
	enum { LEN = sizeof(start) - 1 };
	unsigned digits = format < 100 ? 2 : 3;
	char *text = pkt_scratch(pkt, LEN + digits);

	if (!text)
		return;
	memcpy(text, start, LEN);
	for (unsigned i = digits; i > 0; i--, format /= 10)
		text[LEN + i - 1] = (char)('0' + format % 10);
	put_clean(pkt, MEDIA_FORMAT, text, LEN + digits);
}

static void put_format(struct packet *pkt, struct bytes word, bool rtp)
{
	int format = rtp ? format_number(word) : -1;

	if (format < 0)
		put(pkt, MEDIA_FORMAT, word);
	else if (format >= FIRST_DYNAMIC)
		put_dynamic(pkt, (unsigned)format);
	else
		put_text(pkt, MEDIA_FORMAT, formats[format] ? formats[format] : "Unassigned");
}

static void put_media(struct packet *pkt, struct bytes b)
{
	put(pkt, MEDIA, b);
	put(pkt, MEDIA_MEDIA, take_word(&b));
	if (bytes_left(&b) == 0)
		return;
	put_u64(pkt, MEDIA_PORT, number(take_word(&b), UINT16_MAX));
	struct bytes proto = take_word(&b);
	bool rtp = bytes_starts(&proto, "RTP/", 4);
	put(pkt, MEDIA_PROTO, proto);
	for (unsigned i = 0; i < WORDS_MAX && bytes_left(&b); i++)
		put_format(pkt, take_word(&b), rtp);
}

/* --- attributes --- */

/* Keys of SRTP and passwords of ICE. */
static void hide(struct packet *pkt, struct bytes name, struct bytes value)
{
	if (is_word(name, "ice-pwd"))
		pkt_secret(pkt, value.p, bytes_left(&value));
	if (!is_word(name, "crypto"))
		return;
	while (bytes_left(&value) && !bytes_starts(&value, "inline:", 7))
		bytes_skip(&value, 1);
	(void)bytes_upto(&value, 7);
	pkt_secret(pkt, value.p, bytes_left(&value));
}

static void put_attribute(struct packet *pkt, struct bytes b, bool of_media)
{
	const uint8_t *colon = find(b, ':');
	bool whole = true;

	if (!colon)
		return;
	struct bytes name = bytes_of(b.p, (size_t)(colon - b.p));
	b.p = colon + 1;
	while (bytes_peek(&b, 0) == ' ')
		bytes_skip(&b, 1);
	hide(pkt, name, b);
	if (!of_media)
		return;
	put(pkt, ATTRIBUTE_FIELD, name);
	for (size_t i = 0; i < sizeof(split) / sizeof(split[0]); i++)
		whole = whole && !is_word(name, split[i]);
	if (whole)
		put(pkt, ATTRIBUTE_VALUE, b);
	else if (is_word(name, "rtpmap") || is_word(name, "fmtp"))
		put(pkt, MEDIA_FORMAT, take_word(&b));
}

/* --- the layer --- */

static void put_line(struct packet *pkt, char type, struct bytes value, bool *in_media)
{
	switch (type) {
	case 'v':
		put(pkt, VERSION, value);
		break;
	case 'o':
		put_owner(pkt, value);
		break;
	case 's':
		put(pkt, SESSION_NAME, value);
		break;
	case 'c':
		put_connection(pkt, value);
		break;
	case 't':
		put_times(pkt, value);
		break;
	case 'm':
		*in_media = true;
		put_media(pkt, value);
		break;
	case 'a':
		put_attribute(pkt, value, *in_media);
		break;
	case 'k': /* clear:KEY, base64:KEY; no row shows it */
		pkt_secret(pkt, value.p, bytes_left(&value));
		break;
	default:
		break;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool in_media = false;

	for (unsigned i = 0; i < LINES_MAX && bytes_left(&b); i++) {
		const uint8_t *from = b.p;
		while (bytes_left(&b) && *b.p != '\r' && *b.p != '\n')
			b.p++;
		struct bytes line = bytes_of(from, (size_t)(b.p - from));
		while (bytes_peek(&b, 0) == '\r' || bytes_peek(&b, 0) == '\n')
			bytes_skip(&b, 1);
		if (bytes_peek(&line, 1) != '=')
			continue;
		char type = (char)bytes_u8(&line);
		bytes_skip(&line, 1);
		put_line(pkt, type, line, &in_media);
	}
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_sdp = {
	.name = "sdp", .binds = binds, .fields = fields, .decode = decode
};
