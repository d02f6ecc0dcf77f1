/* ship_internal.h -- the state that the files of the shipper share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SHIP_INTERNAL_H
#define ESPCAP_SHIP_INTERNAL_H

#include "ack.h"
#include "backoff.h"
#include "brake.h"
#include "ceiling.h"
#include "chain.h"
#include "gate.h"
#include "herd.h"
#include "log.h"
#include "pace.h"
#include "park.h"
#include "ship.h"

enum {
	QUEUES = 3, /* the record chain, ship's own loss documents, and parked records */
	QUEUE_REC = 0,
	QUEUE_LOSS = 1,
	QUEUE_PARKED = 2,
	BATCHES = 32,
	IDS_FIRST = 8,               /* answers at the start that are to name ids */
	IDS_AFTER = 64,              /* and after one that mixed outcomes, or came packed */
	PACKED = 4,                  /* an answer that is so many times longer than what came */
	FLYING_BYTES_MAX = 24 << 20, /* bodies on their way, in all */
	POLL_MS = 1000,              /* a commit is usually noticed by the watch */
};

/* A sentence that was told, and when it may be told again. */
enum { TROUBLES = 16, TROUBLE_MAX = 512 };
struct trouble {
	char text[TROUBLE_MAX];
	struct log_limit limit;
};

/* Records that a loss document of ours names: damaged, or letters for which there was no room. */
struct gap_told {
	enum loss_reason reason;
	uint64_t first, last, count;
	uint64_t credit; /* of an earlier run, and not met again yet */
};

/* Lines of a chain of ours, dead/ or parked/, whose records the ack does not cover yet, in the order in
 * which they were appended. */
enum { HEED_MAX = 64 };
struct heed {
	uint64_t upto; /* lines at or below it need no look at the next start */
	uint64_t seen; /* the last line that this one has looked at or appended */
	unsigned count;
	struct heed_lines {
		uint64_t last; /* in the chain itself */
		struct {
			uint64_t first, last;
		} of[QUEUES]; /* records; 0: none */
	} lines[HEED_MAX];
};

/* --order newest-first: the end of the chain as it was some time ago, to see whether we keep up. */
struct order {
	uint64_t mark;
	int64_t mark_ms; /* 0: none yet */
	int64_t due_ms;
	bool leaving; /* nothing of the head is sent, so that it can end */
};

/* What waits for company: each queue, and the head of the record chain. */
enum { LANES = QUEUES + 1, LANE_HEAD = QUEUES };
struct lane {
	int64_t leaves_ms; /* whatever there is; 0: nothing waits */
	uint64_t bytes,
		last; /* --linger of minutes: not worth a look before the chain has so much */
};

struct ship {
	struct ship_conf conf;
	struct spool spool;
	struct lock lock;
	struct slots ack_slots, first_slots;
	struct queue queues[QUEUES];
	struct chain *dead, *loss, *parked; /* our own chains; opened when first needed */
	struct ack_chain letters;           /* what of dead/ is settled */
	struct dead_work *work;             /* a request being worked on, or NULL */
	struct ack work_ack;                /* as it was on the disk when that began */
	struct index_patterns patterns;
	char index[INDEX_NAME_MAX]; /* the pattern that is wanted, with the sensor's name in it */
	struct batch_maker *maker;
	struct sink *sink;
	struct carry *carry;     /* of --in-file, or NULL */
	char own_dir[PATHS_MAX]; /* a spool that goes when all is settled, or "" */
	bool own_is_new;         /* it was not there before */
	struct batch batches[BATCHES];
	bool aside_next; /* a request that was ready left: others have their turn */

	uv_loop_t loop;
	uv_timer_t timer;
	uv_signal_t on_int, on_term;
	uv_fs_event_t watch;
	ino_t watched; /* the tail file that is watched; 0: none yet */

