/* radius.h -- what the files of RADIUS share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_RADIUS_H
#define ESPCAP_RADIUS_H

#include "decode.h"

/* The next attribute, of which at least two bytes are taken; false when there is none, or not all of
 * it. */
bool radius_next(struct bytes *b, uint8_t *type, struct bytes *value);

/* Tells why a request was refused: by an Error-Cause, else by the code and its action. b: the
 * attributes. */
void radius_refusal(struct packet *pkt, uint8_t code, const char *action, struct bytes b);

#endif
