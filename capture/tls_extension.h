/* tls_extension.h -- the extensions of TLS's hellos. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_EXTENSION_H
#define ESPCAP_TLS_EXTENSION_H

#include "tls.h"

/* Whose extensions they are: the same type has other contents in each. */
enum tls_whose { TLS_OF_CLIENT, TLS_OF_SERVER, TLS_OF_RETRY, TLS_OF_ENCRYPTED };

/* Puts the list of extensions that ends a message, if there is one. */
void tls_extensions(struct tls *t, struct bytes *b, enum tls_whose whose);

/* Reads a 16-bit length and puts as many 16-bit values. */
void tls_list_be16(struct tls *t, struct bytes *b, unsigned field);

/* A vector of n bytes. False when b does not hold them, which is noted and empties b, or when the
 * read of n came to the end already. */
bool tls_vector(struct tls *t, struct bytes *b, size_t n, struct bytes *vector);

#endif
