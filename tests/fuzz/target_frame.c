/* target_frame.c -- frames of the spool: what was stored, and whatever else a disk may hold.
 *
 * 0: mode | for RAW text that is packed and must come back; else a value as it lies in a segment,
 * with REPAIR after its CRCs were put right */
/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "fuzz.h"
#include "wire.h"

enum { RAW = 1, REPAIR = 2, PAYLOAD_CRC_AT = 44, CRC_AT = FRAME_HEADER - 4 };

static struct frame_coder *the_coder(void)
{
	static struct frame_coder *coder;

	if (!coder && frame_coder_new(&coder))
		abort();
	return coder;
}

static uint32_t lines(const uint8_t *p, size_t n)
{
	uint32_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += p[i] == '\n';
	return count;
}

/* A frame of n bytes of text that end with a newline. */
static void pack(const uint8_t *text, size_t n, struct buf *out)
{
	struct frame_header h = { .first_seq = 7, .run = 1, .epoch = 2, .count = lines(text, n) };
	uint8_t head[FRAME_HEADER] = { 0 };
	struct buf payload;

	buf_init(&payload, 2 * FRAME_RAW_MAX);
	if (frame_compress(the_coder(), text, n, &payload, &h))
		fuzz_fail("%zu bytes cannot be packed", n);
	frame_pack(&h, head);
	buf_add(out, head, sizeof(head));
	buf_add(out, payload.data, payload.len);
	buf_done(&payload);
}

static int unpack(const uint8_t *value, size_t n, struct frame_header *h, struct buf *text)
{
	const uint8_t *payload;

	int err = frame_unpack(value, n, h, &payload);
	if (!err)
		err = frame_expand(the_coder(), h, payload, text);
	if (!err &&
		(text->len != h->raw_len || lines((uint8_t *)text->data, text->len) != h->count))
		fuzz_fail("a frame is believed that does not hold what it says");
	return err;
}

static void round_trip(const uint8_t *data, size_t n)
{
	struct frame_header h;
	struct buf value, text;
	uint8_t *in = malloc(n + 1);

	if (!in)
		abort();
	memcpy(in, data, n);
	in[n++] = '\n';
	buf_init(&value, 2 * FRAME_RAW_MAX);
	buf_init(&text, FRAME_RAW_MAX);
	pack(in, n, &value);
	bool few = lines(in, n) <= FRAME_COUNT_MAX;
	int err = unpack((uint8_t *)value.data, value.len, &h, &text);
	if (few && (err || text.len != n || memcmp(text.data, in, n) != 0))
		fuzz_fail("a frame does not come back as it was");
	buf_done(&value);
	buf_done(&text);
	free(in);
}

static void repair(uint8_t *value, size_t n)
{
	struct wire w = { value + PAYLOAD_CRC_AT };

	wire_u32(&w, crc32c(value + FRAME_HEADER, n - FRAME_HEADER));
	w.p = value + CRC_AT;
	wire_u32(&w, crc32c(value, CRC_AT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct frame_header h;
	struct buf text;

	if (n < 2)
		return 0;
	if (data[0] & RAW) {
		round_trip(data + 1, n - 1);
		return 0;
	}
	uint8_t *value = malloc(n - 1);
	if (!value)
		abort();
	memcpy(value, data + 1, n - 1);
	if (data[0] & REPAIR && n - 1 >= FRAME_HEADER)
		repair(value, n - 1);
	buf_init(&text, FRAME_RAW_MAX);
	(void)unpack(value, n - 1, &h, &text);
	buf_done(&text);
	free(value);
	return 0;
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	static const char *const texts[] = { "{}\n", "{\"a\":1}\n{\"a\":2}\n",
		"{\"text\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}\n" };
	struct buf value;

	buf_init(&value, 2 * FRAME_RAW_MAX);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (unsigned m = 0; m <= REPAIR; m++) {
			uint8_t mode = (uint8_t)m;
			buf_reset(&value);
			pack((const uint8_t *)texts[i], strlen(texts[i]), &value);
			if (mode == RAW)
				fuzz_keep(s, &mode, 1, texts[i], strlen(texts[i]));
			else
				fuzz_keep(s, &mode, 1, value.data, value.len);
		}
	buf_done(&value);
}
