/* http_method.h -- the methods of HTTP that are known. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_HTTP_METHOD_H
#define ESPCAP_HTTP_METHOD_H

#include "bytes.h"

struct http_method {
	const char *name, *action; /* as sent, and as event.action */
};

/* NULL when the word is none. */
const struct http_method *http_method_named(struct bytes word);

#endif
