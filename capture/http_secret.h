/* http_secret.h -- what in an HTTP message is secret, by the names that people give to secrets. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_SECRET_H
#define ESPCAP_HTTP_SECRET_H

#include "http.h"

/* Does a name say that its value is secret? It may be that of a query parameter or a form field,
 * escaped (%5B) or not, or that of a header, which may also be a code without being a secret. */
bool http_secret_name(struct bytes name, bool header);

/* Marks text of the segment as secret. */
void http_secret_mark(struct http *h, struct bytes text);

/* The same for text that put_str() marks, because its row is of class SECRET: counts it. */
void http_secret_counts(struct http *h, struct bytes text);

/* Marks in a line: values of secret NAME=VALUE pairs, also where the equals sign is escaped as in
 * a URL within a URL, and passwords of URLs (http://user:password@host). */
void http_secret_line(struct http *h, struct bytes line);

/* Marks in a body: the same, and "NAME":VALUE of JSON. */
void http_secret_body(struct http *h, struct bytes body);

#endif
