/* node_url.h -- what --node takes, as every part of espcap reads it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_NODE_URL_H
#define ESPCAP_NODE_URL_H

#include <stdbool.h>

#include "err.h"

enum { NODE_URL_MAX = 512, NODE_HOST_MAX = 256, NODE_PORT = 9200 };

struct node_url {
	char text[NODE_URL_MAX];  /* with its scheme, without a slash at the end */
	char host[NODE_HOST_MAX]; /* without the brackets of IPv6 */
	unsigned port;
	bool tls;
};

/* http://HOST[:PORT][/PATH], https://..., or HOST[:PORT], which is http and port 9200. ERR_USAGE with
 * a sentence: bad form, or a password in it, which the sentence does not repeat. */
int node_url_parse(const char *node, struct node_url *out, struct err_detail *why) ERR_WARN_UNUSED;

/* The node as it may be shown: what stands before an @ is hidden. */
void node_url_mask(const char *node, char out[NODE_URL_MAX]);

#endif
