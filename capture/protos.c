/* protos.c -- the list of decoders, made from protos.def. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "protos.h"

const struct proto *const protos[] = {
#define X(name) &proto_##name,
#include "protos.def"
#undef X
};

const size_t protos_count = sizeof(protos) / sizeof(protos[0]);
