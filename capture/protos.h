/* protos.h -- the list of decoders. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PROTOS_H
#define ESPCAP_PROTOS_H

#include "decode.h"

extern const struct proto *const protos[]; /* in the order of protos.def */
extern const size_t protos_count;

#define X(name) extern const struct proto proto_##name;
#include "protos.def"
#undef X

#endif
