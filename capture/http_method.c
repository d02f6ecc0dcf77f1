/* http_method.c -- the methods of HTTP that are known. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_method.h"

#include <string.h>

enum { METHOD_MAX = 16 };

/* Methods by length: RFC 9110, 5789, 4918 (WebDAV), 3253 (versions), 5323 (search), UPnP, Outlook
 * Web Access, RPC over HTTP, Configuration Manager. */
static const struct http_method methods[METHOD_MAX + 1][8] = {
	[3] = { { "GET", "get" }, { "PUT", "put" } },
	[4] = { { "POST", "post" }, { "HEAD", "head" }, { "COPY", "copy" }, { "LOCK", "lock" },
		{ "MOVE", "move" }, { "POLL", "poll" } },
	[5] = { { "PATCH", "patch" }, { "TRACE", "trace" }, { "MKCOL", "mkcol" },
		{ "BCOPY", "bcopy" }, { "BMOVE", "bmove" }, { "LABEL", "label" },
		{ "MERGE", "merge" } },
	[6] = { { "DELETE", "delete" }, { "NOTIFY", "notify" }, { "SEARCH", "search" },
		{ "UNLOCK", "unlock" }, { "REPORT", "report" }, { "UPDATE", "update" } },
	[7] = { { "OPTIONS", "options" }, { "CONNECT", "connect" }, { "CHECKIN", "checkin" },
		{ "BDELETE", "bdelete" } },
	[8] = { { "PROPFIND", "propfind" }, { "CHECKOUT", "checkout" }, { "CCM_POST", "ccm-post" },
		{ "M-SEARCH", "m-search" } },
	[9] = { { "SUBSCRIBE", "subscribe" }, { "PROPPATCH", "proppatch" },
		{ "BPROPFIND", "bpropfind" } },
	[10] = { { "BPROPPATCH", "bproppatch" }, { "UNCHECKOUT", "uncheckout" },
		{ "MKACTIVITY", "mkactivity" } },
	[11] = { { "UNSUBSCRIBE", "unsubscribe" }, { "RPC_CONNECT", "rpc-connect" },
		{ "RPC_IN_DATA", "rpc-in-data" }, { "MKWORKSPACE", "mkworkspace" } },
	[12] = { { "RPC_OUT_DATA", "rpc-out-data" } },
	[15] = { { "VERSION-CONTROL", "version-control" } },
	[16] = { { "BASELINE-CONTROL", "baseline-control" } },
};

const struct http_method *http_method_named(struct bytes word)
{
	size_t n = bytes_left(&word);

	for (unsigned i = 0; n <= METHOD_MAX && i < 8 && methods[n][i].name; i++)
		if (memcmp(word.p, methods[n][i].name, n) == 0)
			return &methods[n][i];
	return NULL;
}
