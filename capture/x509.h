/* x509.h -- what the files of the X.509 decoder share: fields, and whose certificate it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_X509_H
#define ESPCAP_X509_H

#include "ber.h"
#include "decode.h"

enum x509_field {
	X509_VERSION,
	X509_SERIAL,
	X509_ALGORITHM,
	X509_ATTRIBUTE,
	X509_UTC_TIME,
	X509_GENERALIZED_TIME,
	X509_COUNTRY,
	X509_PRINTABLE,
	X509_UTF8,
	X509_DNS_NAME,
	X509_URI,
	X509_IP_ADDRESS,
	X509_KEY_USAGE,
	X509_KEY_PURPOSE,
	X509_CA,
};

/* The paths of one side; the same order for both. */
struct x509_paths {
	enum ecs_id subject, issuer, not_before, not_after, sha1, sha256, serial, subject_name,
		issuer_name, alternative_names, signature, key, key_size;
};

struct x509 {
	struct packet *pkt;
	const struct x509_paths *ecs; /* NULL: an authority's, only its fields are given */
};

static inline bool x509_oid_is(const struct bytes *oid, const void *what, size_t n)
{
	return bytes_left(oid) == n && bytes_starts(oid, what, n);
}

/* --- proto_x509.c --- */

/* An AlgorithmIdentifier; b: the contents of its SEQUENCE. Returns its OID. */
struct bytes x509_algorithm(struct x509 *x, struct bytes b);

/* A certificate; b: the contents of its SEQUENCE. False when it is none. */
bool x509_certificate(struct x509 *x, struct bytes b);

/* --- x509_ocsp.c --- */

/* A request or a response of OCSP. */
void x509_ocsp(struct x509 *x, struct bytes b);

/* --- x509_name.c --- */

/* Puts the attributes of a Name (RFC 5280, section 4.1.2.4); b: the contents of its SEQUENCE. With
 * paths, its text and its common names go to ECS. */
enum x509_whose { X509_OF_SUBJECT, X509_OF_ISSUER, X509_OF_NOBODY };
void x509_name(struct x509 *x, struct bytes b, enum x509_whose whose);

/* --- x509_extension.c --- */

/* Puts the list of extensions; b: the contents of its SEQUENCE. */
void x509_extensions(struct x509 *x, struct bytes b);

/* --- x509_ecs.c --- */

void x509_ecs_serial(struct x509 *x, struct bytes serial);
void x509_ecs_signature(struct x509 *x, struct bytes oid);
void x509_ecs_key(struct x509 *x, struct bytes oid, struct bytes parameters, struct bytes key);
/* Both digests of a whole certificate. */
void x509_ecs_digests(struct x509 *x, struct bytes certificate);

#endif
