/* fail_at.c -- preloaded: memory, or a thread, that a service does not get. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ESPCAP_FAIL=memory:N or thread:N: the N-th call is refused, with +N all from there on. With
 * ESPCAP_CALLS=FILE how many of each there were is written there at the end. */

static atomic_long calls[2];
enum { MEMORY, THREAD };

static bool is_refused(int kind)
{
	static const char *const names[] = { "memory:", "thread:" };
	const char *text = getenv("ESPCAP_FAIL"); /* asks for no memory */
	long n = atomic_fetch_add(&calls[kind], 1) + 1;

	if (!text || strncmp(text, names[kind], 7) != 0)
		return false;
	long wanted = strtol(text + 7, NULL, 10);
	return text[7] == '+' ? n >= wanted : n == wanted;
}

/* glibc's own, which dlsym() may need before it can find anything. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
	if (!is_refused(MEMORY))
		return __libc_malloc(n);
	errno = ENOMEM;
	return NULL;
}

void *calloc(size_t n, size_t size)
{
	if (!is_refused(MEMORY))
		return __libc_calloc(n, size);
	errno = ENOMEM;
	return NULL;
}

void *realloc(void *p, size_t n)
{
	if (!is_refused(MEMORY))
		return __libc_realloc(p, n);
	errno = ENOMEM;
	return NULL;
}

/* ISO C has no cast from void * to a function. */
typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *arg)
{
	union {
		void *symbol;
		create *call;
	} next = { dlsym(RTLD_NEXT, "pthread_create") };

	return is_refused(THREAD) ? EAGAIN : next.call(thread, attributes, start, arg);
}

__attribute__((destructor)) static void say(void)
{
	const char *path = getenv("ESPCAP_CALLS");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd >= 0)
		(void)dprintf(
			fd, "%ld %ld\n", atomic_load(&calls[MEMORY]), atomic_load(&calls[THREAD]));
}
