/* tls_ja4.h -- the fingerprint JA4 of a Client Hello. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_JA4_H
#define ESPCAP_TLS_JA4_H

#include "tls.h"

/* Sets espcap.tls.ja4 of a whole Client Hello, given from its version on. Nothing when it does not
 * hold what it says, has a list of odd length or one of more than TLS_LIST_MAX entries. */
void tls_ja4(struct tls *t, struct bytes hello);

#endif
