/* tls_extension.h -- the extensions of TLS's hellos. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_EXTENSION_H
#define ESPCAP_TLS_EXTENSION_H

#include "tls.h"

/* Whose extensions they are: the same type has other contents in each. */
enum tls_whose { TLS_OF_CLIENT, TLS_OF_SERVER, TLS_OF_RETRY, TLS_OF_ENCRYPTED };

/* Puts the list of extensions that ends a message, if there is one. */
void tls_extensions(struct tls *t, struct bytes *b, enum tls_whose whose);

/* A vector: a length of `width` bytes (1 or 2), put into `field` unless that is TLS_NO_FIELD, then
 * as many bytes. False, noted and b empty when b does not hold them all. */
bool tls_vector(
	struct tls *t, struct bytes *b, unsigned width, unsigned field, struct bytes *vector);

/* A vector of 16-bit values. */
void tls_vector_be16(struct tls *t, struct bytes *b, unsigned width, unsigned field);

#endif
