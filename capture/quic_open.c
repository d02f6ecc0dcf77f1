/* quic_open.c -- the protection of QUIC's Initial packets, whose keys anybody can compute.
 * RFC 9001, section 5.2: secrets by HKDF of the client's first connection id and a salt that each
 * version has; section 5.4: five bits of the first byte and the packet number are masked by AES of
 * 16 bytes of the payload, which begin 4 bytes behind the packet number's place; section 5.3: the
 * payload by AES-128-GCM, with the header as associated data and the number in the nonce. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "quic_open.h"

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

enum { SECRET_LEN = SHA256_DIGEST_SIZE, LABEL_MAX = 32, NUMBER_MAX = 4, HIDDEN = 0x0f };

static const struct quic_version versions[] = {
	{ 0x00000001, 0x00000001, false,
		{ 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4,
			0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a } },
	{ 0x6b3343cf, 0x6b3343cf, true,
		{ 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e,
			0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 } },
	{ 0xff000016, 0xff000016, false,
		{ 0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21,
			0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a } },
	{ 0xff000017, 0xff00001c, false,
		{ 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b,
			0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02 } },
	{ 0xff00001d, 0xff000020, false,
		{ 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c,
			0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 } },
	{ 0xff000021, 0xff000022, false,
		{ 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4,
			0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a } },
};

const struct quic_version *quic_version(uint32_t number)
{
	if (quic_is_reserved(number))
		return &versions[0];
	for (unsigned i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (number >= versions[i].first && number <= versions[i].last)
			return &versions[i];
	return NULL;
}

/* HKDF-Expand-Label of TLS 1.3 (RFC 8446, section 7.1), without context. */
static void expand(const uint8_t *secret, const char *label, uint8_t *out, size_t n)
{
	struct hmac_sha256_ctx hmac;
	uint8_t info[LABEL_MAX];
	size_t len = strlen(label);

	info[0] = 0;
	info[1] = (uint8_t)n;
	info[2] = (uint8_t)(6 + len);
	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, len);
	info[9 + len] = 0;
	hmac_sha256_set_key(&hmac, SECRET_LEN, secret);
	hkdf_expand(&hmac, (nettle_hash_update_func *)hmac_sha256_update,
		(nettle_hash_digest_func *)hmac_sha256_digest, SECRET_LEN, 10 + len, info, n, out);
}

void quic_client_keys(const struct quic_version *version, struct bytes dcid, struct quic_keys *keys)
{
	static const uint8_t none[1];
	uint8_t initial[SECRET_LEN], client[SECRET_LEN];
	struct hmac_sha256_ctx hmac;
	size_t n = bytes_left(&dcid);

	hmac_sha256_set_key(&hmac, QUIC_SALT, version->salt);
	hkdf_extract(&hmac, (nettle_hash_update_func *)hmac_sha256_update,
		(nettle_hash_digest_func *)hmac_sha256_digest, SECRET_LEN, n, n ? dcid.p : none,
		initial);
	expand(initial, "client in", client, sizeof(client));
	expand(client, version->v2 ? "quicv2 key" : "quic key", keys->key, sizeof(keys->key));
	expand(client, version->v2 ? "quicv2 iv" : "quic iv", keys->iv, sizeof(keys->iv));
	expand(client, version->v2 ? "quicv2 hp" : "quic hp", keys->mask, sizeof(keys->mask));
}

/* Unmasks first byte and packet number; header: a copy of what stands before the payload, of which
 * as much is used as the packet number turns out to need. */
static void unmask(const struct quic_keys *keys, const uint8_t *sample, uint8_t *header,
	size_t number_at, struct quic_clear *clear)
{
	struct aes128_ctx aes;
	uint8_t mask[AES_BLOCK_SIZE];

	aes128_set_encrypt_key(&aes, keys->mask);
	aes128_encrypt(&aes, sizeof(mask), mask, sample);
	header[0] ^= mask[0] & HIDDEN;
	clear->number_length = (header[0] & 3u) + 1;
	clear->number = 0;
	for (unsigned i = 0; i < clear->number_length; i++) {
		header[number_at + i] ^= mask[1 + i];
		clear->number = clear->number << 8 | header[number_at + i];
	}
}

static bool open_payload(const struct quic_keys *keys, const uint8_t *header, size_t header_len,
	struct bytes sealed, const struct quic_clear *clear, uint8_t *out)
{
	uint8_t nonce[QUIC_IV], tag[QUIC_TAG];
	size_t n = bytes_left(&sealed) - QUIC_TAG;
	const uint8_t *text = bytes_take(&sealed, n), *sent = bytes_take(&sealed, QUIC_TAG);
	struct gcm_aes128_ctx gcm;

	memcpy(nonce, keys->iv, sizeof(nonce));
	for (unsigned i = 0; i < 4; i++)
		nonce[QUIC_IV - 1 - i] ^= (uint8_t)(clear->number >> 8 * i);
	gcm_aes128_set_key(&gcm, keys->key);
	gcm_aes128_set_iv(&gcm, sizeof(nonce), nonce);
	gcm_aes128_update(&gcm, header_len, header);
	gcm_aes128_decrypt(&gcm, n, out, text);
	gcm_aes128_digest(&gcm, sizeof(tag), tag);
	return memeql_sec(tag, sent, sizeof(tag));
}

bool quic_open(struct packet *pkt, const struct quic_keys *keys, struct bytes whole,
	size_t number_at, struct quic_clear *clear)
{
	struct bytes rest = whole;
	const uint8_t *start = bytes_take(&rest, number_at + NUMBER_MAX);
	const uint8_t *sample = rest.p;

	if (!start || whole.cut || bytes_left(&rest) < AES_BLOCK_SIZE)
		return false;
	uint8_t *header = (uint8_t *)pkt_scratch(pkt, bytes_left(&whole));
	if (!header)
		return false;
	memcpy(header, start, number_at + NUMBER_MAX);
	unmask(keys, sample, header, number_at, clear);
	size_t header_len = number_at + clear->number_length;
	struct bytes sealed = whole;
	bytes_skip(&sealed, header_len);
	uint8_t *out = (uint8_t *)pkt_scratch(pkt, bytes_left(&sealed));
	if (!out || bytes_left(&sealed) <= QUIC_TAG)
		return false;
	if (!open_payload(keys, header, header_len, sealed, clear, out))
		return false;
	clear->payload = bytes_of(out, bytes_left(&sealed) - QUIC_TAG);
	return true;
}
