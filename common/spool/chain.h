/* chain.h -- the writer's side of a chain of segments. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CHAIN_H
#define ESPCAP_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ack.h"
#include "frame.h"
#include "segment.h"
#include "spool.h"

/* One process writes a chain, with one thread. Appends are durable when chain_append() returns.
 * The segment in use is the newest one and is never unlinked. */

struct chain_conf {
	const char *name; /* "rec", "dead", "loss" */
	size_t map_size;  /* of new segments */
	uint64_t cap;     /* bytes on the disk, 0: no limit */
	/* bytes of other chains that count towards the cap as well; NULL: none */
	uint64_t (*others)(const struct spool *spool, uint64_t cap);
	uint64_t free_floor; /* free bytes of the disk to leave alone */
	uint64_t
		settled_to; /* highest sequence that ack and first know of: never used again (I2) */
};

enum { CHAIN_MAP_DEFAULT = 64 << 20, CHAIN_MAP_MIN = 8 << 20, CHAIN_MAP_SMALL = 4 << 20 };

/* A frame to append: payload compressed, header filled but for first_seq, run, epoch and totals,
 * which chain_append() sets. */
struct chain_frame {
	struct frame_header header;
	const void *payload;        /* borrowed */
	uint64_t lost[LOSS_TOTALS]; /* what the loss documents in it report */
};

/* How much higher sequences go on behind a segment that cannot be read. */
#define CHAIN_JUMP (UINT64_C(1) << 32)

struct chain;

/* Opens the chain of a spool, making its folder, and draws a new run. Its first append makes a
 * segment. A newest segment that is damaged stays, for what can be salvaged; one of which nothing
 * can be read moves to quarantine/; in both cases sequences go on 2^32 higher, and what the tail
 * knows to be missing counts as committed. What a stopped trim left is removed. `places`: see
 * segment.h. Errors with a sentence. */
int chain_open(const struct spool *spool, const struct chain_conf *conf, struct chain **out,
	struct err_detail *why) ERR_WARN_UNUSED;
void chain_close(struct chain *c);

/* Stores all frames in one transaction. 0: durable. ERR_SPOOL_FULL: a new segment is needed and
 * cap, floor or the disk forbid it; nothing was stored. ERR_SPOOL_IO: not even a new segment took
 * them. In both cases the same frames, and no others, can be given again: see chain_abandon(). */
int chain_append(struct chain *c, struct chain_frame *frames, size_t count,
	struct err_detail *why) ERR_WARN_UNUSED;

/* Stores frames of another spool, with their own run, from sequence first_seq on, which is at least
 * the next one. */
int chain_import(struct chain *c, struct chain_frame *frames, size_t count, uint64_t run,
	uint64_t first_seq, struct err_detail *why) ERR_WARN_UNUSED;

/* Compresses and stores lines as one frame of their own, with the time of now. loss: what they
 * report, or NULL. After an error the numbers are nobody's: another text may come. */
int chain_append_text(struct chain *c, enum frame_kind kind, const struct buf *text, uint32_t count,
	const struct loss *loss, struct err_detail *why) ERR_WARN_UNUSED;
int chain_append_loss(struct chain *c, const struct loss *loss, const char *sensor, int64_t now_ns,
	struct err_detail *why) ERR_WARN_UNUSED;

/* The frames of a failed append will not be given again. A commit that failed may be on the disk all
 * the same, and even be shipped: so their numbers go to nobody else (I4). */
void chain_abandon(struct chain *c);

/* Another cap from now on; 0: none. */
void chain_set_cap(struct chain *c, uint64_t cap);

/* Does the cap forbid another segment? */
bool chain_is_at_cap(const struct chain *c);

/* Would the cap, the floor and the disk let so many bytes in now? */
bool chain_has_room(const struct chain *c, size_t bytes);

uint64_t chain_run(const struct chain *c);
uint64_t chain_next_seq(const struct chain *c);
const struct frame_totals *chain_totals(const struct chain *c);

/* Had an unsynced clock stamped the last records that the chain held when it was opened? */
bool chain_was_unsynced(const struct chain *c);

/* The last packet of a capture file that the chain holds, 0 for none. */
uint64_t chain_place(const struct chain *c, uint64_t file);

/* Bytes on the disk, the newest segment counted as its whole map. */
uint64_t chain_bytes(const struct chain *c);
size_t chain_segments(const struct chain *c);

/* False when the disk could not set the space of the segment in use aside (C-5). */
bool chain_is_reserved(const struct chain *c);

/* Blocks that the files of a segment's folder take on the disk, in bytes. */
uint64_t chain_disk_bytes(const char *path);

/* The same for all segments of a chain that need not be open. */
uint64_t chain_disk_total(const struct spool *spool, const char *name);

/* Unlinks segments that are settled: by the frontier of *ack, or by ranges that both acks hold.
 * `first` moves along, durably, before anything goes (I3). The caller holds trim.lock. */
int chain_trim(struct chain *c, const struct ack_chain *ack, const struct ack_chain *older,
	struct slots *first_slots, struct first *first) ERR_WARN_UNUSED;

/* The same for a process that does not write the chain: a shipper that holds capture.lock, so that
 * nobody else does, and trim.lock. The segment `newest` and what lies behind it stay: a segment
 * that a kill has left half made does not know what the chain knew. */
int chain_trim_unowned(const struct spool *spool, const char *name, uint64_t newest,
	const struct ack_chain *ack, const struct ack_chain *older, struct slots *first_slots,
	struct first *first) ERR_WARN_UNUSED;

/* A segment of which something was lost: a trim then moves it to quarantine/ instead of unlinking
 * it. An error is none. */
void chain_mark_damaged(const struct spool *spool, const char *name, uint64_t seq);

/* Gives the oldest segment up, though its records are not settled; *loss says which, also when the
 * segment can then not be removed. ERR_END when there is only the newest one. The caller holds
 * trim.lock. */
int chain_drop_oldest(struct chain *c, const struct ack_chain *ack, struct slots *first_slots,
	struct first *first, struct loss *loss) ERR_WARN_UNUSED;

#endif
