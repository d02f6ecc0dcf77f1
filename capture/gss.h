/* gss.h -- the mechanisms of GSS-API, as the table BY_GSS numbers them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_GSS_H
#define ESPCAP_GSS_H

#include "decode.h"

/* The last three are those before where Wireshark does not name the layer. */
enum gss {
	GSS_TOKEN,
	GSS_NTLMSSP,
	GSS_SPNEGO,
	GSS_KERBEROS,
	GSS_TOKEN_UNNAMED,
	GSS_NTLMSSP_UNNAMED,
	GSS_KERBEROS_UNNAMED
};

/* The mechanism that an object identifier names, or -1. */
int gss_mechanism(struct bytes oid);

/* Decodes a token of the layer being decoded, kind as in enum gss. What is inside does not change
 * which protocol the packet speaks. */
void gss_token(struct packet *pkt, enum gss kind, struct bytes token);

/* Is it a token of Kerberos: a use of a ticket and its answer without a frame (MS-KILE, 3.4.5), or a
 * sum or a sealed message (RFC 4121, 4.2.6)? */
bool gss_is_kerberos(struct bytes token);

/* Decodes a token of a mechanism; one that says itself whose it is, NTLMSSP's or Kerberos', is. Where
 * nobody knows the mechanism (-1) a framed token tells it. Nothing happens when it is empty or
 * nothing tells. */
void gss_inner(struct packet *pkt, int mechanism, struct bytes token);

#endif
