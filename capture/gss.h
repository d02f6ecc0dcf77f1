/* gss.h -- the mechanisms of GSS-API, as the table BY_GSS numbers them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_GSS_H
#define ESPCAP_GSS_H

#include "decode.h"

/* The last two are GSS_TOKEN and GSS_NTLMSSP where Wireshark does not name the layer. */
enum gss {
	GSS_TOKEN,
	GSS_NTLMSSP,
	GSS_SPNEGO,
	GSS_KERBEROS,
	GSS_TOKEN_UNNAMED,
	GSS_NTLMSSP_UNNAMED
};

/* The mechanism that an object identifier names, or -1. */
int gss_mechanism(struct bytes oid);

/* Decodes a token of the layer being decoded, kind as in enum gss. What is inside does not change
 * which protocol the packet speaks. */
void gss_token(struct packet *pkt, enum gss kind, struct bytes token);

/* Decodes a token of a mechanism; one that says itself that it is NTLMSSP's is. Where nobody knows the
 * mechanism (-1) a framed token tells it. Nothing happens when it is empty or nothing tells. */
void gss_inner(struct packet *pkt, int mechanism, struct bytes token);

#endif
