/* audit_facts.h -- what is known of numbers that are missing at the centre: lost, dead, waiting. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUDIT_FACTS_H
#define ESPCAP_AUDIT_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ack.h"
#include "audit_scan.h"
#include "loss.h"

/* What became of a number without a document. */
enum audit_fate {
	AUDIT_HOLE,    /* nobody knows: it should be there */
	AUDIT_UNCLEAR, /* in the range of a loss document that counts fewer */
	AUDIT_LOST,    /* a loss document counts it, or the sensor gave it up */
	AUDIT_DEAD,    /* a dead letter */
	AUDIT_WAITING, /* not settled, or parked */
	AUDIT_SKIPPED, /* no document has it: its writer passed it over, or it is of schema lite */
	AUDIT_FATES
};

enum { AUDIT_HOST_MAX = 256 };

/* Loss documents that name numbers of a spool say so many of a range; those whose ranges overlap are
 * one region. */
struct audit_region {
	char host[AUDIT_HOST_MAX]; /* whose; "": of the spool that is audited */
	uint64_t run, seq;         /* of the loss document itself; 0: of several */
	struct audit_range range;
	uint64_t count, left; /* numbers it counts, and how many of them are not used up */
	unsigned reasons;     /* bit r: LOSS_r */
	bool skips;           /* no loss, but AUDIT_SKIPPED, says the spool */
	bool anybody;         /* no run of the centre has this host: it may mean any of them, since
	                       * a shipper says its machine's name and a capture may say another */
	bool applies;         /* to the run that is looked at */
};

struct audit_letter {
	uint64_t run, seq;
	enum audit_fate fate; /* AUDIT_DEAD, AUDIT_WAITING */
};

/* A zeroed one knows nothing. Regions and letters are owned. */
struct audit_facts {
	struct audit_region *regions;
	size_t nregions, regions_cap;
	struct audit_letter *letters;
	size_t nletters, letters_cap;
	/* of the spool, if there is one */
	bool spool;
	struct ack ack;
	uint64_t first_kept;      /* records of rec/ below it were settled or given up */
	uint64_t events_given_up; /* records given up that loss documents do not count */
};

void audit_facts_done(struct audit_facts *f);

/* ERR_TOO_BIG beyond AUDIT_FACTS_MAX, ERR_NOMEM. */
enum { AUDIT_FACTS_MAX = 1 << 22 };
int audit_add_region(struct audit_facts *f, const struct audit_region *region) ERR_WARN_UNUSED;
int audit_add_letter(struct audit_facts *f, const struct audit_letter *letter) ERR_WARN_UNUSED;

/* After the last one was added. */
void audit_facts_sort(struct audit_facts *f);

/* Whose numbers they are. */
struct audit_owner {
	const char *host;
	uint64_t run;
	bool mine;               /* of the spool, as far as can be told */
	bool known;              /* the spool still holds some of it, */
	enum ack_chain_id chain; /* in this chain */
};

/* Chooses the regions for what is explained next: a run of this owner. */
void audit_facts_for(struct audit_facts *f, const struct audit_owner *owner);

/* Divides a stretch of missing numbers of this owner. tell: for each piece, how many of its numbers
 * had this fate; for AUDIT_HOLE and AUDIT_UNCLEAR it may be fewer than the piece is wide. settled:
 * the sensor says that it is done with them. */
typedef int (*audit_fate_fn)(
	void *arg, enum audit_fate fate, struct audit_range piece, uint64_t count, bool settled);
int audit_explain(struct audit_facts *f, const struct audit_owner *owner, struct audit_range gap,
	audit_fate_fn tell, void *arg) ERR_WARN_UNUSED;

#endif
