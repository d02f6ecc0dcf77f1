/* err.c -- names and texts of errors. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static const struct {
	const char *name, *text;
} rows[] = {
	{ "OK", "no error" },
#define X(name, text) { #name, text },
#include "err.def"
#undef X
};

static size_t row_of(int err)
{
	size_t row = (size_t) - (long)err;

	return err <= 0 && row < sizeof(rows) / sizeof(rows[0]) ? row : 0;
}

const char *err_name(int err)
{
	return rows[row_of(err)].name;
}

const char *err_text(int err)
{
	return rows[row_of(err)].text;
}

int err_set(struct err_detail *why, int err, const char *format, ...)
{
	int saved = errno;
	va_list args;

	if (why) {
		va_start(args, format);
		(void)vsnprintf(why->text, sizeof(why->text), format, args);
		va_end(args);
	}
	errno = saved;
	return err;
}
