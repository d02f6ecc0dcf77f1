/* fuzz.h -- what a fuzz target gives to libFuzzer and to the replay program. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FUZZ_H
#define ESPCAP_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* A target is one file, target_NAME.c, that defines the two functions below. */

/* Runs one input. What must not be ends in fuzz_fail(), abort() or a sanitizer; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Hands every seed to s->keep(): made from test_pcaps or by our own writers, never committed. */
struct fuzz_seeds {
	void (*keep)(struct fuzz_seeds *s, const void *p, size_t n);
};
void fuzz_seeds(struct fuzz_seeds *s);

/* --- for targets --- */

/* Says what is wrong and aborts. */
void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A path under which n bytes can be read as a file; the same one each time. Target by target. */
const char *fuzz_file(const void *p, size_t n);

/* A private folder, in $TMPDIR or else in memory. It goes when the program ends in good order;
 * libFuzzer never does, so `run` cleans up behind it. */
const char *fuzz_folder(void);

/* A seed of a few option bytes and a body. */
void fuzz_keep(struct fuzz_seeds *s, const void *head, size_t nhead, const void *body, size_t n);

#endif
