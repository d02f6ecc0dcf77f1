/* guard.h -- memory that ends at a page nobody may touch: one byte too far is a crash. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_GUARD_H
#define ESPCAP_GUARD_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

struct guard {
	uint8_t *map;
	size_t size;
};

/* n bytes, the last of them right before the forbidden page. */
static inline void *guard_alloc(struct guard *g, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (n + page - 1) / page * page;

	g->size = whole + page;
	void *map = mmap(NULL, g->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(map != MAP_FAILED);
	g->map = map;
	assert_int_equal(mprotect(g->map + whole, page, PROT_NONE), 0);
	return g->map + whole - n;
}

static inline void *guard_copy(struct guard *g, const void *p, size_t n)
{
	void *copy = guard_alloc(g, n);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

static inline void guard_free(struct guard *g)
{
	(void)munmap(g->map, g->size);
}

#endif
