/* coap_options.c -- the options of CoAP.
 * RFC 7252, 3.1:  delta (4 bits), length (4) | 13: one byte more, less 13; 14: two, less 269; 15 is
 *   reserved | value.  The number is the sum of all deltas so far. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "coap.h"
#include "coap_names.h"
#include "http_secret.h"

enum { OPTIONS_MAX = 65536, PAYLOAD_MARKER = 0xff, NUMBER_MAX = 65535, TEXTS_MAX = 4096 };
enum {
	URI_HOST = 3,
	OBSERVE = 6,
	URI_PORT = 7,
	URI_PATH = 11,
	CONTENT_FORMAT = 12,
	MAX_AGE = 14,
	URI_QUERY = 15,
	BLOCK2 = 23,
	BLOCK1 = 27,
	SIZE2 = 28,
};

struct option {
	uint32_t number, length;
	uint8_t delta_bits, length_bits;
};

/* What the four bits say, with the bytes that may follow; b is not ok for what is reserved. */
static uint32_t extended(struct bytes *b, uint8_t bits)
{
	switch (bits) {
	case 13:
		return bytes_u8(b) + 13u;
	case 14:
		return bytes_be16(b) + 269u;
	case 15:
		b->ok = false;
		return 0;
	default:
		return bits;
	}
}

static bool read_option(struct bytes *b, uint32_t before, struct option *o)
{
	uint8_t first = bytes_u8(b);

	o->delta_bits = first >> 4;
	o->length_bits = first & 15;
	o->number = before + extended(b, o->delta_bits);
	o->length = extended(b, o->length_bits);
	return bytes_ok(b) && bytes_left(b) >= o->length;
}

/* Text that is built in scratch, piece by piece. */
struct built {
	const char *text;
	size_t len;
};

static void add(struct packet *pkt, struct built *b, const char *text, size_t n)
{
	const char *copy = pkt_copy(pkt, text, n);

	if (!b->text)
		b->text = copy;
	if (copy)
		b->len += n;
}

static void add_text(struct packet *pkt, struct built *b, const char *text)
{
	add(pkt, b, text, strlen(text));
}

static void add_number(struct packet *pkt, struct built *b, uint32_t number)
{
	char digits[COAP_DECIMAL];

	add(pkt, b, digits, coap_decimal(digits, number));
}

/* "#1: Uri-Path" */
static void put_name(struct packet *pkt, unsigned index, uint32_t number)
{
	const char *name = coap_option_name(number);
	struct built text = { 0 };

	add_text(pkt, &text, "#");
	add_number(pkt, &text, index);
	add_text(pkt, &text, ": ");
	add_text(pkt, &text, name ? name : "Unknown Option (");
	if (!name) {
		add_number(pkt, &text, number);
		add_text(pkt, &text, ")");
	}
	put_str(pkt, COAP_OPT_NAME, text.text, text.len);
}

void coap_put_format(struct packet *pkt, unsigned field, uint32_t number)
{
	const struct coap_format *format = coap_format_of(number);
	struct built text = { 0 };

	if (format) {
		put_str(pkt, field, format->name, strlen(format->name)); /* some have quotes */
		return;
	}
	add_text(pkt, &text, "Unknown Type ");
	add_number(pkt, &text, number);
	put_str(pkt, field, text.text, text.len);
}

/* Of at most four bytes; a longer one is 0. */
static uint32_t number_of(struct bytes b)
{
	uint32_t value = 0;

	if (bytes_left(&b) > 4)
		return 0;
	while (bytes_left(&b))
		value = value << 8 | bytes_u8(&b);
	return value;
}

static void put(struct packet *pkt, unsigned field, struct bytes text)
{
	put_str(pkt, field, text.p, bytes_left(&text));
}

