/* tls_key_exchange.h -- the Server Key Exchange of TLS up to 1.2. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_KEY_EXCHANGE_H
#define ESPCAP_TLS_KEY_EXCHANGE_H

#include "tls.h"

/* Puts curve and signature algorithm. How the message is made depends on the cipher suite, which
 * only the Server Hello names: when that is not in the segment, the message must fit one of the
 * usual forms to its last byte. */
void tls_key_exchange(struct tls *t, struct bytes b);

#endif
