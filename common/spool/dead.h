/* dead.h -- dead letters and parked records: a record, with what its line alone can tell. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DEAD_H
#define ESPCAP_DEAD_H

#include <stddef.h>
#include <stdint.h>

#include "ack.h"
#include "buf.h"
#include "err.h"
#include "frame.h"

/* A dead letter is a record that Elasticsearch will never take, kept whole: one line of JSON in a
 * frame of kind FRAME_DEAD of the chain dead/.
 *
 * {"_id":..,"_index":..,"status":..,"type":..,"reason":..,"time":..,"attempts":..,"sequence":..,
 *  "run":..,"chain":"rec"|"loss","kind":"full"|..,"flags":..,"carried":..,"parked":..,"letter":..,"record":{..}}
 *
 * sequence, run and chain: where the record was committed first. parked: its sequence in parked/, if
 * it came from there. carried: its sequence in rec/, where espcap-ship --in-file put it, as a line like
 * that of a parked record. The record is as capture wrote it.
 *
 * A parked record is the same line in a frame of kind FRAME_PARKED of the chain parked/: it goes by
 * its own _id into its own index, whatever chain it was in. letter: the sequence in dead/ of the
 * letter it was, if it is one that is tried again.
 *
 * Members that do not apply are left out; the order is fixed. */
struct dead_letter {
	uint64_t run, seq;
	enum ack_chain_id chain;  /* ACK_REC, ACK_LOSS */
	enum frame_kind kind;     /* of the record */
	uint8_t flags;            /* of its frame */
	uint64_t parked, carried; /* 0: none */
	const char *index;
	int status;
	const char *type, *reason; /* reason is cut at DEAD_REASON_MAX bytes */
	int64_t time_ns;
	unsigned attempts;
	const char *record; /* len bytes of JSON */
	size_t len;
};

enum { DEAD_REASON_MAX = 1024, DEAD_INDEX_MAX = 255, DEAD_TYPE_MAX = 256 };

/* Appends the letter and a newline to out. */
int dead_letter_write(const struct dead_letter *letter, struct buf *out) ERR_WARN_UNUSED;

/* Text of JSON as it stands in the line, without its quotes. */
struct dead_text {
	const char *p;
	size_t len;
};

/* What a line says; everything points into it. */
struct dead_line {
	uint64_t run, seq, parked, carried, letter, attempts;
	enum ack_chain_id chain;
	enum frame_kind kind;
	uint8_t flags;
	unsigned status;
	int64_t time_ns;
	struct dead_text id, index, type, reason, record;
	size_t head; /* bytes of the line that every kind of line has, up to before `carried` */
};

/* The sequence at which the record lay where it was taken from: in parked/, or in the chain that it
 * belongs to. */
static inline uint64_t dead_line_at(const struct dead_line *d)
{
	return d->parked ? d->parked : d->carried ? d->carried : d->seq;
}

/* Reads a line of either kind, without its newline. ERR_INPUT when it is none. */
int dead_line_read(const char *line, size_t len, struct dead_line *d) ERR_WARN_UNUSED;

/* Appends the same record as a line of parked/ that was letter `letter` of dead/, or (0) as one of
 * dead/, with a newline. */
int dead_line_move(const char *line, const struct dead_line *d, uint64_t letter,
	struct buf *out) ERR_WARN_UNUSED;

#endif
