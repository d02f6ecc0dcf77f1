/* http_header.h -- one header line of an HTTP message. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_HEADER_H
#define ESPCAP_HTTP_HEADER_H

#include "http.h"

/* Puts a line whose first colon stands at `colon`, and keeps in m what the message needs of it. */
void http_header(
	struct http *h, struct http_message *m, const struct http_line *line, const uint8_t *colon);

#endif
