/* dns_security.c -- record data that vouches for other data.
 * RFC 4034:  DNSKEY flags, protocol, algorithm, key | DS key tag, algorithm, digest type, digest
 *            RRSIG type covered, algorithm, labels, original TTL, expiration, inception, key tag,
 *            signer, signature | NSEC next name, type bit maps
 * RFC 5155:  NSEC3 algorithm, flags, iterations, salt (1-byte length), hash (same), type bit maps
 * RFC 7477:  CSYNC serial, flags, type bit maps | RFC 4255: SSHFP algorithm, type, fingerprint
 * RFC 2930:  TKEY, as RFC 3645 has it, agrees on a key by GSS-API
 * RFC 6698:  TLSA usage, selector, matching type, data | RFC 8659: CAA flags, tag length, tag,
 * value A type bit map (RFC 4034, 4.1.2) is a window, a length, and the types as bits from the
 * left. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_ecs.h"
#include "dns_rdata.h"
#include "dns_text.h"
#include "gss.h"

enum { WINDOWS_MAX = 256, LABELS_MAX = 128, TKEY_GSS = 3 };

static bool put_ds(struct dns *d, struct bytes b)
{
	(void)get_be16(d->pkt, &b, DNS_DS_KEY_ID);
	(void)get_u8(d->pkt, &b, DNS_DS_ALGORITHM);
	(void)get_u8(d->pkt, &b, DNS_DS_DIGEST_TYPE);
	put_bytes(d->pkt, DNS_DS_DIGEST, b.p, bytes_left(&b));
	return bytes_ok(&b);
}

static bool put_dnskey(struct dns *d, struct bytes b)
{
	(void)get_be16(d->pkt, &b, DNS_KEY_FLAGS);
	bytes_skip(&b, 1);
	(void)get_u8(d->pkt, &b, DNS_KEY_ALGORITHM);
	return bytes_ok(&b);
}

static bool put_rrsig(struct dns *d, struct bytes b)
{
	struct packet *pkt = d->pkt;
	struct dns_name signer;

	(void)get_be16(pkt, &b, DNS_SIG_COVERED);
	(void)get_u8(pkt, &b, DNS_SIG_ALGORITHM);
	(void)get_u8(pkt, &b, DNS_SIG_LABELS);
	(void)get_be32(pkt, &b, DNS_SIG_TTL);
	for (unsigned field = DNS_SIG_EXPIRATION; field <= DNS_SIG_INCEPTION; field++) {
		uint32_t seconds = bytes_be32(&b);
		if (bytes_ok(&b))
			put_time(pkt, field, seconds, 0);
	}
	(void)get_be16(pkt, &b, DNS_SIG_KEY_TAG);
	if (bytes_ok(&b))
		dns_name_read(pkt, &d->message, &b, DNS_SIG_SIGNER, &signer);
	return bytes_ok(&b);
}

/* Types of one window, at most *room of them. */
static void put_window(struct dns *d, unsigned first, struct bytes bits, unsigned *room)
{
	for (; bytes_left(&bits) && *room; first += 8) {
		uint8_t byte = bytes_u8(&bits);
		for (unsigned i = 0; byte && i < 8 && *room; i++, byte = (uint8_t)(byte << 1)) {
			if (!(byte & 0x80))
				continue;
			put_u64(d->pkt, DNS_RESP_TYPE, first + i);
			(*room)--;
		}
	}
}

static bool put_bitmaps(struct dns *d, struct bytes b)
{
	unsigned room = DNS_LIST_MAX;
	bool whole = true;

	for (unsigned i = 0; i < WINDOWS_MAX && bytes_left(&b) && room; i++) {
		unsigned window = bytes_u8(&b), len = bytes_u8(&b);
		struct bytes bits = bytes_upto(&b, len);
		whole = whole && bytes_left(&bits) == len;
		put_window(d, window * 256, bits, &room);
	}
	return whole && bytes_ok(&b);
}

static bool put_nsec(struct dns *d, struct bytes b)
{
	struct dns_name next;

	dns_name_read(d->pkt, &d->message, &b, DNS_NSEC_NEXT, &next);
	return put_bitmaps(d, b);
}

