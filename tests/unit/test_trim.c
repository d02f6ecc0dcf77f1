/* test_trim.c -- segments leave: settled or given up, and never too early. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "disk.h"

struct trimming {
	struct box *box;
	struct chain *chain;
	struct slots slots;
	struct first first;
	uint64_t start[8]; /* of its segments, and what comes next */
};

static void start(struct trimming *t, struct box *b, size_t segments)
{
	*t = (struct trimming){ .box = b, .chain = box_chain(b, 0) };
	assert_int_equal(first_open(&t->slots, b->spool.dir, b->spool.epoch, true, NULL), 0);
	first_read(&t->slots, &t->first);
	box_fill(t->chain, segments);
	for (size_t i = 0; i < segments; i++)
		t->start[i] = box_nth(b, i);
	t->start[segments] = chain_next_seq(t->chain);
}

static void end(struct trimming *t)
{
	disk_reset();
	chain_close(t->chain);
	slots_close(&t->slots);
}

static int trim_to(struct trimming *t, uint64_t frontier)
{
	struct ack_chain ack = { .frontier = frontier };

	return chain_trim(t->chain, &ack, &ack, &t->slots, &t->first);
}

static void range(struct ack_chain *ack, uint64_t first, uint64_t last)
{
	ack->ranges[ack->nranges++] = (struct ack_range){ .first = first, .last = last };
}

static uint64_t first_on_disk(const struct box *b)
{
	struct slots slots;
	struct first first;

	assert_int_equal(first_open(&slots, b->spool.dir, b->spool.epoch, false, NULL), 0);
	first_read(&slots, &first);
	slots_close(&slots);
	return first.first_seq;
}

static void i3_a_segment_stays_until_its_last_record_is_settled(void **state)
{
	struct trimming t;

	start(&t, *state, 3);
	for (uint64_t frontier = 0; frontier < t.start[1] - 1; frontier++)
		assert_int_equal(trim_to(&t, frontier), 0);
	assert_int_equal(chain_segments(t.chain), 3);
	assert_int_equal(trim_to(&t, t.start[1] - 1), 0);
	assert_int_equal(chain_segments(t.chain), 2);
	assert_false(box_has(t.box, "rec/00000000000000000001"));
	assert_int_equal(first_on_disk(t.box), t.start[1]);
	assert_int_equal(trim_to(&t, t.start[2] - 2), 0);
	assert_int_equal(chain_segments(t.chain), 2);
	end(&t);
	struct box_seen seen = box_read(t.box, "rec", t.start[1]);
	assert_int_equal(seen.records, t.start[3] - t.start[1]);
}

static void i3_the_segment_in_use_always_stays(void **state)
{
	struct trimming t;

	start(&t, *state, 2);
	assert_int_equal(trim_to(&t, t.start[2] + 1000), 0);
	assert_int_equal(chain_segments(t.chain), 1);
	assert_int_equal(box_nth(t.box, 0), t.start[1]);
	box_append_ok(t.chain, 4, 0);
	end(&t);
}

static void i3_ranges_count_only_when_both_slots_hold_them(void **state)
{
	struct trimming t;
	struct ack_chain newer = { .frontier = 1 }, older = { .frontier = 1 };

	start(&t, *state, 4);
	range(&newer, t.start[1], t.start[2] - 1);
	assert_int_equal(chain_trim(t.chain, &newer, &older, &t.slots, &t.first), 0);
	assert_int_equal(chain_segments(t.chain), 4);
	range(&older, t.start[1], t.start[2] - 2); /* one short */
	assert_int_equal(chain_trim(t.chain, &newer, &older, &t.slots, &t.first), 0);
	assert_int_equal(chain_segments(t.chain), 4);
	older.ranges[0].last++;
	assert_int_equal(chain_trim(t.chain, &newer, &older, &t.slots, &t.first), 0);
	assert_int_equal(chain_segments(t.chain), 3);
	assert_int_equal(first_on_disk(t.box), 1); /* the front still stands */
	assert_int_equal(trim_to(&t, t.start[2] - 1), 0);
	assert_int_equal(chain_segments(t.chain), 2);
	assert_int_equal(first_on_disk(t.box), t.start[2]);
	end(&t);
}

