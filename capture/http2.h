/* http2.h -- how the HTTP/1 decoder knows HTTP/2 on its own ports. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP2_H
#define ESPCAP_HTTP2_H

#include "decode.h"

/* Number of BY_HTTP. */
enum { HTTP2_VERSION = 2 };

/* A client's preface, or nothing but frames as RFC 9113 allows them; the last may be cut. */
bool http2_begins(struct bytes b);

#endif
