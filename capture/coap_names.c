/* coap_names.c -- names of CoAP's options and content formats, as Wireshark has them.
 * RFC 7252, 12.2 and 12.3, and IANA's registry behind it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "coap_names.h"

/* By number. */
static const struct coap_format formats[] = {
	{ 0, "text/plain; charset=utf-8", "data-text-lines" },
	{ 40, "application/link-format", NULL },
	{ 41, "application/xml", "xml" },
	{ 42, "application/octet-stream", "data" },
	{ 47, "application/exi", NULL },
	{ 50, "application/json", "json" },
	{ 51, "application/json-patch+json", "json" },
	{ 52, "application/merge-patch+json", "json" },
	{ 60, "application/cbor", "cbor" },
	{ 61, "application/cwt", NULL },
	{ 62, "application/multipart-core", NULL },
	{ 96, "application/cose; cose-type=\"cose-encrypt\"", "cose" },
	{ 97, "application/cose; cose-type=\"cose-mac\"", "cose" },
	{ 98, "application/cose; cose-type=\"cose-sign\"", "cose" },
	{ 101, "application/cose-key", "cose" },
	{ 102, "application/cose-key-set", "cose" },
	{ 110, "application/senml+json", "json" },
	{ 111, "application/sensml+json", "json" },
	{ 112, "application/senml+cbor", "cbor" },
	{ 113, "application/sensml+cbor", "cbor" },
	{ 114, "application/senml-exi", NULL },
	{ 115, "application/sensml-exi", NULL },
	{ 256, "application/coap-group+json", NULL },
	{ 271, "application/dots+cbor", NULL },
	{ 272, "application/missing-blocks+cbor-seq", NULL },
	{ 280, "application/pkcs7-mime; smime-type=server-generated-key", NULL },
	{ 281, "application/pkcs7-mime; smime-type=certs-only", NULL },
	{ 284, "application/pkcs8", NULL },
	{ 285, "application/csrattrs", NULL },
	{ 286, "application/pkcs10", "pkcs10" },
	{ 287, "application/pkix-cert", "pkix-cert" },
	{ 310, "application/senml+xml", NULL },
	{ 311, "application/sensml+xml", NULL },
	{ 320, "application/senml-etch+json", NULL },
	{ 322, "application/senml-etch+cbor", NULL },
	{ 432, "application/td+json", NULL },
	{ 1542, "application/vnd.oma.lwm2m+tlv", "lwm2mtlv" },
	{ 1543, "application/vnd.oma.lwm2m+json", "json" },
	{ 10000, "application/vnd.ocf+cbor", NULL },
	{ 10001, "application/oscore", NULL },
	{ 11542, "application/vnd.oma.lwm2m+tlv", "lwm2mtlv" },
	{ 11543, "application/vnd.oma.lwm2m+json", "json" },
};

static const char *const options[] = {
	[1] = "If-Match",
	[3] = "Uri-Host",
	[4] = "Etag",
	[5] = "If-None-Match",
	[6] = "Observe",
	[7] = "Uri-Port",
	[8] = "Location-Path",
	[9] = "OSCORE",
	[11] = "Uri-Path",
	[12] = "Content-Format",
	[14] = "Max-age",
	[15] = "Uri-Query",
	[16] = "Hop-Limit",
	[17] = "Accept",
	[20] = "Location-Query",
	[23] = "Block2",
	[27] = "Block1",
	[28] = "Size2",
	[35] = "Proxy-Uri",
	[39] = "Proxy-Scheme",
	[60] = "Size1",
};

const struct coap_format *coap_format_of(uint32_t number)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].number == number)
			return &formats[i];
	return NULL;
}

const char *coap_option_name(uint32_t number)
{
	enum { NO_OP = 14 }; /* RFC 8323 names those that nobody has taken */

	if (number < sizeof(options) / sizeof(options[0]) && options[number])
		return options[number];
	return number && number <= 65535 && number % NO_OP == 0 ? "No-Op" : NULL;
}

unsigned coap_decimal(char out[COAP_DECIMAL], uint32_t number)
{
	unsigned n = 1;

	for (uint32_t rest = number; rest >= 10; rest /= 10)
		n++;
	for (unsigned i = n; i > 0; i--, number /= 10)
		out[i - 1] = (char)('0' + number % 10);
	return n;
}
