/* sensor_clock.c -- the clock that stamps the packets of a live capture. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor_clock.h"

#include "clock.h"
#include "log.h"

static void say_state(const struct sensor_clock *c)
{
	if (!c->marks)
		return;
	if (!c->watch.unsynced)
		log_info("the clock is synchronized: documents go to the indices of their days");
	else if (c->watch.trust == CLOCK_AUTO)
		log_warn("the kernel says that nobody keeps its clock right (adjtimex): until "
			 "somebody does, documents say espcap.clock \"unsynced\" and go to one "
			 "index, whatever their day; --clock synced trusts the clock as it is");
}

/* Nobody was here to see it when the clock that stamped the last records was set. Only a clock
 * document ties their boot time to the wall clock, if this is the same boot still. */
static void tell_late(struct sensor_clock *c)
{
	int64_t now = clock_wall_ns();
	struct clock_change change = {
		.before_ns = now, .after_ns = now, .boot_ns = now - c->watch.offset_ns
	};

	writer_clock(c->writer, &change);
}

void sensor_clock_start(
	struct sensor_clock *c, enum clock_trust trust, struct writer *writer, bool marks)
{
	c->writer = writer;
	c->marks = marks;
	clock_watch_init(&c->watch, trust, NULL);
	if (!writer)
		return;
	writer_set_unsynced(writer, c->watch.unsynced);
	if (!c->watch.unsynced && writer_was_unsynced(writer))
		tell_late(c);
}

void sensor_clock_announce(const struct sensor_clock *c)
{
	if (c->watch.unsynced)
		say_state(c);
	else if (c->watch.unknown)
		log_warn("the kernel does not tell whether somebody keeps its clock right: it is "
			 "taken for right; --clock unsynced says otherwise");
}

void sensor_clock_look(struct sensor_clock *c)
{
	static struct log_limit limit;
	char before[CLOCK_ISO_LEN + 1], after[CLOCK_ISO_LEN + 1];
	struct clock_change change;
	bool unsynced = c->watch.unsynced;

	if (!clock_watch_look(&c->watch, &change))
		return;
	if (change.steps) {
		clock_iso(change.before_ns, before);
		clock_iso(change.after_ns, after);
		log_limited(&limit, 10000, "the clock was set from %s to %s", before, after);
	}
	if (c->watch.unsynced != unsynced)
		say_state(c);
	if (!c->writer)
		return;
	writer_set_unsynced(c->writer, c->watch.unsynced);
	writer_clock(c->writer, &change);
}

void sensor_clock_mark(struct sensor_clock *c, struct frame *f)
{
	f->unsynced = c->watch.unsynced;
	if (!f->unsynced)
		return;
	f->boot_ns = clock_watch_boot_of(&c->watch, f->time_ns);
	f->boot_id = c->watch.boot_id;
}
