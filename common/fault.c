/* fault.c -- named places where a test makes a service die, stop, sleep or fail. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum action { KILL, STOP, SLEEP, FAIL };

static struct {
	enum fault place; /* FAULTS: none */
	unsigned long nth;
	enum action action;
	long value;
} wanted;

static const char *const names[FAULTS] = {
#define X(id, name, text) [FAULT_##id] = (name),
#include "fault.def"
#undef X
};

static bool find_place(const char *name, size_t len)
{
	for (unsigned i = 0; i < FAULTS; i++)
		if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0) {
			wanted.place = (enum fault)i;
			return true;
		}
	return false;
}

static bool find_action(const char *text)
{
	static const struct {
		const char *word;
		enum action action;
		bool has_value;
	} actions[] = { { "kill", KILL, false }, { "stop", STOP, false }, { "sleep:", SLEEP, true },
		{ "errno:", FAIL, true } };

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		size_t n = strlen(actions[i].word);
		if (strncmp(text, actions[i].word, n) != 0)
			continue;
		char *end = NULL;
		wanted.action = actions[i].action;
		wanted.value = actions[i].has_value ? strtol(text + n, &end, 10) : 0;
		return actions[i].has_value ? end != text + n && !*end : !text[n];
	}
	return false;
}

static void read_wanted(void)
{
	const char *text = getenv("ESPCAP_FAULT");
	char *end = NULL;

	wanted.place = FAULTS;
	if (!text)
		return;
	size_t name = strcspn(text, ":");
	if (find_place(text, name) && text[name])
		wanted.nth = strtoul(text + name + 1, &end, 10);
	if (!wanted.nth || !end || *end != ':' || !find_action(end + 1)) {
		(void)fprintf(stderr, "ESPCAP_FAULT makes no sense: %s\n", text);
		abort();
	}
}

/* One place a process: one counter. */
static bool is_due(enum fault place)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static atomic_ulong passed;

	(void)pthread_once(&once, read_wanted);
	return place == wanted.place && atomic_fetch_add(&passed, 1) + 1 == wanted.nth;
}

/* Signals go to this thread, so that it does not get any further. */
static int act(void)
{
	const struct timespec t = { .tv_sec = wanted.value / 1000,
		.tv_nsec = wanted.value % 1000 * 1000000 };

	switch (wanted.action) {
	case KILL:
		(void)raise(SIGKILL);
		return 0;
	case STOP:
		(void)raise(SIGSTOP);
		return 0;
	case SLEEP:
		(void)nanosleep(&t, NULL);
		return 0;
	default:
		errno = (int)wanted.value;
		return -1;
	}
}

int fault_point(enum fault place)
{
	return is_due(place) ? act() : 0;
}

int fault_torn(enum fault place, int fd, const void *p, size_t n, off_t at)
{
	if (!is_due(place))
		return 0;
	if (pwrite(fd, p, n, at) != (ssize_t)n)
		return -1;
	return act();
}
