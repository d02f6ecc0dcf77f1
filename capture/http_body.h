/* http_body.h -- what becomes of the bytes behind the headers. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_BODY_H
#define ESPCAP_HTTP_BODY_H

#include "http.h"

/* The body of a message, as much of it as there is: its name by Content-Type for frame.protocols,
 * or data. With --payload also http.file_data. */
void http_body(struct http *h, const struct http_message *m, struct bytes body);

/* Bytes of a message whose head stood in an earlier segment, or of what it was upgraded to. */
void http_continuation(struct http *h, struct bytes rest);

#endif
