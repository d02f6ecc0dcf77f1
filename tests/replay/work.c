/* work.c -- counts blocks of code. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

static uint64_t blocks;

/* GCC calls it at the beginning of each basic block; libFuzzer, of clang, brings its own. */
void __sanitizer_cov_trace_pc(void);

__attribute__((weak, no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

__attribute__((no_sanitize_coverage)) uint64_t work_count(void)
{
	return blocks;
}