	bool paused;       /* somebody has to mend something: one small request now and then */
	bool dead_full;    /* records wait for room (OUTCOME_REFUSED) */
	bool requested;    /* there is a request: parked records wait */
	bool told_known;   /* the documents that were there before are among those of `told` */
	bool trouble_told; /* and lasts */
	bool says_known;   /* what the file `says` holds */
	bool stopping, drained, unsaved, ended, gone, failed;
	unsigned pause_tries, nstuck;
	unsigned next_trouble;           /* the place that the next new one takes */
	unsigned ids_wanted;             /* so many requests more ask for ids */
	unsigned flying;                 /* requests on their way */
	size_t flying_bytes, flying_raw; /* their bodies, after gzip and before */
	struct pace pace;
	size_t next_most; /* raw bytes of the next request, at most */
	struct backoff backoff;
	struct ceiling ceiling;
	struct brake brake;
	int64_t start_ms;
	int64_t pause_next_ms;
	struct stuck stuck[STUCK_MAX];                 /* indices that take nothing */
	int64_t park_due_ms, park_again_ms, remind_ms; /* again: there was no room */
	struct burst told_stuck, told_unstuck, told_parks;
	int64_t dead_full_due_ms;
	struct loss overflow; /* what --when-dead-full drop gives up, not told of yet */
	int64_t overflow_due_ms;
	struct heed heed_dead, heed_parked;
	struct lane lanes[LANES];
	struct order order;
	struct gate gate;
	struct herd herd;
	uint64_t flush_to;      /* stopping: records up to here have lingered, and go first */
	int64_t ahead_after_ms; /* there was not enough for a whole body to make ahead */
	int64_t read_due_ms;    /* a disk that would not read is asked again then */
	int64_t ack_due_ms;     /* 0: nothing to write */
	int64_t trim_due_ms, report_due_ms, progress_ms;
	int64_t folder_due_ms;    /* look whether the spool is still there */
	int64_t request_due_ms;   /* look for a request */
	int64_t request_again_ms; /* not before, after an error */
	struct log_limit limit_request;
	struct ack_counts at_start[QUEUES];
	uint64_t dead_new, lost_new;
	uint64_t dead_time,
		store_failed;  /* of dead_new: for their time; no failure store took it */
	struct gap_told *told; /* owned */
	size_t ntold;
	char trouble[TROUBLE_MAX]; /* what lasts, "" for none */
	struct trouble troubles[TROUBLES];
	char says[TROUBLE_MAX];
	int64_t says_due_ms;
	struct log_limit limit_answers, limit_own, limit_ack, limit_full;
};

int64_t ship_now_ms(void);

/* ship.c: the answer to a batch says that the server is busy, or that it took everything. */
void ship_is_busy(struct ship *s, const struct batch *b);
void ship_is_clean(struct ship *s, const struct batch *b);

/* ship_send.c: sends one batch, new or again. True when it sent something, or may at once. */
bool send_one(struct ship *s, int64_t now);
/* While as many requests as may be are on their way, one more body is made: an answer then finds it
 * ready. Only a whole one, since a small one may still get company. */
void send_ahead(struct ship *s, int64_t now);

/* order.c: at the start, and then often. Nothing happens unless newer records are to go first. */
void order_begin(struct ship *s);
void order_tend(struct ship *s, int64_t now);
/* The last committed record, 0 when nobody can say. */
uint64_t order_chain_end(struct ship *s);
bool order_is_of_head(const struct ship *s, const struct batch *b);
/* May one more request with older records than the head's be sent? */
bool order_has_room_for_old(const struct ship *s);

/* Are there records that lingered, and that a ship which was told to stop sends yet? */
bool ship_flushes(struct ship *s);

/* settle.c: answers become outcomes, and batches free or WAITING. */
void settle_answer(struct ship *s, struct batch *b, const struct http_answer *answer);
void settle_stored(struct ship *s, struct batch *b);

/* gap.c: of records [first, last], `count` that are refused and find no room for letters: how many
 * of them do no loss documents tell of yet? ERR_*: what there is cannot be read. */
