/* record_id.c -- the `_id` of a record: run and sequence as text that sorts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "record_id.h"

#include <string.h>

static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

void record_id_part(uint64_t number, char out[RECORD_ID_PART])
{
	for (int i = RECORD_ID_PART - 1; i >= 0; i--) {
		out[i] = digits[number & 31];
		number >>= 5;
	}
}

void record_id_write(uint64_t run, uint64_t seq, char out[RECORD_ID_LEN])
{
	record_id_part(run, out);
	record_id_part(seq, out + RECORD_ID_PART);
}

static int parse_part(const char *s, uint64_t *number)
{
	uint64_t value = 0;

	for (int i = 0; i < RECORD_ID_PART; i++) {
		const char *digit = s[i] ? strchr(digits, s[i]) : NULL;
		if (!digit || value >> 59)
			return ERR_INPUT;
		value = value << 5 | (uint64_t)(digit - digits);
	}
	*number = value;
	return 0;
}

int record_id_parse(const char *s, uint64_t *run, uint64_t *seq)
{
	int err = parse_part(s, run);

	return err ? err : parse_part(s + RECORD_ID_PART, seq);
}
