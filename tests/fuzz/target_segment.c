/* target_segment.c -- a segment of our own writer with anything written over parts of its file.
 *
 * The input is a row of   page, 2 bytes | offset in it, 2 bytes | length, 1 byte | that many bytes
 * applied to a segment of small and large frames; page 0xffff stands
 * for a cut of the file at `offset` pages. Whatever comes of it: no frame may be believed that the
 * writer did not write, and every walk ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "segment_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "crc32c.h"
#include "fuzz.h"

enum {
	EPOCH = 99,
	FRAMES = 96,
	SMALL = 500,
	LARGE = 5000,
	PAGE = 4096,
	PATCHES_MAX = 64,
	CUT = 0xffff
};

static struct {
	char folder[300], data[400];
	uint8_t *bytes; /* as the writer left it */
	size_t pages;
} segment;

static size_t size_of(uint64_t seq)
{
	return seq % 4 ? SMALL : LARGE;
}

static void make_segment(void)
{
	static char text[LARGE];
	struct segment_birth birth = { .epoch = EPOCH, .first_seq = 1 };
	struct segment *s;
	struct err_detail why = { "" };

	(void)snprintf(segment.folder, sizeof(segment.folder), "%s/1", fuzz_folder());
	(void)snprintf(segment.data, sizeof(segment.data), "%s/data.mdb", segment.folder);
	if (segment_create(segment.folder, 4 << 20, &birth, &s, &why))
		fuzz_fail("%s", why.text);
	memset(text, '\n', sizeof(text));
	for (uint64_t seq = 1; seq <= FRAMES; seq++) {
		struct frame_header h = { .first_seq = seq, .epoch = EPOCH, .count = 1 };
		h.raw_len = h.stored_len = (uint32_t)size_of(seq);
		h.payload_crc = crc32c(text, h.stored_len);
		if (segment_begin(s) || segment_put(s, &h, text) || segment_commit(s))
			fuzz_fail("cannot make the segment");
	}
	segment_seal(s);
	segment_close(s);
}

static void remember_segment(void)
{
	if (segment.bytes)
		return;
	make_segment();
	FILE *f = fopen(segment.data, "re");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		abort();
	segment.pages = (size_t)ftell(f) / PAGE;
	segment.bytes = malloc(segment.pages * PAGE);
	rewind(f);
	if (!segment.bytes || fread(segment.bytes, PAGE, segment.pages, f) != segment.pages)
		abort();
	(void)fclose(f);
}

/* Writes pages [from, from + n) as they were, or all that a cut has taken. */
static void restore(FILE *f, size_t from, size_t n)
{
	if (fseek(f, (long)(from * PAGE), SEEK_SET) != 0 ||
		fwrite(segment.bytes + from * PAGE, PAGE, n, f) != n)
		abort();
}

static void patch(FILE *f, struct bytes *b, size_t touched[PATCHES_MAX], size_t *cut, unsigned i)
{
	size_t page = bytes_le16(b), at = bytes_le16(b), n = bytes_u8(b);
	struct bytes what = bytes_upto(b, n);

	touched[i] = page % segment.pages;
	if (page == CUT) {
		*cut = at < *cut ? at : *cut;
		return;
	}
	at %= PAGE;
	n = bytes_left(&what) < PAGE - at ? bytes_left(&what) : PAGE - at;
	if (fseek(f, (long)(touched[i] * PAGE + at), SEEK_SET) != 0 || fwrite(what.p, 1, n, f) != n)
		abort();
}

static bool judge(const struct buf *value, uint64_t key)
{
	struct frame_header h;
	const uint8_t *payload;

	if (frame_unpack(value->data, value->len, &h, &payload) || h.epoch != EPOCH)
		return false;
	if (h.first_seq != key)
		return false; /* the reader refuses it */
	if (key > FRAMES || h.count != 1 || h.stored_len != size_of(key))
		fuzz_fail("a frame that nobody wrote");
	return true;
}

/* As the reader goes through a segment. */
static unsigned walk(struct segment_file *f)
{
	struct buf value;
	struct frame_header h;
	uint64_t seq = 0, key, found;
	unsigned whole = 0, turns = 0;

	buf_init(&value, FRAME_HEADER + FRAME_RAW_MAX + 65536);
	while (!segment_file_read(f, seq, &key, &value)) {
		if (key < seq || ++turns > 100 * FRAMES)
			fuzz_fail("a walk that does not end");
		whole += judge(&value, key);
		int err = segment_file_read_header(f, key, &found, &h);
		if (!err && h.first_seq == found && (found > FRAMES || h.count != 1))
			fuzz_fail("a header that nobody wrote");
		if (segment_file_find(f, key, &found) == 0 && found > key)
			fuzz_fail("a key behind the one asked for");
		if (key == UINT64_MAX)
			break;
		seq = key + 1;
	}
	if (segment_file_last_key(f, &key) == 0 && key == 0)
		fuzz_fail("the birth record is no frame");
	buf_done(&value);
	return whole;
}

static void read_segment(void)
{
	struct segment_file *f;
	struct err_detail why;

	if (segment_file_open(segment.folder, EPOCH, &f, &why))
		return;
	unsigned before = walk(f);
	if (segment_file_salvage(f) == 0 && walk(f) < before)
		fuzz_fail("a search from end to end finds less than the tree");
	segment_file_close(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes b = bytes_of(data, n);
	size_t touched[PATCHES_MAX], cut = SIZE_MAX;
	unsigned count = 0;

	remember_segment();
	FILE *f = fopen(segment.data, "r+e");
	if (!f)
		abort();
	while (bytes_left(&b) && count < PATCHES_MAX)
		patch(f, &b, touched, &cut, count++);
	if (fflush(f) != 0 || (cut < segment.pages && ftruncate(fileno(f), (off_t)cut * PAGE) != 0))
		abort();
	read_segment();
	if (cut < segment.pages)
		restore(f, cut, segment.pages - cut);
	for (unsigned i = 0; i < count; i++)
		restore(f, touched[i], 1);
	return fclose(f);
}

/* --- seeds: one patch in each kind of page, two of them, a cut --- */

static void keep_patch(struct fuzz_seeds *s, unsigned page, unsigned at, uint8_t with)
{
	uint8_t row[] = { (uint8_t)page, (uint8_t)(page >> 8), (uint8_t)at, (uint8_t)(at >> 8), 1,
		with };

	s->keep(s, row, sizeof(row));
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	static const unsigned places[] = { 0, 8, 10, 12, 14, 16, 18, 24, 32, 64, 120, 136, 144,
		4000 };

	remember_segment();
	for (unsigned page = 0; page < segment.pages; page += page < 8 ? 1 : 37)
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			keep_patch(s, page, places[i],
				(uint8_t)(segment.bytes[page * PAGE + places[i]] ^ 1));
	for (unsigned size = 0; size < segment.pages; size += 29)
		keep_patch(s, CUT, size, 0);
}
