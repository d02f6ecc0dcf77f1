/* proto_ssdp.c -- Simple Service Discovery Protocol: HTTP/1 messages in datagrams (UPnP 2.0). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

static const struct proto_bind binds[] = { { BY_UDP_PORT, 1900, NULL }, { 0 } };

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	return http_begins(b) ? http_decode(pkt, b) : DECODE_REJECT;
}

const struct proto proto_ssdp = { .name = "ssdp",
	.binds = binds,
	.fields = http_fields,
	.decode = decode,
	.application = "ssdp" };
