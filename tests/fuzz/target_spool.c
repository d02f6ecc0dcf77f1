/* target_spool.c -- a spool of which SPOOL, or the record chain's tail, holds anything.
 *
 * 0: TAIL: the file is rec/tail, else SPOOL; CHECK puts the CRC of SPOOL right | the file
 *
 * The one segment is whole: so whatever stands there, each of its records is read, and nothing else. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "crc32c.h"
#include "fuzz.h"
#include "reader.h"

enum { TAIL = 1, CHECK = 2, RECORDS = 8, FILE_MAX_BYTES = 16384, CHECK_LINE = 15 };

static struct spool spool;
static uint8_t identity[512], tail[2 * SLOTS_SIZE];
static size_t identity_len;

static const char *path_of(const char *name)
{
	static char path[400];

	(void)snprintf(path, sizeof(path), "%s/spool/%s", fuzz_folder(), name);
	return path;
}

static void write_file(const char *name, const void *p, size_t n)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd) != 0)
		abort();
}

static size_t read_file(const char *name, void *p, size_t max)
{
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, p, max);

	if (n < 0 || close(fd) != 0)
		abort();
	return (size_t)n;
}

static void make_spool(void)
{
	static const char text[] = "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n";
	struct chain_conf conf = { .name = "rec", .map_size = 1 << 20 };
	struct chain_frame frame = { .header = { .count = RECORDS,
					     .raw_len = sizeof(text) - 1,
					     .stored_len = sizeof(text) - 1,
					     .payload_crc = crc32c(text, sizeof(text) - 1) },
		.payload = text };
	struct chain *chain;
	struct err_detail why = { "" };

	if (identity_len)
		return;
	if (spool_open(&spool, path_of(""), true, &why) ||
		chain_open(&spool, &conf, &chain, &why) || chain_append(chain, &frame, 1, &why))
		fuzz_fail("%s", why.text);
	chain_close(chain);
	identity_len = read_file("SPOOL", identity, sizeof(identity));
	(void)read_file("rec/tail", tail, sizeof(tail));
}

/* The last line is right for what stands before it. */
static size_t put_check(char *text, size_t n)
{
	if (n > FILE_MAX_BYTES - CHECK_LINE - 1)
		n = FILE_MAX_BYTES - CHECK_LINE - 1;
	return n + (size_t)snprintf(text + n, CHECK_LINE + 1, "check %08x\n", crc32c(text, n));
}

static void read_records(const struct spool *s)
{
	struct reader *r;
	struct reader_frame f;
	uint64_t first, last;
	struct frame_totals totals;
	int err;

	if (reader_new(s, "rec", &r) || reader_next(r, 1, &f) || f.header.count != RECORDS)
		fuzz_fail("the records are gone");
	if (reader_extent(r, &first, &last, &totals) || first != 1 || last < RECORDS)
		fuzz_fail("an extent that is too short");
	err = reader_next(r, RECORDS + 1, &f);
	if (err != ERR_END || (f.gap.first && f.gap.first != RECORDS + 1))
		fuzz_fail("something behind the end: %d", err);
	reader_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char text[FILE_MAX_BYTES];
	struct spool s;
	struct err_detail why = { "" };

	make_spool();
	if (n < 1 || n > FILE_MAX_BYTES)
		return 0;
	size_t len = n - 1;
	memcpy(text, data + 1, len);
	if (data[0] & CHECK && !(data[0] & TAIL))
		len = put_check(text, len);
	write_file(data[0] & TAIL ? "rec/tail" : "SPOOL", text, len);
	int err = spool_open(&s, path_of(""), false, &why);
	if (err && (data[0] & TAIL || !*why.text))
		fuzz_fail("%d without a sentence", err);
	if (!err && s.epoch == spool.epoch)
		read_records(&s);
	write_file("SPOOL", identity, identity_len);
	write_file("rec/tail", tail, sizeof(tail));
	return 0;
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	uint8_t head = 0;

	make_spool();
	fuzz_keep(s, &head, 1, identity, identity_len);
	head = CHECK;
	fuzz_keep(s, &head, 1, identity, identity_len - CHECK_LINE);
	head = TAIL;
	fuzz_keep(s, &head, 1, tail, sizeof(tail));
}
