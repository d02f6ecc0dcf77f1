/* wlan_fields.h -- the fields of wireless frames and of what radios say about them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WLAN_FIELDS_H
#define ESPCAP_WLAN_FIELDS_H

#include "decode.h"

enum wlan_field {
	WLAN_TAP_VERSION,
	WLAN_TAP_LENGTH,
	WLAN_TAP_RATE,
	WLAN_TAP_FREQUENCY,
	WLAN_TAP_SIGNAL,
	WLAN_TYPE_SUBTYPE,
	WLAN_TYPE,
	WLAN_SUBTYPE,
	WLAN_TO_DS,
	WLAN_FROM_DS,
	WLAN_RETRY,
	WLAN_PROTECTED,
	WLAN_RA,
	WLAN_TA,
	WLAN_DA,
	WLAN_SA,
	WLAN_BSSID,
	WLAN_FRAG,
	WLAN_SEQ,
	WLAN_REASON,
	WLAN_SSID,
};
extern const struct proto_field wlan_fields[];

/* What a radio's header tells of the frame behind it. */
struct wlan_radio {
	bool fcs;    /* its last four bytes are a checksum */
	bool padded; /* its header is, to a multiple of four bytes */
	bool none;   /* there is no frame */
};

/* Reads a header (LINKTYPE_IEEE802_11_RADIOTAP; LINKTYPE_PPI, which also says of what link type the
 * frame is) and moves b behind it. False when it ends early. */
bool wlan_read_radiotap(struct packet *pkt, struct bytes *b, struct wlan_radio *radio);
bool wlan_read_ppi(struct bytes *b, struct wlan_radio *radio, uint32_t *linktype);

/* The body of a management frame; protected ones have none to show. */
bool wlan_put_management(struct packet *pkt, struct bytes b, unsigned subtype);

#endif