/* --- the order: first, rename, unlink --- */

struct watch {
	struct box *box;
	uint64_t first; /* what `first` says on the disk at the moment of the rename */
	bool renamed, unlinked_early;
};

static void look(enum disk_call call, const char *path, void *arg)
{
	struct watch *w = arg;

	if (call == DISK_RENAME && strstr(path, "/rec/")) {
		w->renamed = true;
		w->first = first_on_disk(w->box);
	}
	if (call == DISK_UNLINK && strstr(path, "/rec/") && !strstr(path, ".gone/"))
		w->unlinked_early = true;
}

static void i3_first_is_durable_before_anything_goes(void **state)
{
	struct trimming t;
	struct watch w = { .box = *state };

	start(&t, *state, 3);
	disk_fail(DISK_SYNC, 1, 1, EIO); /* `first` cannot be made durable: nothing goes */
	assert_int_not_equal(trim_to(&t, t.start[1] - 1), 0);
	disk_reset();
	assert_int_equal(chain_segments(t.chain), 3);
	assert_true(box_has(t.box, "rec/00000000000000000001"));
	disk_watch(look, &w);
	assert_int_equal(trim_to(&t, t.start[1] - 1), 0);
	assert_true(w.renamed && !w.unlinked_early);
	assert_int_equal(w.first, t.start[1]);
	end(&t);
}

/* Every step of an unlink can be the last one before a power cut. */
static void a_stopped_trim_is_finished_at_the_next_start(void **state)
{
	static const struct {
		enum disk_call call;
		unsigned nth;
	} cuts[] = { { DISK_RENAME, 1 }, { DISK_UNLINK, 1 }, { DISK_FSYNC, 1 } };
	struct trimming t;

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		start(&t, *state, 2);
		uint64_t next = t.start[2];
		disk_fail(cuts[i].call, cuts[i].nth, 100, EIO);
		assert_int_not_equal(trim_to(&t, t.start[1] - 1), 0);
		end(&t);
		t.chain = box_chain(t.box, 0);
		assert_int_equal(
			first_open(&t.slots, t.box->spool.dir, t.box->spool.epoch, true, NULL), 0);
		first_read(&t.slots, &t.first);
		assert_int_equal(trim_to(&t, 0), 0); /* `first` alone is enough */
		assert_int_equal(chain_segments(t.chain), 1);
		assert_int_equal(chain_next_seq(t.chain), next);
		struct box_seen seen = box_read(t.box, "rec", t.first.first_seq);
		assert_int_equal(seen.records, next - t.start[1]);
		end(&t);
		box_remove_tree(box_path(t.box, "rec"));
		assert_int_equal(unlink(box_path(t.box, "first")), 0);
	}
}

static void what_a_trim_frees_is_on_the_disk_again(void **state)
{
	struct trimming t;

	start(&t, *state, 4);
	uint64_t before = chain_bytes(t.chain);
	assert_int_equal(trim_to(&t, t.start[3] - 1), 0);
	assert_true(chain_bytes(t.chain) + 2 * BOX_MAP < before);
	assert_int_equal(chain_bytes(t.chain), BOX_MAP); /* the one in use, as its map */
	end(&t);
}

/* --- giving up --- */

static void i7_drop_oldest_counts_exactly_what_was_not_settled(void **state)
{
	struct trimming t;
	struct ack_chain ack = { .frontier = 6 };
	struct loss loss;

	start(&t, *state, 3);
	uint64_t all = t.start[1] - 1;
	range(&ack, 10, 11);
	range(&ack, t.start[1] - 2, t.start[1] + 1); /* reaches into the next one */
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	assert_int_equal(loss.reason, LOSS_TRIMMED);
	assert_int_equal(loss.count, all - 6 - 2 - 2);
	assert_int_equal(loss.first_seq, 5); /* the frame of 7 begins with 5 */
	assert_int_equal(loss.last_seq, all);
	assert_true(loss.bytes > 0 && loss.start_ns == 1 && loss.end_ns == 2);
	assert_int_equal(chain_segments(t.chain), 2);
	assert_int_equal(t.first.trimmed, loss.count);
	assert_int_equal(first_on_disk(t.box), t.start[1]);
	end(&t);
}

