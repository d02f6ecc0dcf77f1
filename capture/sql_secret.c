/* sql_secret.c -- passwords within statements of SQL. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "sql_secret.h"

#include <strings.h>

/* Does the text that ends here, but for blanks and what may stand between, end with the word? */
static bool ends_with(const uint8_t *start, const uint8_t *end, const char *word)
{
	size_t n = strlen(word);

	while (end > start &&
		(end[-1] <= ' ' || end[-1] == '(' || end[-1] == '=' || end[-1] == ':'))
		end--;
	return (size_t)(end - start) >= n && strncasecmp((const char *)end - n, word, n) == 0;
}

void sql_mark_secrets(struct packet *pkt, struct bytes b)
{
	const uint8_t *start = b.p;

	while (bytes_left(&b)) {
		uint8_t quote = bytes_u8(&b);
		if (quote != '\'' && quote != '"')
			continue;
		const uint8_t *from = b.p;
		size_t left = bytes_left(&b);
		const uint8_t *to = left ? memchr(from, quote, left) : NULL;
		if (!to)
			to = b.end;
		b.p = to < b.end ? to + 1 : to;
		if (to > from && (ends_with(start, from - 1, "password") ||
					 ends_with(start, from - 1, " by")))
			pkt_secret(pkt, from, (size_t)(to - from));
	}
}

void sql_mark_echo(struct packet *pkt, struct bytes words)
{
	static const char near[] = "near ";
	size_t n = sizeof(near) - 1, left = bytes_left(&words);
	const uint8_t *at = left ? memmem(words.p, left, near, n) : NULL;

	if (!at)
		return;
	bytes_skip(&words, (size_t)(at - words.p) + n);
	bytes_skip(&words, 1); /* the quote */
	int first = bytes_peek(&words, 0);
	if (first != '\'' && first != '"') {
		sql_mark_secrets(pkt, words);
		return;
	}
	bytes_skip(&words, 1);
	const uint8_t *end = bytes_left(&words) ? memchr(words.p, first, bytes_left(&words)) : NULL;
	size_t length = end ? (size_t)(end - words.p) : bytes_left(&words);
	if (length)
		pkt_secret(pkt, words.p, length);
}
