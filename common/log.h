/* log.h -- what a running program tells its people, on stderr. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_LOG_H
#define ESPCAP_LOG_H

#include <stddef.h>
#include <stdint.h>

/* For programs only: nothing in common/ and no decoder logs. One sentence a call: what failed,
 * with what, what happens next. errno is kept. Under systemd (JOURNAL_STREAM is set) each line
 * begins with its <priority>, elsewhere with the program's name. */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* name: static string, for example "espcap-ship". Called once, before any thread. */
void log_init(const char *name, enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line that log_error() would write of a text without formats: for a signal handler, which may
 * write(2) and not format. Its length. */
size_t log_prepare(char *line, size_t size, const char *text);

/* A warning that may repeat: written at most once per interval_ms; the line then says how many
 * were left out. One static struct log_limit per call site; not shared between threads. */
struct log_limit {
	int64_t next_ms;
	unsigned long left_out;
};
void log_limited(struct log_limit *limit, int64_t interval_ms, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
