/* imf.h -- how decoders of mail protocols hand on a letter. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IMF_H
#define ESPCAP_IMF_H

#include "decode.h"

/* Numbers of BY_MAIL. Unnamed: where Wireshark joins a letter's segments before it reads it. */
enum { IMF_NAMED, IMF_UNNAMED };

/* Does the text begin as a letter's header does? Two lines of a header, the first a known one. */
bool imf_begins(struct bytes b);

#endif
