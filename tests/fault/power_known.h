/* power_known.h -- what a workload did to its spool, and since when it cannot be undone. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_POWER_KNOWN_H
#define ESPCAP_POWER_KNOWN_H

#include "power_disk.h"
#include "spool.h"

/* Moments are steps of the log: what is known "since" step n holds for a cut at n or later. */
#define POWER_NEVER SIZE_MAX

enum { POWER_CHAINS = 4 };
extern const char *const power_chains[POWER_CHAINS]; /* rec, dead, loss, parked */
enum { POWER_REC, POWER_DEAD, POWER_LOSS, POWER_PARKED };

struct power_record {
	uint64_t seq, run, hash;
	size_t since;    /* its commit had returned */
	size_t may_miss; /* the workload itself damaged it */
	/* of a letter or a parked record (dead.h): the record in it; of_seq 0: another line */
	uint64_t of_run, of_seq, of_hash, parked, letter;
	bool of_loss; /* it is a loss document */
};

/* Of `ack` or `first`. */
struct power_gen {
	uint64_t gen;
	size_t written, durable;
	uint64_t given_up; /* records, by `first` of that time */
};

/* What `espcap dead` had reported as done. */
struct power_done {
	size_t moment;
	uint64_t frontier; /* of dead/ at that time */
};

struct power_known {
	const char *spool; /* its folder below the root */
	size_t made;       /* spool_open() had returned */
	size_t removing;   /* spool_remove() had begun */
	size_t damaged;    /* the workload had damaged records */
	uint64_t epoch;
	uint64_t given_up;        /* records, in the end */
	uint64_t letters_settled; /* frontier of dead/, in the end */
	struct {
		struct power_record *records; /* rising */
		size_t count;
	} chain[POWER_CHAINS];
	struct power_slots {
		const char *name;
		struct power_gen *gens;
		size_t count;
	} slots[2];         /* ack, first */
	uint64_t texts[64]; /* hashes of whole contents of SPOOL and pattern */
	size_t ntexts;
	size_t *learnt; /* moments since which more is known */
	size_t nlearnt;
	struct power_done *done; /* rising */
	size_t ndone;
	size_t *asked; /* moments at which a request was made, rising */
	size_t nasked;
};

enum { POWER_ACK, POWER_FIRST };

/* Plays the log through on a disk that is never cut, in an empty folder. It learns after every
 * synchronous write and at every mark "commit". Marks: "made", "damaged FIRST LAST", and "done" when
 * espcap dead has ended well. */
void power_known_learn(struct power_known *k, const struct power_disk *disk, const char *spool,
	const char *scratch);
void power_known_free(struct power_known *k);

/* What is known to be done at a moment; NULL: nothing. And whether a request may be there. */
const struct power_done *power_known_done(const struct power_known *k, size_t moment);
bool power_known_asked(const struct power_known *k, size_t moment);

/* NULL: no such record was ever committed. */
const struct power_record *power_known_find(
	const struct power_known *k, unsigned chain, uint64_t seq);

/* How many times more was learnt, or called done, up to a moment. */
size_t power_known_learnt(const struct power_known *k, size_t moment);

uint64_t power_hash(const void *data, size_t n);

/* What lies in the line of a letter or a parked record; nothing changes if it is none. */
void power_known_inside(struct power_record *r, const char *line, size_t len);

/* Calls back for each line of each frame that a chain's reader finds from `from` on; false ends it.
 * Returns the reader's error, 0 at the end. */
typedef bool power_line(void *arg, uint64_t seq, uint64_t run, const char *line, size_t len);
int power_read_chain(
	const struct spool *spool, const char *name, uint64_t from, power_line *use, void *arg);

#endif
