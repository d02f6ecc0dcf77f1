/* http_status.h -- what the status codes of HTTP mean. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_STATUS_H
#define ESPCAP_HTTP_STATUS_H

#include "decode.h"

/* The meaning of a code from 0 to 999, "Unknown (N)" for one without: static text or scratch that
 * ends with a NUL; NULL when there is no room. */
const char *http_status_meaning(struct packet *pkt, unsigned code);

#endif
