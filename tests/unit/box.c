/* box.c -- a spool in a folder of its own, and records whose contents say their number. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "box.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32c.h"

enum { FRAME_TEXT_MAX = 1 << 20, FILLING = 160000 };

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void box_remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int box_make(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	const char *base = getenv("TMPDIR");
	struct err_detail why;

	(void)snprintf(b->dir, sizeof(b->dir), "%s/espcap-unit-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(b->dir))
		return -1;
	char dir[PATHS_MAX + 8];
	(void)snprintf(dir, sizeof(dir), "%s/spool", b->dir);
	*state = b;
	return spool_open(&b->spool, dir, true, &why);
}

int box_drop(void **state)
{
	struct box *b = *state;

	box_remove_tree(b->dir);
	free(b);
	return 0;
}

const char *box_path(const struct box *b, const char *name)
{
	static char paths[4][PATHS_MAX + 64];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", b->spool.dir, name);
	return path;
}

bool box_has(const struct box *b, const char *name)
{
	return access(box_path(b, name), F_OK) == 0;
}

struct chain *box_chain(struct box *b, uint64_t settled_to)
{
	struct chain_conf conf = { .name = "rec", .map_size = BOX_MAP, .settled_to = settled_to };
	struct err_detail why = { "" };
	struct chain *c = NULL;

	if (chain_open(&b->spool, &conf, &c, &why))
		fail_msg("%s", why.text);
	return c;
}

static size_t write_records(char *text, uint64_t seq, unsigned count, size_t pad)
{
	uint64_t x = seq * UINT64_C(0x9e3779b97f4a7c15) + 1;
	char *p = text;

	for (unsigned i = 0; i < count; i++) {
		p += snprintf(p, 40, "{\"n\":%llu,\"pad\":\"", (unsigned long long)(seq + i));
		for (size_t k = 0; k < pad; k++) {
			x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
			*p++ = (char)('0' + (x >> 57) % 75);
			p[-1] = p[-1] == '\\' ? 'y' : p[-1];
		}
		memcpy(p, "\"}\n", 3);
		p += 3;
	}
	return (size_t)(p - text);
}

int box_append(struct chain *c, unsigned count, size_t pad)
{
	static struct frame_coder *coder;
	static char text[FRAME_TEXT_MAX];
	struct chain_frame f = { .header = { .count = count, .min_time_ns = 1, .max_time_ns = 2 } };
	struct buf packed;

	assert_true(count * (pad + 40) <= sizeof(text));
	if (!coder)
		assert_int_equal(frame_coder_new(&coder), 0);
	buf_init(&packed, 2 * FRAME_TEXT_MAX);
	size_t n = write_records(text, chain_next_seq(c), count, pad);
	assert_int_equal(frame_compress(coder, text, n, &packed, &f.header), 0);
	f.payload = packed.data;
	int err = chain_append(c, &f, 1, NULL);
	buf_done(&packed);
	return err;
}

void box_append_ok(struct chain *c, unsigned count, size_t pad)
{
	assert_int_equal(box_append(c, count, pad), 0);
}

void box_fill(struct chain *c, size_t segments)
{
	while (chain_segments(c) < segments)
		box_append_ok(c, 4, FILLING / 4);
}

/* The text is that which box_append() writes for these sequences, byte by byte. */
static void judge_frame(const struct reader_frame *f)
{
	static char want[FRAME_TEXT_MAX];
	const char *pad = (const char *)memchr(f->text, ':', f->header.raw_len),
		   *end = (const char *)memchr(f->text, '\n', f->header.raw_len);

	assert_true(pad && end);
	pad = (const char *)memchr(pad + 1, ':', (size_t)(end - pad));
	assert_true(pad && end - pad >= 4);
	size_t n = write_records(
		want, f->header.first_seq, f->header.count, (size_t)(end - pad - 4));
	assert_int_equal(n, f->header.raw_len);
	assert_memory_equal(f->text, want, n);
}

struct box_seen box_read(struct box *b, const char *chain, uint64_t from)
{
	struct box_seen seen = { 0 };
	struct reader_frame f;
	struct reader *r;

	assert_int_equal(reader_new(&b->spool, chain, &r), 0);
	while (!(seen.end = reader_next(r, from, &f))) {
		judge_frame(&f);
		if (!seen.records)
			seen.first = f.header.first_seq;
		assert_true(f.header.first_seq >= from || !seen.records);
		seen.records += f.header.count;
		seen.gaps += f.gap.first != 0;
		seen.lost += f.gap.lost;
		seen.last = f.header.first_seq + f.header.count - 1;
		from = seen.last + 1;
	}
	seen.gaps += f.gap.first != 0; /* at the end of the chain */
	seen.lost += f.gap.lost;
	reader_free(r);
	return seen;
}

const char *box_segment(const struct box *b, uint64_t seq)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "rec/%020llu", (unsigned long long)seq);
	return box_path(b, name);
}

uint64_t box_nth(const struct box *b, size_t n)
{
	uint64_t *seqs, seq;
	size_t count;

	assert_int_equal(paths_list(box_path(b, "rec"), false, &seqs, &count), 0);
	assert_true(n < count);
	seq = seqs[n];
	free(seqs);
	return seq;
}

void box_poke(const char *path, long at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(lseek(fd, at, at < 0 ? SEEK_END : SEEK_SET) >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	(void)close(fd);
}

void box_flip(const char *path, long at)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char byte = 0;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	(void)close(fd);
	byte ^= 0x41;
	box_poke(path, at, &byte, 1);
}

long box_find(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	long found = -1;

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	char *all = malloc((size_t)st.st_size);
	assert_int_equal(read(fd, all, (size_t)st.st_size), st.st_size);
	for (long at = 0; at + (long)n <= st.st_size; at++)
		if (memcmp(all + at, bytes, n) == 0)
			found = at;
	free(all);
	(void)close(fd);
	return found;
}

uint32_t box_sum(const char *path)
{
	static char all[4 * BOX_MAP];
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	size_t n = fread(all, 1, sizeof(all), f);
	(void)fclose(f);
	return crc32c(all, n);
}

const char *box_data(const struct box *b, uint64_t segment)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "rec/%020llu/data.mdb", (unsigned long long)segment);
	return box_path(b, name);
}

long box_frame(const struct box *b, uint64_t segment, uint64_t first_seq)
{
	long found = -1;

	for (unsigned codec = 0; codec <= FRAME_ZSTD_DICT && found < 0; codec++) {
		char want[] = { 'E', 'S', 'P', 'F', FRAME_VERSION, (char)codec, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0 };
		for (int i = 0; i < 8; i++)
			want[8 + i] = (char)(first_seq >> 8 * i);
		found = box_find(box_data(b, segment), want, sizeof(want));
	}
	assert_true(found >= 0);
	return found;
}
