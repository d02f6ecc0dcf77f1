/* time_shim.c -- preloaded into a service: a wall clock, and its state, that a test sets as it goes.
 *
 * CLOCK_SHIM names a file of 8-byte integers that the test writes and the service maps:
 *  0 offset of the wall clock | 8 where it stands still, 0: it goes | 16 how much faster it goes, in
 * millionths, 24 since which moment of the monotonic clock | 32 state: 0 synced, 1 unsynced, 2 not told
 * 40 how often the kernel was asked for the state | 48 how often the wall clock was read.
 * All in nanoseconds. The monotonic clock and that since the start of the system are the real ones;
 * packets of an interface, which the kernel stamps, are moved along with the wall clock. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include <pcap/pcap.h>

static const int64_t S = INT64_C(1000000000), MILLION = 1000000;

struct control {
	_Atomic int64_t offset, still, faster, since, state, asked, walls;
};

static struct control *control;

/* A function of the library behind us. ISO C has no cast from void * to it. */
#define NEXT(result, name, parameters)                                                             \
	union {                                                                                    \
		void *symbol;                                                                      \
		result(*call) parameters;                                                          \
	} next = { dlsym(RTLD_NEXT, #name) }

__attribute__((constructor)) static void map_control(void)
{
	const char *path = getenv("CLOCK_SHIM");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	void *p = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	control = p == MAP_FAILED ? NULL : p;
}

static int64_t real_ns(clockid_t id)
{
	NEXT(int, clock_gettime, (clockid_t, struct timespec *));
	struct timespec t = { 0 };

	(void)next.call(id, &t);
	return (int64_t)t.tv_sec * S + t.tv_nsec;
}

static int64_t wall_ns(void)
{
	int64_t real = real_ns(CLOCK_REALTIME);

	if (!control)
		return real;
	int64_t still = control->still, faster = control->faster;
	if (still)
		return still;
	if (faster)
		real += (real_ns(CLOCK_MONOTONIC) - control->since) / MILLION * faster;
	return real + control->offset;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	NEXT(int, clock_gettime, (clockid_t, struct timespec *));

	if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)
		return next.call(id, t);
	int64_t ns = wall_ns();
	*t = (struct timespec){ .tv_sec = ns / S, .tv_nsec = ns % S };
	if (control)
		control->walls++;
	return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	int64_t ns = wall_ns();

	(void)zone;
	*t = (struct timeval){ .tv_sec = ns / S, .tv_usec = ns % S / 1000 };
	return 0;
}

time_t time(time_t *out)
{
	time_t s = wall_ns() / S;

	if (out)
		*out = s;
	return s;
}

int adjtimex(struct timex *t)
{
	NEXT(int, adjtimex, (struct timex *));

	if (!control)
		return next.call(t);
	control->asked++;
	if (control->state == 2) {
		errno = EPERM;
		return -1;
	}
	t->status = control->state ? STA_UNSYNC : 0;
	return control->state ? TIME_ERROR : TIME_OK;
}

int pcap_next_ex(pcap_t *p, struct pcap_pkthdr **h, const u_char **data)
{
	NEXT(int, pcap_next_ex, (pcap_t *, struct pcap_pkthdr **, const u_char **));
	int code = next.call(p, h, data);

	if (code != 1 || !control || pcap_file(p))
		return code;
	int64_t stamp = (int64_t)(*h)->ts.tv_sec * S +
			(*h)->ts.tv_usec; /* nanoseconds, as asked for */
	stamp = control->still ? control->still : stamp + wall_ns() - real_ns(CLOCK_REALTIME);
	(*h)->ts.tv_sec = stamp / S;
	(*h)->ts.tv_usec = stamp % S;
	return code;
}
