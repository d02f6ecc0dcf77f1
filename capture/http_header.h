/* http_header.h -- one header line of an HTTP message. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_HEADER_H
#define ESPCAP_HTTP_HEADER_H

#include "http.h"

/* Puts a line whose first colon stands at `colon`, and keeps in m what the message needs of it. */
void http_header(
	struct http *h, struct http_message *m, const struct http_line *line, const uint8_t *colon);

/* Is a segment that begins with this line, with its first colon there, from amidst a body? One line without
 * an end, no blank behind the colon, and before it no name of a header or a secret that is known. */
bool http_of_a_body(const struct http_line *line, const uint8_t *colon);

#endif
