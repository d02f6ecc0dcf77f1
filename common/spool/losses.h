/* losses.h -- losses that no document names yet, kept for the next start. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LOSSES_H
#define ESPCAP_LOSSES_H

#include "loss.h"
#include "slots.h"

/* The file `losses`, two slots (slots.h), written by capture while there is no room for loss
 * documents, or no time yet: at most once a second, and at its end. What drop-oldest gave up is
 * not in it; that stands in `first`.
 *
 * The chain's totals, which are committed together with the documents, say what is reported. So the
 * file need not be cleared, and a kill at any moment neither loses a count nor repeats one. */
struct losses {
	uint64_t counted[LOSS_REASONS];    /* since the spool was made, reported or not */
	struct loss pending[LOSS_REASONS]; /* not reported when this was written */
};

int losses_open(struct slots *s, const char *dir, uint64_t epoch, bool writable,
	struct err_detail *why) ERR_WARN_UNUSED;
void losses_read(struct slots *s, struct losses *losses);
int losses_write(struct slots *s, const struct losses *losses) ERR_WARN_UNUSED;

/* What is left to report of a reason, when so much of it was reported in all; count 0: nothing. */
struct loss losses_left(const struct losses *losses, enum loss_reason reason, uint64_t reported);

#endif
