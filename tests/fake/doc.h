/* doc.h -- one document of a bulk body: is it JSON, which sequence has it, what is its hash. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_DOC_H
#define FAKE_DOC_H

#include "text.h"

struct doc_fault {
	int status;
	const char *type, *why; /* static */
	size_t column;          /* 1 is the first byte */
};

struct doc_facts {
	int64_t sequence; /* -1: none */
	uint64_t sha;     /* the first 8 bytes of the SHA-256 */
};

/* False and a fault when Elasticsearch would not take the document: not an object, not JSON, a bad
 * number or escape, bytes that are no UTF-8, a member twice in one object. */
bool doc_check(struct view doc, struct doc_fault *fault);

/* espcap-ship puts `"event.sequence":N,"espcap.run":"..."` right after the opening brace; the hash
 * is that of the document without them, so it is the hash of what was committed. */
void doc_read(struct view doc, struct doc_facts *facts);

#endif
