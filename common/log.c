/* log.c -- what a running program tells its people, on stderr. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"

enum { LINE_MAX_BYTES = 2048 };

static const char *program = "espcap";
static enum log_level threshold = LOG_LEVEL_INFO;
static bool journal;

void log_init(const char *name, enum log_level level)
{
	program = name;
	threshold = level;
	journal = getenv("JOURNAL_STREAM") != NULL;
}

static int prefix(enum log_level level, char *line, size_t size)
{
	static const int priorities[] = { 3, 4, 6, 7 };
	static const char *const words[] = { "", "warning: ", "", "debug: " };

	if (journal)
		return snprintf(line, size, "<%d>", priorities[level]);
	return snprintf(line, size, "%s: %s", program, words[level]);
}

/* One write(2) a line, so that lines of several processes do not mix. */
__attribute__((format(printf, 2, 0))) static void write_line(
	enum log_level level, const char *format, va_list args, const char *tail)
{
	int saved = errno;
	char line[LINE_MAX_BYTES];
	size_t room = sizeof(line) - 1;

	int n = prefix(level, line, room);
	int m = vsnprintf(line + n, room - (size_t)n, format, args);
	size_t len = (size_t)n + (m > 0 ? (size_t)m : 0);
	if (len < room) {
		m = snprintf(line + len, room - len, "%s", tail);
		len += m > 0 ? (size_t)m : 0;
	}
	if (len >= room)
		len = room - 1;
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0) {
		/* nowhere left to say so */
	}
	errno = saved;
}

size_t log_prepare(char *line, size_t size, const char *text)
{
	int n = prefix(LOG_LEVEL_ERROR, line, size);
	size_t len = (size_t)n + (size_t)snprintf(line + n, size - (size_t)n, "%s\n", text);

	return len < size ? len : size - 1;
}

#define DEFINE_LEVEL(function, level)                                                              \
	void function(const char *format, ...)                                                     \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		if ((level) > threshold)                                                           \
			return;                                                                    \
		va_start(args, format);                                                            \
		write_line(level, format, args, "");                                               \
		va_end(args);                                                                      \
	}

DEFINE_LEVEL(log_error, LOG_LEVEL_ERROR)
DEFINE_LEVEL(log_warn, LOG_LEVEL_WARN)
DEFINE_LEVEL(log_info, LOG_LEVEL_INFO)
DEFINE_LEVEL(log_debug, LOG_LEVEL_DEBUG)

void log_limited(struct log_limit *limit, int64_t interval_ms, const char *format, ...)
{
	int64_t now = clock_ms(clock_monotonic_ns());
	char tail[64] = "";
	va_list args;

	if (LOG_LEVEL_WARN > threshold)
		return;
	if (limit->next_ms && now < limit->next_ms) {
		limit->left_out++;
		return;
	}
	if (limit->left_out)
		(void)snprintf(tail, sizeof(tail), " (%lu more like this)", limit->left_out);
	*limit = (struct log_limit){ .next_ms = now + interval_ms };
	va_start(args, format);
	write_line(LOG_LEVEL_WARN, format, args, tail);
	va_end(args);
}
