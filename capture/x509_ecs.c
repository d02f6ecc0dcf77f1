/* x509_ecs.c -- what ECS has of a certificate in forms of its own: numbers, digests and times in
 * capitals and ISO, algorithms by their usual names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint.h"
#include "x509.h"

struct algorithm {
	const char *name;
	unsigned bits;
	uint8_t n;
	uint8_t oid[10];
};

static const struct algorithm signatures[] = {
	{ "MD5-RSA", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04 } },
	{ "SHA1-RSA", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05 } },
	{ "RSAPSS", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a } },
	{ "SHA256-RSA", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b } },
	{ "SHA384-RSA", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c } },
	{ "SHA512-RSA", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d } },
	{ "ECDSA-SHA1", 0, 7, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01 } },
	{ "ECDSA-SHA256", 0, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 } },
	{ "ECDSA-SHA384", 0, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 } },
	{ "ECDSA-SHA512", 0, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04 } },
	{ "DSA-SHA1", 0, 7, { 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03 } },
	{ "Ed25519", 0, 3, { 0x2b, 0x65, 0x70 } },
	{ "Ed448", 0, 3, { 0x2b, 0x65, 0x71 } },
	{ NULL, 0, 0, { 0 } },
};

/* Of RSA the size is that of the modulus, of elliptic curves that of the curve. */
static const struct algorithm keys[] = {
	{ "RSA", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 } },
	{ "RSAPSS", 0, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a } },
	{ "ECDSA", 0, 7, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 } },
	{ "DSA", 0, 7, { 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01 } },
	{ "Ed25519", 256, 3, { 0x2b, 0x65, 0x70 } },
	{ "Ed448", 456, 3, { 0x2b, 0x65, 0x71 } },
	{ NULL, 0, 0, { 0 } },
};

static const struct algorithm curves[] = {
	{ "P-192", 192, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01 } },
	{ "P-224", 224, 5, { 0x2b, 0x81, 0x04, 0x00, 0x21 } },
	{ "P-256", 256, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
	{ "secp256k1", 256, 5, { 0x2b, 0x81, 0x04, 0x00, 0x0a } },
	{ "P-384", 384, 5, { 0x2b, 0x81, 0x04, 0x00, 0x22 } },
	{ "P-521", 521, 5, { 0x2b, 0x81, 0x04, 0x00, 0x23 } },
	{ NULL, 0, 0, { 0 } },
};

static const struct algorithm *find(const struct algorithm table[], const struct bytes *oid)
{
	for (unsigned i = 0; table[i].name; i++)
		if (x509_oid_is(oid, table[i].oid, table[i].n))
			return &table[i];
	return NULL;
}

static unsigned modulus_bits(struct bytes key)
{
	bytes_skip(&key, 1); /* number of bits not used */
	struct bytes pair = ber_value(&key, BER_SEQUENCE);
	struct bytes modulus = ber_value(&pair, BER_INTEGER);

	while (bytes_left(&modulus) && *modulus.p == 0)
		bytes_skip(&modulus, 1);
	if (bytes_left(&modulus) == 0)
		return 0;
	unsigned bits = (unsigned)(bytes_left(&modulus) + modulus.cut) * 8;
	for (uint8_t first = *modulus.p; !(first & 0x80); first = (uint8_t)(first << 1))
		bits--;
	return bits;
}

void x509_ecs_signature(struct x509 *x, struct bytes oid)
{
	const struct algorithm *a = find(signatures, &oid);

	if (a)
		ecs_text(x->pkt, x->ecs->signature, a->name);
}

void x509_ecs_key(struct x509 *x, struct bytes oid, struct bytes parameters, struct bytes key)
{
	const struct algorithm *a = find(keys, &oid);

	if (!a)
		return;
	ecs_text(x->pkt, x->ecs->key, a->name);
	struct bytes curve = ber_value(&parameters, BER_OID);
	const struct algorithm *c = find(curves, &curve);
	unsigned bits = a->bits;
	if (a == &keys[0] || a == &keys[1])
		bits = modulus_bits(key);
	else if (c)
		bits = c->bits;
	if (bits)
		ecs_u64(x->pkt, x->ecs->key_size, bits);
}

static char *print_hex(char *p, uint8_t byte)
{
	static const char digits[] = "0123456789ABCDEF";

	*p++ = digits[byte >> 4];
	*p++ = digits[byte & 15];
	return p;
}

/* Without the zero that keeps a number positive. */
void x509_ecs_serial(struct x509 *x, struct bytes serial)
{
	if (bytes_left(&serial) > 1 && *serial.p == 0)
		bytes_skip(&serial, 1);
	size_t n = bytes_left(&serial);
	if (n == 0 || n > PKT_BYTES_MAX || serial.cut)
		return;
	char *text = pkt_scratch(x->pkt, 2 * n), *p = text;
	if (!text)
		return;
	for (; bytes_left(&serial);)
		p = print_hex(p, bytes_u8(&serial));
	ecs_clean(x->pkt, x->ecs->serial, text, 2 * n);
}

static void put_digest(struct x509 *x, enum ecs_id id, char *text, size_t n)
{
	for (size_t i = 0; text && i < n; i++)
		if (text[i] >= 'a')
			text[i] = (char)(text[i] - 'a' + 'A');
	if (!text)
		return;
	ecs_clean(x->pkt, id, text, n);
	ecs_clean(x->pkt, ECS_RELATED_HASH, text, n);
}

void x509_ecs_digests(struct x509 *x, struct bytes c)
{
	put_digest(x, x->ecs->sha1, fingerprint_sha1(x->pkt, c.p, bytes_left(&c)), SHA1_DIGITS);
	put_digest(
		x, x->ecs->sha256, fingerprint_sha256(x->pkt, c.p, bytes_left(&c)), SHA256_DIGITS);
}
