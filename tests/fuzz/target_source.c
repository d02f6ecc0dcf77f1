/* target_source.c -- capture files: pcap, pcapng, gzip, zstd; with the packets' documents.
 *
 * 0: setting, 0x20 for a filter | the file */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>
#include <zstd.h>

#include "captures.h"
#include "packet.h"
#include "source.h"

enum { PACKETS_MAX = 16, FILTERED = 0x20, SNAPLEN = 262144, GZIP = 31, FILE_MAX = 1 << 20 };

static volatile bool never;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct source *source;
	struct err_detail why = { "" };
	struct frame f;
	int err = 0;

	if (n < 1)
		return 0;
	struct source_conf conf = { .snaplen = SNAPLEN,
		.stop = &never,
		.filter = data[0] & FILTERED ? "tcp or udp port 53" : NULL };
	if (source_open_file(fuzz_file(data + 1, n - 1), &conf, &source, &why)) {
		if (!*why.text)
			fuzz_fail("a file is refused without a word");
		return 0;
	}
	for (int i = 0; i < PACKETS_MAX && !err; i++) {
		err = source_next(source, &f, &why);
		if (!err)
			packet_check(data[0], &f);
	}
	if ((err == ERR_TRUNCATED || err == ERR_INPUT) && !*why.text)
		fuzz_fail("a file ends early without a word");
	source_close(source);
	return 0;
}

/* --- seeds --- */

static size_t gzip(uint8_t *out, size_t room, uint8_t *in, size_t n)
{
	z_stream z = {
		.next_in = in, .avail_in = (uInt)n, .next_out = out, .avail_out = (uInt)room
	};

	if (deflateInit2(&z, 6, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
		deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	(void)deflateEnd(&z);
	return z.total_out;
}

static void keep_file(void *arg, const char *file)
{
	static uint8_t contents[FILE_MAX], packed[FILE_MAX + 4096];
	const uint8_t head = 0;
	FILE *stream = fopen(file, "re");
	size_t n = stream ? fread(contents, 1, FILE_MAX, stream) : 0;

	if (!stream)
		abort();
	(void)fclose(stream);
	fuzz_keep(arg, &head, 1, contents, n);
	fuzz_keep(arg, &head, 1, packed, gzip(packed, sizeof(packed), contents, n));
	fuzz_keep(arg, &head, 1, packed, ZSTD_compress(packed, sizeof(packed), contents, n, 1));
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	captures_each(TEST_PCAPS, keep_file, s);
}
