/* carry.h -- files of --out-file come home: their records into the record chain, a piece at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CARRY_H
#define ESPCAP_CARRY_H

#include "ship_internal.h"

/* Without --spool: a spool in the state folder, which the same command finds again and nobody else may
 * look into. It goes when all is settled, unless it holds dead letters. */
int carry_choose_spool(struct ship *s, struct err_detail *why) ERR_WARN_UNUSED;
bool carry_holds_letters(struct ship *s);
void carry_remove_spool(struct ship *s);

/* Lists the files of s->conf.in_files, takes capture.lock and goes on with the job, or begins one.
 * Errors with a sentence. In each case carry_close(). */
int carry_open(struct ship *s, struct err_detail *why) ERR_WARN_UNUSED;
void carry_close(struct ship *s);

/* Reads a piece if there is room for it. True when there is more to read at once. */
bool carry_work(struct ship *s, int64_t now);
int64_t carry_due_ms(const struct ship *s); /* when to ask again; 0: now, or never */

/* Is everything read and in the spool? Also without --in-file. */
bool carry_is_done(const struct ship *s);

/* Trims the record chain, if it is carry that writes it. */
bool carry_trim(struct ship *s, const struct ack *ack, const struct ack *older);

/* At the end, after the ack: says what was read. 1 when lines had to be passed over, else 0. */
int carry_conclude(struct ship *s);

#endif
