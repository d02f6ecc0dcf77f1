/* route.h -- from a request to the endpoint that answers it, past the rules of the script. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_ROUTE_H
#define FAKE_ROUTE_H

#include "server.h"

/* When the head is there: what kind of request it is, and which rule acts on it. x->srv, head and
 * reply are set. False: the path is none, and the reply says so. What is begun must be ended. */
bool route_begin(struct exchange *x);
/* True when the head alone is reason to refuse (413); the reply says so. */
bool route_refuses_head(struct exchange *x);
/* When the body is there, in x->wire: fills in the reply. */
void route_answer(struct exchange *x);
void route_end(struct exchange *x);

#endif
