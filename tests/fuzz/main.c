/* main.c -- runs a fuzz target without libFuzzer: seeds, former crashes, some mutations.
 *
 *   fuzz-replay-TARGET [--write DIR] [--mutations N] [FILE_OR_FOLDER ...]
 *
 * --write stores the seeds, as a corpus for libFuzzer, and runs nothing. ESPCAP_SEED repeats a run;
 * the input that brings the program down is left in the current folder. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fts.h>

#include "exact.h"
#include "fuzz.h"

enum { SEEDS_MAX = 65536, INPUT_MAX = 1 << 20, GROW_MAX = 4096, STEPS_MAX = 4 };
static const uint64_t DEFAULT_SEED = 20260102;

struct input {
	uint8_t *p; /* owned */
	size_t n;
};

struct corpus {
	struct fuzz_seeds seeds; /* first member: keep() gets its address */
	struct input inputs[SEEDS_MAX];
	size_t count;
};

static struct corpus corpus;
static struct exact memory;
static struct input running; /* what the crash handler writes */

/* --- running --- */

static void save_running(void)
{
	static const char name[] = "fuzz-crash";
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0 && write(fd, running.p, running.n) >= 0 && close(fd) == 0) {
		static const char text[] =
			"the input is left in ./fuzz-crash; once fixed, it belongs into "
			"tests/fuzz/crashes/TARGET/\n";
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	}
}

static void on_abort(int signal)
{
	(void)signal;
	save_running();
}

/* The sanitizers' own hook, where they are linked in. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));

static void run(const uint8_t *p, size_t n)
{
	uint8_t *copy = exact_copy(&memory, p, n);

	running = (struct input){ copy, n };
	if (LLVMFuzzerTestOneInput(copy, n) != 0)
		abort();
}

/* --- inputs --- */

static void keep(struct fuzz_seeds *s, const void *p, size_t n)
{
	struct corpus *c = (struct corpus *)s;

	if (c->count == SEEDS_MAX || n > INPUT_MAX)
		return;
	uint8_t *copy = malloc(n + 1);
	if (!copy)
		abort();
	memcpy(copy, p, n);
	c->inputs[c->count++] = (struct input){ copy, n };
}

static void keep_file(const char *path)
{
	static uint8_t contents[INPUT_MAX];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(contents, 1, sizeof(contents), f) : 0;

	if (!f) {
		(void)fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	(void)fclose(f);
	keep(&corpus.seeds, contents, n);
}

static void keep_files(char *path)
{
	char *const roots[] = { path, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *e;

	while (tree && (e = fts_read(tree)))
		if (e->fts_info == FTS_F)
			keep_file(e->fts_path);
	if (tree)
		(void)fts_close(tree);
}

static int write_inputs(const char *folder)
{
	char path[4096];

	for (size_t i = 0; i < corpus.count; i++) {
		(void)snprintf(path, sizeof(path), "%s/seed-%zu", folder, i);
		FILE *f = fopen(path, "we");
		size_t n = f ? fwrite(corpus.inputs[i].p, 1, corpus.inputs[i].n, f) : 0;
		if (!f || fclose(f) != 0 || n != corpus.inputs[i].n) {
			(void)fprintf(stderr, "cannot write %s\n", path);
			return 1;
		}
	}
	return 0;
}

/* --- mutations --- */

static uint64_t state;

static uint64_t next_random(void) /* xorshift64* (Vigna) */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(0x2545f4914f6cdd1d);
}

static size_t below(size_t n)
{
	return n ? (size_t)((next_random() >> 16) % n) : 0;
}

static void overwrite(uint8_t *p, size_t n)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff, 0xc0, '"', '\\', '\n', ' ',
		'0' };
	size_t at = below(n), length = 1 + below(4);

	for (size_t i = at; i < n && i < at + length; i++)
		p[i] = odd[below(sizeof(odd))];
}

/* One step; the memory has room for GROW_MAX bytes more. Returns the new length. */
static size_t mutate(uint8_t *p, size_t n)
{
	const struct input *other = &corpus.inputs[below(corpus.count)];
	size_t at = below(n), length = 1 + below(n < 64 ? n : 64);

	switch (n ? below(6) : 4) {
	case 0:
		p[at] ^= (uint8_t)(1u << below(8));
		return n;
	case 1:
		overwrite(p, n);
		return n;
	case 2: /* cut */
		return at;
	case 3: /* take out */
		length = length > n - at ? n - at : length;
		memmove(p + at, p + at + length, n - at - length);
		return n - length;
	case 4: /* the end of another input */
		length = other->n < GROW_MAX ? other->n : GROW_MAX;
		length = below(length + 1);
		memcpy(p + at, other->p + other->n - length, length);
		return at + length > n ? at + length : n;
	default: /* say it twice */
		length = length > n - at ? n - at : length;
		memmove(p + at + length, p + at, n - at);
		return n + length;
	}
}

static void run_mutations(uint64_t count)
{
	static uint8_t work[INPUT_MAX + STEPS_MAX * (size_t)GROW_MAX];

	for (uint64_t i = 0; i < count; i++) {
		const struct input *from = &corpus.inputs[below(corpus.count)];
		size_t n = from->n;
		memcpy(work, from->p, n);
		for (size_t steps = 1 + below(STEPS_MAX); steps > 0; steps--)
			n = mutate(work, n);
		run(work, n);
	}
}

/* --- */

static void run_all(uint64_t mutations)
{
	const char *seed = getenv("ESPCAP_SEED");

	(void)signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(save_running);
	state = seed ? strtoull(seed, NULL, 10) : DEFAULT_SEED;
	state = state ? state : 1;
	(void)printf("%zu inputs, %" PRIu64 " mutations, ESPCAP_SEED=%" PRIu64 "\n", corpus.count,
		mutations, state);
	(void)fflush(stdout);
	for (size_t i = 0; i < corpus.count; i++)
		run(corpus.inputs[i].p, corpus.inputs[i].n);
	run_mutations(mutations);
}

int main(int argc, char **argv)
{
	const char *folder = NULL;
	uint64_t mutations = 0;
	int code = 0, i = 1;

	corpus.seeds.keep = keep;
	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (strcmp(argv[i], "--write") == 0)
			folder = argv[i + 1];
		else if (strcmp(argv[i], "--mutations") == 0)
			mutations = strtoull(argv[i + 1], NULL, 10);
	}
	fuzz_seeds(&corpus.seeds);
	if (corpus.count == 0) {
		(void)fprintf(stderr, "the target has no seeds\n");
		return 1;
	}
	for (; i < argc; i++)
		keep_files(argv[i]);
	if (folder)
		code = write_inputs(folder);
	else
		run_all(mutations);
	for (size_t k = 0; k < corpus.count; k++)
		free(corpus.inputs[k].p);
	exact_done(&memory);
	return code;
}