/* A frame of loss documents, of which only the frame's header matters here. */
static void append_losses(struct chain *c, uint64_t ring_full, uint64_t spool_full)
{
	static char text[] = "{}\n{}\n";
	struct chain_frame f = { .header = { .kind = FRAME_EVENT, .count = 2 } };
	struct frame_coder *coder;
	struct buf packed;

	f.lost[LOSS_RING_FULL] = ring_full;
	f.lost[LOSS_SPOOL_FULL] = spool_full;
	buf_init(&packed, 4096);
	assert_int_equal(frame_coder_new(&coder), 0);
	assert_int_equal(frame_compress(coder, text, sizeof(text) - 1, &packed, &f.header), 0);
	f.payload = packed.data;
	assert_int_equal(chain_append(c, &f, 1, NULL), 0);
	frame_coder_free(coder);
	buf_done(&packed);
}

/* Documents 1, 2, then losses 3 (ring_full) and 4 (spool_full), then 5 to 8, 9 and 10, and more. */
static void i7_what_given_up_loss_documents_named_is_told_again(void **state)
{
	struct trimming t = { .box = *state, .chain = box_chain(*state, 0) };
	struct ack_chain ack = { 0 };
	struct loss loss;

	assert_int_equal(first_open(&t.slots, t.box->spool.dir, t.box->spool.epoch, true, NULL), 0);
	first_read(&t.slots, &t.first);
	box_append_ok(t.chain, 2, 100);
	append_losses(t.chain, 700, 50);
	box_append_ok(t.chain, 4, 100);
	append_losses(t.chain, 0, 6000);
	box_fill(t.chain, 3);
	uint64_t all = box_nth(t.box, 1) - 1;
	range(&ack, 3, 3); /* that document is with the server */
	range(&ack, 6, 7);
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	assert_int_equal(t.first.trimmed, all - 3);
	assert_int_equal(loss.repeated, 50 + 6000);
	assert_int_equal(loss.count, all - 4 - 2 + loss.repeated);
	assert_true(t.first.to_tell == loss.count && t.first.repeated == loss.repeated);
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	assert_int_equal(loss.repeated, 0); /* named before this segment */
	end(&t);
}

static void drop_oldest_loses_nothing_of_a_settled_segment(void **state)
{
	struct trimming t;
	struct ack_chain ack = { 0 };
	struct loss loss;

	start(&t, *state, 2);
	ack.frontier = t.start[1] - 1;
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	assert_int_equal(loss.count, 0);
	assert_int_equal(t.first.trimmed, 0);
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), ERR_END);
	assert_int_equal(chain_segments(t.chain), 1);
	end(&t);
}

static void i7_damaged_frames_of_a_dropped_segment_are_counted_too(void **state)
{
	struct trimming t;
	struct ack_chain ack = { .frontier = 2 };
	struct loss loss;

	start(&t, *state, 3);
	box_poke(box_data(t.box, 1), box_frame(t.box, 1, 5) + 33, "\xff", 1);
	box_poke(box_data(t.box, 1), box_frame(t.box, 1, 13) + FRAME_HEADER, "\xff\xff", 2);
	box_poke(box_data(t.box, 1), box_frame(t.box, 1, t.start[1] - 4) + 33, "\xff", 1);
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	assert_int_equal(loss.count, t.start[1] - 1 - 2);
	end(&t);
}

