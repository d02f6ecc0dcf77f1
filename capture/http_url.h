/* http_url.h -- the URL that a request is about, from its target and its Host. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_URL_H
#define ESPCAP_HTTP_URL_H

#include "http.h"

/* Path, query and parameters of a request target. */
void http_url_target(struct http *h, struct bytes target);

/* After the headers of a request: url.*, destination.domain and related.hosts; and, when `whole`
 * says that all headers were seen, http.request.full_uri. */
void http_url(struct http *h, const struct http_message *m, bool whole);

/* network.forwarded_ip from X-Forwarded-For: the first address of its list. */
void http_url_forwarded(struct http *h, struct bytes list);

#endif