/* Hides the value of a parameter whose name says that it is secret. */
static void hide(struct packet *pkt, struct bytes query)
{
	const uint8_t *equals = bytes_left(&query) ? memchr(query.p, '=', bytes_left(&query))
						   : NULL;

	if (equals && http_secret_name(bytes_of(query.p, (size_t)(equals - query.p)), false))
		pkt_secret(pkt, equals + 1, (size_t)(query.end - equals - 1));
}

/* Which part of a body that is sent in blocks: number | more follow (1 bit) | size (3 bits). */
static void put_block(struct packet *pkt, struct coap_message *m, struct bytes value)
{
	uint32_t block = number_of(value);

	put_u64(pkt, COAP_OPT_BLOCK_NUMBER, block >> 4);
	put_u64(pkt, COAP_OPT_BLOCK_SIZE, block & 7);
	m->in_blocks = m->in_blocks || block >> 3;
}

static void put_option(
	struct packet *pkt, struct coap_message *m, uint32_t number, struct bytes value)
{
	switch (number) {
	case URI_HOST:
		m->host = value;
		put(pkt, COAP_OPT_URI_HOST, value);
		break;
	case URI_PORT:
		m->port = number_of(value) & 0xffff;
		m->has_port = true;
		put_u64(pkt, COAP_OPT_URI_PORT, m->port);
		break;
	case URI_PATH:
		put(pkt, COAP_OPT_URI_PATH, value);
		break;
	case URI_QUERY:
		hide(pkt, value);
		put(pkt, COAP_OPT_URI_QUERY, value);
		break;
	case CONTENT_FORMAT:
		m->format = number_of(value);
		m->has_format = true;
		coap_put_format(pkt, COAP_OPT_CTYPE, m->format);
		break;
	case OBSERVE:
		put_u64(pkt, COAP_OPT_OBSERVE, number_of(value));
		break;
	case MAX_AGE:
		put_u64(pkt, COAP_OPT_MAX_AGE, number_of(value));
		break;
	case BLOCK1:
	case BLOCK2:
		put_block(pkt, m, value);
		break;
	case SIZE2: /* of which tshark shows three bits under the name of a block's size */
		put_u64(pkt, COAP_OPT_BLOCK_SIZE, number_of(value) & 7);
		break;
	default:
		break;
	}
}

/* Joins the values of all options of one number; `between` stands before each but, when `first`
 * says so, the first. Returns where in scratch the text is. */
static size_t join(struct packet *pkt, struct bytes b, uint32_t wanted, char between, size_t *len)
{
	size_t at = pkt->scratch_len;
	struct option o = { 0 };
	bool first = wanted == URI_QUERY;

	*len = 0;
	for (unsigned i = 0; i < TEXTS_MAX && bytes_left(&b) && *b.p != PAYLOAD_MARKER; i++) {
		if (!read_option(&b, o.number, &o) || o.number > wanted)
			break;
		const uint8_t *value = bytes_take(&b, o.length);
		if (o.number != wanted)
			continue;
		if (!first && !pkt_copy(pkt, &between, 1))
			break;
		*len += !first;
		first = false;
		if (!pkt_copy(pkt, value, o.length))
			break;
		*len += o.length;
	}
	return at;
}

bool coap_options(struct packet *pkt, struct coap_message *m, struct bytes *b)
{
	struct bytes all = *b;
	struct option o = { 0 };
	unsigned index = 0;
	bool right = true;

	while (right && index < OPTIONS_MAX && bytes_left(b) && *b->p != PAYLOAD_MARKER) {
		right = read_option(b, o.number, &o);
		if (!right)
			break;
		put_name(pkt, ++index, o.number);
		put_u64(pkt, COAP_OPT_DELTA, o.delta_bits);
		put_u64(pkt, COAP_OPT_LENGTH, o.length_bits);
		put_option(pkt, m, o.number, bytes_sub(b, o.length));
		right = o.number <= NUMBER_MAX;
	}
	m->path_at = join(pkt, all, URI_PATH, '/', &m->path_len);
	m->query_at = join(pkt, all, URI_QUERY, '&', &m->query_len);
	return right;
}