static void i7_a_damaged_segment_does_not_stop_drop_oldest(void **state)
{
	struct trimming t;
	struct ack_chain ack = { .frontier = 2 };
	struct loss loss;

	start(&t, *state, 3);
	assert_int_equal(truncate(box_data(t.box, 1), 5000), 0);
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	assert_int_equal(loss.count, t.start[1] - 1 - 2);
	assert_int_equal(chain_segments(t.chain), 2);
	assert_int_equal(first_on_disk(t.box), t.start[1]);
	end(&t);
}

static void drop_oldest_does_nothing_when_first_cannot_be_written(void **state)
{
	struct trimming t;
	struct ack_chain ack = { 0 };
	struct loss loss;

	start(&t, *state, 2);
	disk_fail(DISK_SYNC, 1, 1, EIO);
	assert_int_not_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	disk_reset();
	assert_int_equal(chain_segments(t.chain), 2);
	assert_int_equal(t.first.trimmed, 0);
	assert_int_equal(t.first.first_seq, 1);
	end(&t);
	assert_int_equal(box_read(t.box, "rec", 1).records, t.start[2] - 1);
}

/* Somebody clears quarantine/ away, folder and all, while the services run. */
static void a_missing_quarantine_does_not_stop_trimming(void **state)
{
	struct trimming t;

	start(&t, *state, 3);
	chain_mark_damaged(&t.box->spool, "rec", t.start[0]);
	assert_int_equal(rmdir(box_path(t.box, "quarantine")), 0);
	assert_int_equal(trim_to(&t, t.start[2] - 1), 0);
	assert_int_equal(chain_segments(t.chain), 1);
	assert_true(box_has(t.box, "quarantine/rec-00000000000000000001.1/data.mdb"));
	end(&t);
}

static void a_segment_that_cannot_be_removed_does_not_stop_the_others(void **state)
{
	struct trimming t;

	start(&t, *state, 4);
	disk_fail(DISK_RENAME, 1, 1, EACCES);
	assert_int_equal(trim_to(&t, t.start[3] - 1), ERR_SPOOL_IO);
	assert_int_equal(chain_segments(t.chain), 2);
	assert_int_equal(trim_to(&t, t.start[3] - 1), 0);
	assert_int_equal(chain_segments(t.chain), 1);
	assert_int_equal(first_on_disk(t.box), t.start[3]);
	end(&t);
}

static void nothing_is_left_of_a_damaged_segment_that_is_given_up(void **state)
{
	struct trimming t;
	struct ack_chain ack = { 0 };
	struct loss loss;

	start(&t, *state, 2);
	chain_mark_damaged(&t.box->spool, "rec", t.start[0]);
	assert_int_equal(chain_drop_oldest(t.chain, &ack, &t.slots, &t.first, &loss), 0);
	assert_false(box_has(t.box, "rec/00000000000000000001.gone"));
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(i3_a_segment_stays_until_its_last_record_is_settled),
		BOX_TEST(i3_the_segment_in_use_always_stays),
		BOX_TEST(i3_ranges_count_only_when_both_slots_hold_them),
		BOX_TEST(i3_first_is_durable_before_anything_goes),
		BOX_TEST(a_stopped_trim_is_finished_at_the_next_start),
		BOX_TEST(what_a_trim_frees_is_on_the_disk_again),
		BOX_TEST(i7_drop_oldest_counts_exactly_what_was_not_settled),
		BOX_TEST(i7_what_given_up_loss_documents_named_is_told_again),
		BOX_TEST(drop_oldest_loses_nothing_of_a_settled_segment),
		BOX_TEST(i7_damaged_frames_of_a_dropped_segment_are_counted_too),
		BOX_TEST(i7_a_damaged_segment_does_not_stop_drop_oldest),
		BOX_TEST(a_missing_quarantine_does_not_stop_trimming),
		BOX_TEST(a_segment_that_cannot_be_removed_does_not_stop_the_others),
		BOX_TEST(nothing_is_left_of_a_damaged_segment_that_is_given_up),
		BOX_TEST(drop_oldest_does_nothing_when_first_cannot_be_written),
	};

	return TEST_RUN(tests);
}
