/* tls_handshake.h -- one handshake message of TLS. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_HANDSHAKE_H
#define ESPCAP_TLS_HANDSHAKE_H

#include "tls.h"

enum tls_handshake_type {
	TLS_HELLO_REQUEST = 0,
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_CERTIFICATE = 11,
};

/* Is it the type of a handshake message? Encrypted ones begin with any byte. */
bool tls_handshake_knows(unsigned type);

/* Puts one message: its type, its length, and body, which is that long or cut. */
void tls_handshake(struct tls *t, uint8_t type, uint32_t length, struct bytes body);

/* Decodes the certificates of a Certificate message that goes on in the next segment, as far as
 * they are whole; nothing else is put. b: behind the message's length. */
void tls_cut_certificates(struct tls *t, struct bytes b);

#endif
