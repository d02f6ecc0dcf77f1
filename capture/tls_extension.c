/* tls_extension.c -- the extensions of TLS's hellos.
 * RFC 8446, section 4.2:  2 length of all | { 2 type | 2 length | data } ...
 * The data of each kind is a vector with a length of its own; types are those of IANA's registry.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_extension.h"

#include "json.h"
#include "tls_names.h"

enum extension {
	SERVER_NAME = 0,
	STATUS_REQUEST = 5,
	SUPPORTED_GROUPS = 10,
	POINT_FORMATS = 11,
	SIGNATURES = 13,
	ALPN = 16,
	STATUS_REQUEST_V2 = 17,
	DELEGATED_CREDENTIALS = 34,
	KEY_SHARE_DRAFT = 40, /* drafts of TLS 1.3 up to 22 */
	PRE_SHARED_KEY = 41,
	SUPPORTED_VERSIONS = 43,
	SIGNATURES_CERT = 50,
	KEY_SHARE = 51,
	RENEGOTIATION_INFO = 0xff01,
};

void tls_ecs_name(struct tls *t, enum ecs_id id, const char *name, uint16_t code)
{
	const uint8_t octets[2] = { (uint8_t)(code >> 8), (uint8_t)code };

	if (name) {
		ecs_text(t->pkt, id, name);
		return;
	}
	char *text = pkt_scratch(t->pkt, 6);
	if (!text)
		return;
	text[0] = '0';
	text[1] = 'x';
	(void)json_emit_hex(text + 2, octets, sizeof(octets));
	ecs_str(t->pkt, id, text, 6);
}

/* A length that is cut away is no lie, and then nothing follows that could be read. */
bool tls_vector(
	struct tls *t, struct bytes *b, unsigned width, unsigned field, struct bytes *vector)
{
	struct bytes rest = *b;
	size_t n = width == 1 ? bytes_u8(&rest) : bytes_be16(&rest);
	bool read = bytes_ok(&rest);

	if (read)
		tls_put(t, field, n);
	if (read && n <= bytes_claimed(&rest)) {
		*vector = bytes_upto(&rest, n);
		*b = rest;
		return true;
	}
	if (read || !b->cut)
		pkt_anomaly(t->pkt, "length beyond the message");
	b->p = b->end;
	return false;
}

/* --- lists --- */

void tls_vector_be16(struct tls *t, struct bytes *b, unsigned width, unsigned field)
{
	struct bytes list;

	if (!tls_vector(t, b, width, TLS_NO_FIELD, &list))
		return;
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list) >= 2; i++)
		(void)tls_get_be16(t, &list, field);
}

/* As in tshark the end of the extension ends the list, whatever shorter length it has. */
static void put_groups(struct tls *t, struct bytes *b)
{
	struct bytes rest = *b, list;

	if (!tls_vector(t, b, 2, TLS_NO_FIELD, &list))
		return;
	bytes_skip(&rest, 2);
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&rest) >= 2; i++)
		(void)tls_get_be16(t, &rest, TLS_GROUP);
}

static void put_points(struct tls *t, struct bytes *b)
{
	if (bytes_left(b) == 0)
		return;
	uint8_t n = bytes_u8(b);
	for (unsigned i = 0; i < n && bytes_ok(b); i++)
		(void)tls_get_u8(t, b, TLS_POINT_FORMAT);
}

static void put_name(struct tls *t, struct bytes name, enum tls_whose whose)
{
	size_t n = bytes_left(&name);

	tls_put_str(t, TLS_SERVER_NAME, name.p, n);
	if (whose != TLS_OF_CLIENT)
		return;
	ecs_str(t->pkt, ECS_TLS_CLIENT_SERVER_NAME, name.p, n);
	ecs_str(t->pkt, ECS_DESTINATION_DOMAIN, name.p, n);
	ecs_str(t->pkt, ECS_RELATED_HOSTS, name.p, n);
}

/* Names of a type each, though only host names were ever defined. */
static void put_names(struct tls *t, struct bytes *b, enum tls_whose whose)
{
	if (bytes_claimed(b) == 0) /* a server's answer */
		return;
	struct bytes list, name;
	if (!tls_vector(t, b, 2, TLS_NO_FIELD, &list))
		return;
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list); i++) {
		bytes_skip(&list, 1);
		if (!tls_vector(t, &list, 2, TLS_NO_FIELD, &name))
			return;
		if (!name.cut)
			put_name(t, name, whose);
	}
}

