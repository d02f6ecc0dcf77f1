/* http_auth.h -- what the headers of authentication hold beside text. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_AUTH_H
#define ESPCAP_HTTP_AUTH_H

#include "http.h"

/* Given the value of a header: who shows a user's name and a password. */
void http_auth_basic(struct http *h, struct bytes value);

/* The same, and a challenge: the token of GSS-API or NTLMSSP in it, if there is one, is a layer. */
void http_auth_token(struct http *h, struct bytes value);

#endif
