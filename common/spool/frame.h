/* frame.h -- a compressed batch of records: one value in a segment. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FRAME_H
#define ESPCAP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "bytes.h"
#include "err.h"
#include "loss.h"
#include "wire.h"

/* A frame is never partly believed: header and payload each carry a CRC32C, and the unpacked
 * text must have the stated length and the stated number of lines. A frame holds records of one
 * kind and with the same flags; each record is one line of JSON with its newline. */

enum frame_kind {
	FRAME_FULL,
	FRAME_SLIM,
	FRAME_ECS,
	FRAME_LITE,
	FRAME_EVENT,  /* loss, status and clock documents */
	FRAME_DEAD,   /* dead letters (dead.h) */
	FRAME_PARKED, /* records that go on their own way (dead.h) */
	FRAME_KINDS
};
const char *frame_kind_name(enum frame_kind kind); /* "full", ... */

enum frame_codec { FRAME_PLAIN, FRAME_ZSTD, FRAME_ZSTD_DICT /* frame_dict.h */ };

/* The sensor's clock was not synced: the records' times are not to be believed, and packets go to
 * one index, whatever their days. A flag that is not known makes the frame one of a newer version. */
enum frame_flags { FRAME_UNSYNCED = 1, FRAME_FLAGS_KNOWN = 1 };

enum {
	FRAME_VERSION = 1,
	FRAME_HEADER = 168,
	FRAME_RAW_CLOSE = 512 * 1024,    /* a frame closes when this much text is in it */
	FRAME_RAW_MAX = 2 * 1024 * 1024, /* nobody believes more */
	FRAME_COUNT_MAX = 4096,
	FRAME_DICT_MAX = 64 * 1024, /* less text than this is compressed with a dictionary */
};

/* What the chain held up to and including this frame, since the spool was made. */
struct frame_totals {
	uint64_t committed, skipped, raw_bytes, stored_bytes;
	uint64_t lost[LOSS_TOTALS]; /* reported in loss documents of this chain */
};

enum { FRAME_TOTALS = 4 * 8 + LOSS_TOTALS * 8 };
void frame_pack_totals(struct wire *w, const struct frame_totals *t);
void frame_unpack_totals(struct bytes *b, struct frame_totals *t);

/*   0 magic "ESPF" | 4 version | 5 codec | 6 kind | 7 flags | 8 first_seq | 16 run | 24 epoch
 *  32 count | 36 raw length | 40 stored length | 44 crc32c(payload) | 48 min time | 56 max time
 *  64 file | 72 number in file | 80 totals: committed, skipped, raw, stored, lost[6]
 * 160 zero | 164 crc32c(header up to here).  Integers are little-endian. */
struct frame_header {
	enum frame_codec codec;
	enum frame_kind kind;
	uint8_t flags; /* FRAME_UNSYNCED */
	uint64_t first_seq, run, epoch;
	uint32_t count, raw_len, stored_len, payload_crc;
	int64_t min_time_ns, max_time_ns;
	uint64_t file, number; /* capture file and the last packet of it in here; 0: none */
	struct frame_totals totals;
};

void frame_pack(const struct frame_header *h, uint8_t out[FRAME_HEADER]);

/* Reads a header alone. ERR_FRAME_DAMAGED; ERR_SPOOL_FORMAT for a newer version or codec. */
int frame_unpack_header(const void *value, size_t n, struct frame_header *h) ERR_WARN_UNUSED;

/* Reads and checks a whole value; *payload points into it. ERR_SPOOL_FORMAT also when it was
 * compressed with a dictionary of a later version. */
int frame_unpack(const void *value, size_t n, struct frame_header *h,
	const uint8_t **payload) ERR_WARN_UNUSED;

/* Compression state: one per thread. What it needs is allocated at the first use of each codec, and
 * then kept: nothing per frame. */
struct frame_coder;
int frame_coder_new(struct frame_coder **out) ERR_WARN_UNUSED;
void frame_coder_free(struct frame_coder *c);

/* Is there time? From now on text of any size is compressed with the dictionary, which takes longer,
 * or again only what is below FRAME_DICT_MAX. */
void frame_coder_calm(struct frame_coder *c, bool calm);

/* Packs raw text behind the contents of out; sets codec, raw_len, stored_len and payload_crc. Text
 * that zstd would make longer is kept plain. ERR_TOO_BIG; ERR_NOMEM. */
int frame_compress(struct frame_coder *c, const void *raw, size_t n, struct buf *out,
	struct frame_header *h) ERR_WARN_UNUSED;

/* The text of a frame in place of out's contents, checked against length and line count.
 * ERR_FRAME_DAMAGED; ERR_SPOOL_FORMAT as frame_unpack(); ERR_NOMEM. */
int frame_expand(struct frame_coder *c, const struct frame_header *h, const uint8_t *payload,
	struct buf *out) ERR_WARN_UNUSED;

/* A record's own time, which stands first in every document but lite; else the least of its frame. Its
 * index hangs on it. */
int64_t frame_record_time(const struct frame_header *h, const char *line, size_t len);

#endif