int gap_untold(struct ship *s, uint64_t first, uint64_t last, uint64_t *count) ERR_WARN_UNUSED;
int gap_remember(struct ship *s, const struct loss *loss);

/* what to do about a gap; `ship` is a struct ship (see batch_maker_conf). */
void gap_settle(void *ship, struct queue *q, const struct reader_gap *gap);
/* How many records of [first, last] our loss documents name, but for what *but calls settled. */
uint64_t gap_told_in(struct ship *s, uint64_t first, uint64_t last, const struct ack_chain *but);
/* Does the ack cover all that our loss documents tell of? Then they may be trimmed. */
bool gap_tells_all(struct ship *s, const struct ack *ack);

/* history.c: when more of a chain's beginning was trimmed than the ack knows of (it was lost, or its
 * newer slot was), that was settled or given up; *ack then says so. */
void history_recover(struct ship *s, struct queue *q, struct ack_chain *ack);
/* The same for letters, when the ack is lost. */
void history_recover_letters(struct ship *s);

/* pause.c: nothing is sent but one record every 5 s, then every 30 s, until one is taken. The records of
 * the batch are free again, as are those of all that were not on their way. */
void pause_begin(struct ship *s, struct batch *b, const char *why);
bool pause_holds(const struct ship *s, int64_t now);
/* The one record came back, and nothing is clearer. */
void pause_again(struct ship *s);
void pause_over(struct ship *s);

/* heed.c: which lines of dead/ and parked/ a start has to look at. */
void heed_note(
	struct heed *h, uint64_t last, unsigned queue, uint64_t first_rec, uint64_t last_rec);
/* How many of the lines are covered by an ack that is about to be written. */
unsigned heed_covered(const struct heed *h, const struct queue *queues, const struct ack *ack);
/* It is written. chain: NULL, or open: then what it holds beyond all lines needs no look either. */
void heed_pass(struct heed *h, unsigned count, const struct chain *chain);
/* What such an ack says. */
uint64_t heed_upto(const struct heed *h, unsigned count, const struct chain *chain);

/* own_chain.c: opens a chain of ours unless it is open, and appends one frame of whole lines, which
 * is durable when this returns 0. People are told why it is not. */
int own_chain_open(struct ship *s, const char *name, enum ack_chain_id id,
	struct chain **chain) ERR_WARN_UNUSED;
int own_chain_append(struct ship *s, struct chain *chain, enum frame_kind kind,
	const struct buf *text, uint32_t count) ERR_WARN_UNUSED;

/* The cap of our own: of dead/ --dead-max, of parked/ half of the spool's. Not for what `espcap dead` asks
 * for, which makes room in the end. */
void own_chain_limit(struct ship *s, struct chain *chain, enum ack_chain_id id);

int own_chain_append_loss(struct ship *s, const struct loss *loss) ERR_WARN_UNUSED;

/* bury.c: when there is room for dead letters again, records that waited for it go on. */
void bury_tend(struct ship *s, int64_t now);

/* letters.c: dead letters and parked records of an earlier ship, and what `espcap dead` asks for. */
int letters_recover(struct ship *s) ERR_WARN_UNUSED;
/* Does a piece of a request, if there is one. True when there is more to do at once. */
bool letters_work(struct ship *s, int64_t now);
void letters_done(struct ship *s);

/* progress.c: ack, trim, and what people are told. */
int progress_save(struct ship *s);
/* The same, and in between, behind what the spool's writer has given up and before the ack, what make()
 * appends and settles: so a record is given up, or appended and acknowledged, and never both. While
 * somebody keeps trim.lock, make() alone. Returns what make() does. */
int progress_save_with(struct ship *s, int (*make)(void *arg), void *arg);
void progress_trim(struct ship *s);
void progress_report(struct ship *s, bool end);
void progress_summary(struct ship *s);
uint64_t progress_backlog(struct ship *s);
/* Says a trouble once, then every ten minutes while it lasts, also when two of them take turns; ""
 * when it is over. */
void progress_trouble(struct ship *s, const char *text);

#endif
