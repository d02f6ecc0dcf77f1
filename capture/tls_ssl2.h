/* tls_ssl2.h -- hellos of SSL 2.0, in which old clients also ask for TLS. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_SSL2_H
#define ESPCAP_TLS_SSL2_H

#include "tls.h"

/* Puts the hello that b begins with and moves behind it. False, and nothing done, when b does not
 * begin with a whole one. */
bool tls_ssl2_hello(struct tls *t, struct bytes *b);

#endif
