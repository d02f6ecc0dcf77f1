/* dns_domain.c -- where a name's public suffix and registered domain begin.
 *
 * libpsl allocates nothing, but tries every label from the left: 0.3 to 2 us a name. Rules have at
 * most MAX_LABELS labels, so only the end of a name is asked for, and the answers for the last few
 * ends are kept. They are the same for everyone, so what is kept never shows; each thread has its
 * own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_domain.h"

#include <stdint.h>
#include <string.h>

#include <libpsl.h>

enum { MAX_LABELS = 8, KEPT = 128, END_MAX = 62 };

static _Thread_local struct {
	uint8_t len;    /* 0: free */
	uint8_t suffix; /* its length */
	char end[END_MAX];
} kept[KEPT];

/* The last labels of the name, which decide. */
static const char *end_of(const char *name, size_t n)
{
	const char *p = name + n;

	for (unsigned dots = 0; p > name; p--)
		if (p[-1] == '.' && ++dots == MAX_LABELS)
			break;
	return p;
}

static size_t ask(const char *end, size_t n)
{
	const char *suffix = psl_unregistrable_domain(psl_builtin(), end);

	if (!suffix || suffix < end || suffix > end + n)
		return 0;
	return (size_t)(end + n - suffix);
}

static uint32_t hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * 16777619u;
	return h ^ h >> 15;
}

/* Length of the public suffix. */
static size_t suffix_len(const char *name, size_t n)
{
	const char *end = end_of(name, n);
	size_t len = (size_t)(name + n - end);

	if (len == 0 || len > END_MAX)
		return ask(end, len);
	uint32_t slot = hash(end, len) % KEPT;
	if (kept[slot].len == len && memcmp(kept[slot].end, end, len) == 0)
		return kept[slot].suffix;
	size_t suffix = ask(end, len);
	kept[slot].len = (uint8_t)len;
	kept[slot].suffix = (uint8_t)suffix;
	memcpy(kept[slot].end, end, len);
	return suffix;
}

static bool is_known(const char *label)
{
	return psl_is_public_suffix2(psl_builtin(), label, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

struct dns_domain dns_domain_split(const char *name, size_t n)
{
	struct dns_domain domain = { n, n };
	size_t len = suffix_len(name, n);

	if (len == 0 || len > n || (len == n && !is_known(name)))
		return domain;
	domain.suffix = n - len;
	if (len == n || name[domain.suffix - 1] != '.')
		return domain;
	size_t at = domain.suffix - 1;
	while (at > 0 && name[at - 1] != '.')
		at--;
	if (at < domain.suffix - 1)
		domain.registered = at;
	return domain;
}
