/* json_judge.h -- is this JSON, and is this UTF-8? From the RFCs, not from common/json.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_JSON_JUDGE_H
#define ESPCAP_JSON_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at s and its length, or -1: the bytes must be exactly those in which RFC 3629
 * writes that code point. */
int32_t judge_utf8(const uint8_t *s, size_t n, size_t *len);

/* One value of RFC 8259 and nothing behind it, all of it UTF-8. */
bool judge_json(const char *s, size_t n);

/* The characters of a JSON string (with its quotes), as UTF-8 into out; their length, or SIZE_MAX
 * when it is no string. out must have n bytes. */
size_t judge_string(const char *s, size_t n, uint8_t *out);

#endif
