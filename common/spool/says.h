/* says.h -- why nothing is sent, in the words of the ship that works on a spool. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SPOOL_SAYS_H
#define ESPCAP_SPOOL_SAYS_H

#include <stdbool.h>

#include "spool.h"

enum { SAYS_MAX = 512 };

/* The file `says` is for people: an error in writing it is none. "" takes it away. A ship that was
 * killed leaves it behind, so it means something only while one runs. */
void says_write(const struct spool *spool, const char *text);

/* False when there is none. What a terminal would act upon becomes '?'. */
bool says_read(const struct spool *spool, char text[SAYS_MAX]);

#endif
