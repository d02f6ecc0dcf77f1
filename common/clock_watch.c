/* clock_watch.c -- is the wall clock right, and when was it set? */
/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_watch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "clock.h"

static const int64_t S = INT64_C(1000000000);
static const int64_t STEP_NS = INT64_C(1000000000);    /* less is no step */
static const int64_t SETTLE_NS = INT64_C(2000000000);  /* of packets on their way to us */
static const int64_t REORDER_NS = INT64_C(1000000000); /* of packets among each other */
static const int64_t APART_NS = INT64_C(10000000);     /* of two clocks read together */
enum { READS_MAX = 5 };

enum clock_kernel clock_ask_kernel(void)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);

	if (state < 0)
		return CLOCK_KERNEL_UNKNOWN;
	return state == TIME_ERROR || t.status & STA_UNSYNC ? CLOCK_KERNEL_UNSYNCED
							    : CLOCK_KERNEL_SYNCED;
}

void clock_change_join(struct clock_change *a, const struct clock_change *b)
{
	/* what the clock would show by now: as if it had gone on from before the first step */
	a->before_ns += b->boot_ns - a->boot_ns;
	a->after_ns = b->after_ns;
	a->boot_ns = b->boot_ns;
	a->unsynced = b->unsynced;
	a->steps += b->steps;
}

/* The wall clock less boot time, and the latter. Again when the thread was put to sleep between. */
static int64_t read_offset(int64_t *boot_ns)
{
	int64_t before, wall;
	int reads = 0;

	do {
		before = clock_boot_ns();
		wall = clock_wall_ns();
		*boot_ns = clock_boot_ns();
	} while (*boot_ns - before > APART_NS && ++reads < READS_MAX);
	return wall - *boot_ns;
}

static void read_boot_id(char out[CLOCK_BOOT_ID_MAX])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, CLOCK_BOOT_ID_MAX - 1);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

/* Is the clock unsynced, as far as anybody tells? */
static bool ask(struct clock_watch *w)
{
	if (w->trust != CLOCK_AUTO)
		return w->trust == CLOCK_UNSYNCED;
	enum clock_kernel answer = w->ask();
	w->unknown = answer == CLOCK_KERNEL_UNKNOWN;
	return answer == CLOCK_KERNEL_UNSYNCED;
}

void clock_watch_init(
	struct clock_watch *w, enum clock_trust trust, enum clock_kernel (*question)(void))
{
	*w = (struct clock_watch){ .trust = trust, .ask = question ? question : clock_ask_kernel };
	read_boot_id(w->boot_id);
	w->offset_ns = w->former_ns = read_offset(&w->newest_ns);
	w->ask_ns = w->newest_ns + S;
	w->unsynced = ask(w);
}

/* The state behind a look. */
static void heed(struct clock_watch *w, int64_t boot_ns, bool stepped)
{
	if (stepped && w->settled_ns)
		w->settled_ns = boot_ns + SETTLE_NS;
	if (boot_ns >= w->ask_ns || stepped) {
		bool unsynced = ask(w);
		w->ask_ns = boot_ns + S;
		if (unsynced)
			w->settled_ns = 0;
		else if (w->unsynced && !w->settled_ns)
			w->settled_ns = boot_ns + SETTLE_NS;
		w->unsynced = w->unsynced || unsynced;
	}
	if (w->unsynced && w->settled_ns && boot_ns >= w->settled_ns) {
		w->unsynced = false;
		w->settled_ns = 0;
	}
}

bool clock_watch_look(struct clock_watch *w, struct clock_change *change)
{
	int64_t boot, offset = read_offset(&boot), before = w->offset_ns;
	bool stepped = offset - before > STEP_NS || offset - before < -STEP_NS;
	bool was = w->unsynced;

	if (stepped)
		w->former_ns = before;
	w->offset_ns = offset;
	heed(w, boot, stepped);
	if (!stepped && was == w->unsynced)
		return false;
	*change = (struct clock_change){ .before_ns = before + boot,
		.after_ns = offset + boot,
		.boot_ns = boot,
		.unsynced = w->unsynced,
		.steps = stepped };
	return true;
}

int64_t clock_watch_boot_of(struct clock_watch *w, int64_t wall_ns)
{
	const int64_t offsets[] = { w->offset_ns, w->former_ns };
	int64_t now = clock_boot_ns(), found = now;

	for (unsigned i = 0; i < 2; i++) {
		int64_t boot = wall_ns - offsets[i];
		if (boot <= now + APART_NS && boot >= w->newest_ns - REORDER_NS) {
			found = boot;
			break;
		}
	}
	if (found > w->newest_ns)
		w->newest_ns = found;
	return found > 0 ? found : 1;
}
