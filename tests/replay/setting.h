/* setting.h -- decoders and documents for every way of asking. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEST_SETTING_H
#define ESPCAP_TEST_SETTING_H

#include "check.h"
#include "document.h"
#include "exact.h"

/* Four schemas by --payload, --verify-checksums and --show-secrets. Number 0 is plain `full`. */
enum { SETTINGS = 32, SETTINGS_PER_SCHEMA = 8 };

struct setting {
	enum schema schema;
	bool payload, verify, show;
	struct decoder *decoder;
	struct document *document;
	struct check *check;
	struct exact room; /* DOCUMENT_ROOM bytes and not one more */
	char *out;
	uint64_t work; /* of the last packet, see work.h */
};

/* Setting number i, i < SETTINGS: the schema in the two upper bits. Aborts when memory is out. */
void setting_init(struct setting *s, unsigned i);
void setting_done(struct setting *s);

/* Decodes a frame and writes its document to s->out. The length, 0 when the schema has none for
 * it. *why is NULL, or what is wrong with the document. */
size_t setting_write(struct setting *s, const struct frame *f, const char **why);

/* "full payload verify": for messages. Valid until the next call. */
const char *setting_name(const struct setting *s);

#endif