static void put_alpn(struct tls *t, struct bytes *b, enum tls_whose whose)
{
	struct bytes list, name;

	if (!tls_vector(t, b, 2, TLS_NO_FIELD, &list))
		return;
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list); i++) {
		if (!tls_vector(t, &list, 1, TLS_NO_FIELD, &name))
			return;
		tls_put_str(t, TLS_ALPN, name.p, bytes_left(&name));
		if (whose != TLS_OF_CLIENT)
			ecs_str(t->pkt, ECS_TLS_NEXT_PROTOCOL, name.p, bytes_left(&name));
	}
}

static void put_statuses(struct tls *t, struct bytes *b)
{
	struct bytes list, one;

	if (!tls_vector(t, b, 2, TLS_NO_FIELD, &list))
		return;
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list); i++) {
		(void)tls_get_u8(t, &list, TLS_STATUS_TYPE);
		if (!tls_vector(t, &list, 2, TLS_NO_FIELD, &one))
			return;
	}
}

/* --- what TLS 1.3 settles --- */

static void put_versions(struct tls *t, struct bytes *b, enum tls_whose whose)
{
	if (whose == TLS_OF_CLIENT) {
		tls_vector_be16(t, b, 1, TLS_SUPPORTED_VERSION);
		return;
	}
	uint16_t version = tls_get_be16(t, b, TLS_SUPPORTED_VERSION);
	if (!bytes_ok(b))
		return;
	t->version = tls_level(t, version);
	t->tls13 = t->version == TLS_1_3 || version >> 8 == 0x7f;
}

static void put_key_share(struct tls *t, struct bytes *b, enum tls_whose whose)
{
	if (whose == TLS_OF_CLIENT) {
		struct bytes list, key;
		if (!tls_vector(t, b, 2, TLS_NO_FIELD, &list))
			return;
		for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list); i++) {
			(void)tls_get_be16(t, &list, TLS_KEY_SHARE);
			if (!tls_vector(t, &list, 2, TLS_NO_FIELD, &key))
				return;
		}
		return;
	}
	unsigned field = whose == TLS_OF_RETRY ? TLS_KEY_SHARE_SELECTED : TLS_KEY_SHARE;
	uint16_t group = tls_get_be16(t, b, field);
	if (bytes_ok(b))
		tls_ecs_name(t, ECS_TLS_CURVE, tls_group_name(group), group);
}

/* --- one extension, and all --- */

static void put_extension(struct tls *t, uint16_t type, struct bytes b, enum tls_whose whose)
{
	struct bytes vector;

	switch (type) {
	case SERVER_NAME:
		put_names(t, &b, whose);
		break;
	case STATUS_REQUEST:
		if (whose == TLS_OF_CLIENT)
			(void)tls_get_u8(t, &b, TLS_STATUS_TYPE);
		break;
	case STATUS_REQUEST_V2:
		if (whose == TLS_OF_CLIENT)
			put_statuses(t, &b);
		break;
	case SUPPORTED_GROUPS:
		put_groups(t, &b);
		break;
	case POINT_FORMATS:
		put_points(t, &b);
		break;
	case SIGNATURES:
	case SIGNATURES_CERT:
	case DELEGATED_CREDENTIALS:
		tls_vector_be16(t, &b, 2, TLS_SIGNATURE);
		break;
	case ALPN:
		put_alpn(t, &b, whose);
		break;
	case SUPPORTED_VERSIONS:
		put_versions(t, &b, whose);
		break;
	case KEY_SHARE:
	case KEY_SHARE_DRAFT:
		put_key_share(t, &b, whose);
		break;
	case PRE_SHARED_KEY:
		if (whose == TLS_OF_SERVER)
			ecs_bool(t->pkt, ECS_TLS_RESUMED, true);
		break;
	case RENEGOTIATION_INFO:
		(void)tls_vector(t, &b, 1, TLS_RENEGOTIATION_LENGTH, &vector);
		break;
	default:
		break;
	}
}

void tls_extensions(struct tls *t, struct bytes *b, enum tls_whose whose)
{
	struct bytes list, one;

	if (bytes_left(b) == 0 || !tls_vector(t, b, 2, TLS_EXTENSIONS_LENGTH, &list))
		return;
	for (unsigned i = 0; i < TLS_LIST_MAX && bytes_left(&list) >= 4; i++) {
		uint16_t type = bytes_be16(&list), length = bytes_be16(&list);
		if (length > bytes_claimed(&list)) {
			pkt_anomaly(t->pkt, "extension beyond the message");
			return;
		}
		one = bytes_upto(&list, length);
		tls_put(t, TLS_EXTENSION_TYPE, type);
		tls_put(t, TLS_EXTENSION_LENGTH, length);
		put_extension(t, type, one, whose);
	}
}
