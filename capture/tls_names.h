/* tls_names.h -- the names of TLS's numbers: IANA's registries. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_NAMES_H
#define ESPCAP_TLS_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* Each gives a static text, or NULL for a code without a name. */
const char *tls_cipher_name(uint16_t code);  /* TLS_AES_128_GCM_SHA256 */
const char *tls_group_name(uint16_t code);   /* x25519 */
const char *tls_version_name(uint16_t code); /* 1.3; 2.0 and 3.0 are SSL */

#endif
