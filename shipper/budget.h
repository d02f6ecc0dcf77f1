/* budget.h -- so many bytes a day, counted durably. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BUDGET_H
#define ESPCAP_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "slots.h"

/* The file `budget` of the spool says how much of a day may have been used: more than that is written
 * there before it is sent, in steps, so that a kill or a power cut makes the count too high by at most
 * a step, and never too low. A clean end writes what it was.
 *
 * Days are numbers; a new budget comes with a day that is higher than any before. A clock that was set
 * back does not bring one; but once it has run for a day since the last one, as the clock that nobody
 * can set tells, there is a new one all the same, so that a day in the far future locks nobody out. */
struct budget {
	struct slots slots;
	int64_t limit;    /* bytes a day; 0: none, and there is no file */
	int64_t day;      /* the last one that brought a budget */
	uint64_t used;    /* as far as is known */
	uint64_t claimed; /* what the file says */
	int64_t since_ms; /* time that we ran since, up to look_ms */
	int64_t look_ms;
	bool unsaved;
};

/* ERR_SPOOL_IO and others with a sentence. */
int budget_open(struct budget *b, const char *dir, uint64_t epoch, int64_t limit, int64_t now_ms,
	struct err_detail *why) ERR_WARN_UNUSED;
void budget_close(struct budget *b);

/* What day it is, and the clock that nobody can set. True when there is a new budget. */
bool budget_look(struct budget *b, int64_t day, int64_t now_ms);

/* Is so much left? */
bool budget_allows(const struct budget *b, uint64_t bytes);

/* Makes room for so many in the file, durably. ERR_SPOOL_IO. */
int budget_claim(struct budget *b, uint64_t bytes) ERR_WARN_UNUSED;
void budget_spend(struct budget *b, uint64_t bytes);

/* Writes what is known. */
int budget_save(struct budget *b) ERR_WARN_UNUSED;

#endif
