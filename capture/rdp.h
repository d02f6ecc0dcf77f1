/* rdp.h -- what the parts of RDP share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_RDP_H
#define ESPCAP_RDP_H

#include "decode.h"

/* Rows of rdp_fields, which the beginning in COTP and T.125 share. */
enum {
	RDP_RT_COOKIE,
	RDP_NEG_TYPE,
	RDP_NEGREQ_FLAGS,
	RDP_NEGRSP_FLAGS,
	RDP_NEG_LENGTH,
	RDP_REQUESTED,
	RDP_SELECTED,
	RDP_FAILURE,
	RDP_VERSION_MAJOR,
	RDP_VERSION_MINOR,
	RDP_WIDTH,
	RDP_HEIGHT,
	RDP_KEYBOARD,
	RDP_BUILD,
	RDP_CLIENT_NAME,
	RDP_CHANNEL,
	RDP_METHOD,
	RDP_LEVEL,
};

extern const struct proto_field rdp_fields[];

#endif
