/* exact.c -- memory that ends where it says: one byte further and the program dies. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "exact.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const bool sanitized = SANITIZED;

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* The sanitizer lets one byte of an allocation of none pass: stand behind a byte then. */
static uint8_t *take_heap(struct exact *e, size_t n)
{
	free(e->base);
	e->base = malloc(n ? n : 1);
	if (!e->base)
		abort();
	return n ? e->base : e->base + 1;
}

static uint8_t *take_pages(struct exact *e, size_t n)
{
	size_t page = page_size(), need = (n + page - 1) / page * page + page;

	if (need > e->size) {
		exact_done(e);
		e->base = mmap(
			NULL, need, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (e->base == MAP_FAILED || mprotect(e->base + need - page, page, PROT_NONE) != 0)
			abort();
		e->size = need;
	}
	return e->base + e->size - page - n;
}

uint8_t *exact_take(struct exact *e, size_t n)
{
	return sanitized ? take_heap(e, n) : take_pages(e, n);
}

uint8_t *exact_copy(struct exact *e, const void *p, size_t n)
{
	uint8_t *copy = exact_take(e, n);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

void exact_done(struct exact *e)
{
	if (e->size)
		(void)munmap(e->base, e->size);
	else
		free(e->base);
	*e = (struct exact){ 0 };
}
