/* websocket.h -- how the HTTP/1 decoder knows WebSocket. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_WEBSOCKET_H
#define ESPCAP_WEBSOCKET_H

#include "decode.h"

/* Number of BY_HTTP. */
enum { HTTP_WEBSOCKET = 3 };

/* On a port of HTTP: frames, one behind the other up to the end. The last may be cut, or be binary or
 * empty, where the text before it, or the direction, speaks for them. */
bool websocket_begins(const struct packet *pkt, struct bytes b);

/* On any port: the same, and the first frame is of a length that fits by no chance, or holds text. */
bool websocket_is_sure(struct bytes b);

#endif
