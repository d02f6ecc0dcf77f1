/* tls_ja3.h -- the fingerprints JA3 and JA3S of TLS's hellos. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_JA3_H
#define ESPCAP_TLS_JA3_H

#include "tls.h"

/* Puts the fingerprint of a whole Client Hello (JA3) or Server Hello (JA3S); hello: the message
 * from its version on. Nothing when it does not hold what it says, or has a list of odd length. */
void tls_ja3(struct tls *t, struct bytes hello);
void tls_ja3s(struct tls *t, struct bytes hello, bool draft); /* see server_hello() */

#endif
