/* out_mend.h -- files of --out-file that were left in the midst: cut to what is whole, and finished. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_OUT_MEND_H
#define ESPCAP_OUT_MEND_H

#include "out_name.h"
#include "out_state.h"

/* All return 0 or what errno says. */

/* Cuts off what a kill or a power cut has torn; *end: what is left, all of it whole lines. */
int out_mend(const struct out_state *state, const char *path, int fd, off_t *end);

/* The file, of length `end`, gets the name of a finished one; an empty one goes. */
int out_finish(const char *path, const char *whole, off_t end);

/* Finishes the files of the folder that an earlier ship was killed over, or that a pulled disk has kept
 * from their end, and finds the highest number there, or of the state. */
int out_finish_all(const struct out_state *state, const struct out_name *name, uint64_t *highest);

#endif
