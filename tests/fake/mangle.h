/* mangle.h -- answers that no Elasticsearch gives: canned ones, foreign ones, broken ones. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_MANGLE_H
#define FAKE_MANGLE_H

#include "server.h"

/* True when the rule answers the whole request, and nothing of it is to be done. */
bool mangle_whole(struct exchange *x);
/* After the endpoint: replaces or cuts the body as the rule's `answer` says. */
void mangle_body(struct exchange *x);
/* After compression: lies about length and form. */
void mangle_frame(struct exchange *x);

#endif
