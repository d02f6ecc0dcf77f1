/* power_letters.h -- of every record that was ever refused: a letter, parked, stored, or purged. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_POWER_LETTERS_H
#define ESPCAP_POWER_LETTERS_H

#include "ack.h"
#include "power_known.h"

/* A state as it was found. */
struct power_letters {
	const struct power_known *known;
	size_t moment; /* of the cut */
	const struct spool *spool;
	struct ack ack;
	struct first first;
};

/* Looks at what is there. NULL when all holds; else what does not, static. */
const char *power_letters_look(const struct power_letters *l);

/* Goes on as whoever holds ship.lock next: finishes a request that is there, and then has all tried
 * again. Looks after both. The chains are not open; the state is changed. */
const char *power_letters_go_on(const struct power_letters *l);

/* Of a record of rec/ that l->ack has settled: is it one that a server took by that moment? */
bool power_letters_stored(const struct power_letters *l, const struct power_record *record);

/* Was it retried, and not settled since? Then a server may have taken it. */
bool power_letters_waits(const struct power_letters *l, const struct power_record *record);

#endif
