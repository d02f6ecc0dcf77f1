/* storm.c -- preloaded: each millisecond a signal for every thread, whose calls then end with EINTR. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void ignore(int signal)
{
	(void)signal;
}

static void *send_signals(void *unused)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	long self = syscall(SYS_gettid);

	(void)unused;
	for (;; (void)nanosleep(&pause, NULL)) {
		const struct dirent *entry;
		DIR *tasks = opendir("/proc/self/task");
		while (tasks && (entry = readdir(tasks))) {
			long thread = strtol(entry->d_name, NULL, 10);
			if (thread > 0 && thread != self)
				(void)syscall(SYS_tgkill, getpid(), thread, SIGUSR2);
		}
		if (tasks)
			(void)closedir(tasks);
	}
	return NULL;
}

/* Without SA_RESTART: a call that can be interrupted is. */
__attribute__((constructor)) static void begin(void)
{
	const struct sigaction action = { .sa_handler = ignore };
	sigset_t all, before;
	pthread_t thread;

	(void)sigaction(SIGUSR2, &action, NULL);
	(void)sigfillset(&all); /* a signal of the service's own is not for this thread */
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, send_signals, NULL) != 0)
		abort();
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}
