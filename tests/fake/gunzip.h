/* gunzip.h -- unpacks request bodies: gzip of one or of several members, within a limit. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_GUNZIP_H
#define FAKE_GUNZIP_H

#include "text.h"

enum gunzip_result { GUNZIP_GOOD, GUNZIP_NOT_GZIP, GUNZIP_BROKEN, GUNZIP_LARGE };

/* One buffer for all requests, for one is worked on at a time. */
struct gunzip {
	struct libdeflate_decompressor *d;
	struct text out;
};

void gunzip_init(struct gunzip *g, size_t max);
void gunzip_done(struct gunzip *g);
/* The bytes stand in g->out until the next call; of a broken body the whole members do. */
enum gunzip_result gunzip_unpack(struct gunzip *g, struct view packed);

#endif
