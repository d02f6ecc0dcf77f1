/* nb_name.h -- names of NetBIOS, as its datagrams and its name service write them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_NB_NAME_H
#define ESPCAP_NB_NAME_H

#include "decode.h"

/* Reads a name; b moves behind it. `message`: what a pointer in it counts from. Returns its text in
 * scratch as "NAME<20>" (a scope follows), with the name's own bytes that are no text as "<00>" too, or a sentence
 * when it is none; NULL when b ends first. *host: how much of it is the name itself. */
const char *nb_name(
	struct packet *pkt, struct bytes *b, struct bytes message, size_t *len, size_t *host);

/* A name that a person has given goes to related.hosts. */
void nb_name_related(struct packet *pkt, const char *text, size_t host);

/* The same as nb_name() for a name that no field has: it goes to related.hosts only. */
bool nb_name_host(struct packet *pkt, struct bytes *b, struct bytes message);

#endif
