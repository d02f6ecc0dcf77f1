/* coap.h -- what the files of the CoAP decoder share: fields, what options say of the message. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_COAP_H
#define ESPCAP_COAP_H

#include "decode.h"

enum coap_field {
	COAP_VERSION,
	COAP_TYPE,
	COAP_TOKEN_LEN,
	COAP_CODE,
	COAP_MID,
	COAP_TOKEN,
	COAP_OPT_NAME,
	COAP_OPT_DELTA,
	COAP_OPT_LENGTH,
	COAP_OPT_URI_HOST,
	COAP_OPT_URI_PORT,
	COAP_OPT_URI_PATH,
	COAP_OPT_URI_QUERY,
	COAP_OPT_URI_PATH_RECON,
	COAP_OPT_CTYPE,
	COAP_OPT_OBSERVE,
	COAP_OPT_MAX_AGE,
	COAP_OPT_BLOCK_NUMBER,
	COAP_OPT_BLOCK_SIZE,
	COAP_PAYLOAD_DESC,
	COAP_PAYLOAD_LENGTH,
};

struct coap_message {
	struct bytes host;
	uint32_t port, format;
	size_t path_at, path_len;   /* "/a/b", in scratch */
	size_t query_at, query_len; /* "x=1&y", in scratch */
	bool has_port, has_format, in_blocks;
};

/* Puts the name of a content format. */
void coap_put_format(struct packet *pkt, unsigned field, uint32_t number);

/* Puts the options up to the payload's marker, which stays in b. False when they end too early or
 * lie. */
bool coap_options(struct packet *pkt, struct coap_message *m, struct bytes *b);

#endif
