/* capture_doc.h -- values put by a test, printed as a document, and read back by cJSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CAPTURE_DOC_H
#define ESPCAP_CAPTURE_DOC_H

#include <cjson/cJSON.h>

#include "document.h"

/* One decoder and one document, made by doc_begin() and replaced by the next one. */
struct decoder *doc_decoder(void);
void doc_begin(const struct document_conf *conf);
void doc_begin_as(enum schema schema);
void doc_end(void);

/* A packet of a link type that no decoder knows: only frame.number, frame.len and frame.cap_len are
 * in it. Rows count from 0 over all tables (base 0), so that a test can put any field. */
struct packet *doc_packet(void);

/* The row of a field; fails the test when there is none. */
unsigned doc_row(const char *name);

/* Writes the document. What comes out must be JSON in UTF-8 with no key twice in an object, begin
 * with @timestamp, and be no longer than it may. The tree is the caller's. */
cJSON *doc_write(struct packet *pkt);

/* The text of the last document, ended with a NUL. */
const char *doc_text(void);

/* A member of `layers`, and one at a dotted path of the document; NULL for none. */
const cJSON *doc_layer(const cJSON *root, const char *name);
const cJSON *doc_at(const cJSON *root, const char *path);

/* Is this reason among espcap.anomaly? */
bool doc_has_anomaly(const cJSON *root, const char *reason);

#endif
