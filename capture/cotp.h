/* cotp.h -- the transport protocol of OSI as TPKT carries it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_COTP_H
#define ESPCAP_COTP_H

#include "decode.h"

/* Rows of the fields of TPKT, which has them all. */
enum {
	TPKT_VERSION,
	TPKT_LENGTH,
	COTP_LI,
	COTP_TYPE,
	COTP_DESTREF,
	COTP_SRCREF,
	COTP_CLASS,
	COTP_TPDU_NUMBER,
	COTP_EOT,
	COTP_SRC_TSAP,
	COTP_DST_TSAP,
	COTP_TPDU_SIZE,
};

/* One unit, to the end of b. *messages counts those that ended in this packet: where a unit of data
 * names no reference, Wireshark shows this number. False when it ends too early. */
bool cotp_decode(struct packet *pkt, struct bytes b, unsigned *messages);

#endif