static bool put_nsec3(struct dns *d, struct bytes b)
{
	bytes_skip(&b, 4);
	bytes_skip(&b, bytes_u8(&b));
	bytes_skip(&b, bytes_u8(&b));
	return put_bitmaps(d, b);
}

static bool put_csync(struct dns *d, struct bytes b)
{
	bytes_skip(&b, 6);
	return put_bitmaps(d, b);
}

/* RFC 2535, 5.2: the map has no windows. */
static bool put_nxt(struct dns *d, struct bytes b)
{
	struct dns_name next;
	unsigned room = DNS_LIST_MAX;

	dns_name_get(d->pkt, &d->message, &b, &next);
	put_window(d, 0, b, &room);
	return bytes_ok(&b);
}

static bool put_sshfp(struct dns *d, struct bytes b)
{
	(void)get_u8(d->pkt, &b, DNS_SSHFP_ALGORITHM);
	(void)get_u8(d->pkt, &b, DNS_SSHFP_TYPE);
	return bytes_ok(&b);
}

static bool put_tlsa(struct dns *d, struct bytes b)
{
	(void)get_u8(d->pkt, &b, DNS_TLSA_USAGE);
	bytes_skip(&b, 2);
	return bytes_ok(&b);
}

static bool put_caa(struct dns *d, struct bytes b)
{
	uint8_t flags = get_u8(d->pkt, &b, DNS_CAA_FLAGS), len = bytes_u8(&b);
	struct bytes tag = bytes_sub(&b, len);
	const char *value;

	if (!bytes_ok(&b))
		return false;
	put_str(d->pkt, DNS_CAA_TAG, tag.p, len);
	size_t n = dns_text_ascii(d->pkt, b.p, bytes_left(&b), &value);
	if (n && len == 5 && bytes_starts(&tag, "issue", 5))
		put_str(d->pkt, DNS_CAA_ISSUE, value, n);
	if (n)
		put_str(d->pkt, DNS_CAA_VALUE, value, n);
	dns_ecs_say_u64(d, flags);
	dns_ecs_say(d, tag.p, len);
	dns_ecs_say(d, b.p, bytes_left(&b));
	return true;
}

/* Algorithm's name | 4 inception | 4 expiration | 2 mode | 2 error | 2 length, key | ... Only the
 * token that agrees on a key is read. */
static bool put_tkey(struct dns *d, struct bytes b)
{
	uint8_t label = bytes_u8(&b);

	for (unsigned i = 0; i < LABELS_MAX && label; i++) {
		bytes_skip(&b, label);
		label = bytes_u8(&b);
	}
	bytes_skip(&b, 8);
	uint16_t mode = bytes_be16(&b);
	bytes_skip(&b, 2);
	uint16_t length = bytes_be16(&b);
	struct bytes key = bytes_upto(&b, length);
	if (!bytes_ok(&b) || bytes_left(&key) < length)
		return false;
	if (mode == TKEY_GSS && length)
		gss_token(d->pkt, GSS_TOKEN, key);
	return true;
}

bool dns_security_put(struct dns *d, uint16_t type, struct bytes b)
{
	switch (type) {
	case DNS_TYPE_DS:
	case DNS_TYPE_CDS:
	case DNS_TYPE_DLV:
		return put_ds(d, b);
	case DNS_TYPE_DNSKEY:
	case DNS_TYPE_CDNSKEY:
		return put_dnskey(d, b);
	case DNS_TYPE_RRSIG:
	case DNS_TYPE_SIG:
		return put_rrsig(d, b);
	case DNS_TYPE_NSEC:
		return put_nsec(d, b);
	case DNS_TYPE_NSEC3:
		return put_nsec3(d, b);
	case DNS_TYPE_NXT:
		return put_nxt(d, b);
	case DNS_TYPE_CSYNC:
		return put_csync(d, b);
	case DNS_TYPE_SSHFP:
		return put_sshfp(d, b);
	case DNS_TYPE_TLSA:
		return put_tlsa(d, b);
	case DNS_TYPE_CAA:
		return put_caa(d, b);
	case DNS_TYPE_TKEY:
		return put_tkey(d, b);
	default:
		return true;
	}
}
