/* fingerprint.c -- digests of what a packet says, as text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "json.h"

static char *hex(struct packet *pkt, const uint8_t *digest, size_t n)
{
	char *out = pkt_scratch(pkt, 2 * n);

	if (out)
		(void)json_emit_hex(out, digest, n);
	return out;
}

char *fingerprint_md5(struct packet *pkt, const void *p, size_t n)
{
	uint8_t digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, n, p);
	md5_digest(&md5, sizeof(digest), digest);
	return hex(pkt, digest, sizeof(digest));
}

char *fingerprint_sha1(struct packet *pkt, const void *p, size_t n)
{
	uint8_t digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;

	sha1_init(&sha1);
	sha1_update(&sha1, n, p);
	sha1_digest(&sha1, sizeof(digest), digest);
	return hex(pkt, digest, sizeof(digest));
}

char *fingerprint_sha256(struct packet *pkt, const void *p, size_t n)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, n, p);
	sha256_digest(&sha256, sizeof(digest), digest);
	return hex(pkt, digest, sizeof(digest));
}

void fingerprint_put(
	struct packet *pkt, unsigned field, unsigned text_field, const char *text, size_t n)
{
	if (n > PKT_TEXT_MAX)
		return;
	if (text_field != FINGERPRINT_ALONE)
		put_str(pkt, text_field, text, n);
	char *digest = fingerprint_md5(pkt, text, n);
	if (!digest)
		return;
	put_clean(pkt, field, digest, MD5_DIGITS);
	ecs_clean(pkt, ECS_RELATED_HASH, digest, MD5_DIGITS);
}
