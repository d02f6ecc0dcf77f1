/* tls_alert.h -- alerts of TLS and DTLS, for ECS. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TLS_ALERT_H
#define ESPCAP_TLS_ALERT_H

#include "decode.h"

/* What kind of record it is, as event.action; a handshake's message has said more already. */
void tls_action(struct packet *pkt, uint8_t content_type);

/* Puts an alert, if it is in the clear, under these two rows. A fatal one is a failure; a warning, and
 * the close at the end, is none. */
void tls_alert(struct packet *pkt, struct bytes b, unsigned level_row, unsigned description_row);

/* Are level and description of two bytes ones that are defined? */
bool tls_alert_known(struct bytes b);

#endif
