/* target_ack.c -- the two-slot files of the spool: `ack` and `first`.
 *
 * 0: REPAIR puts magic, version, epoch and CRC of each slot right; FIRST: the file `first`
 * | both slots */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "crc32c.h"
#include "fuzz.h"
#include "wire.h"

enum { REPAIR = 1, FIRST = 2, EPOCH = 99, LENGTH_AT = 24, CRC_AT = 28, FILE_SIZE = 2 * SLOTS_SIZE };
static const uint32_t MAGIC_ACK = 0x41505345, MAGIC_FIRST = 0x46545345;

static void write_file(const char *name, const uint8_t *p, size_t n)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd) != 0)
		abort();
}

static void repair(uint8_t *slot, uint32_t magic)
{
	struct wire w = { slot };
	struct bytes length = bytes_of(slot + LENGTH_AT, 4);
	uint32_t n = bytes_le32(&length);

	wire_u32(&w, magic);
	wire_u32(&w, 1);
	w.p = slot + 16;
	wire_u64(&w, EPOCH);
	w.p = slot + CRC_AT;
	wire_u32(&w, 0);
	if (n > SLOTS_CONTENTS)
		return;
	w.p = slot + CRC_AT;
	wire_u32(&w, crc32c(slot, SLOTS_HEADER + n));
}

/* What ack.h promises of every chain that is handed out. */
static void check_chain(const struct ack_chain *c)
{
	uint64_t above = c->frontier;

	if (c->nranges > ACK_RANGES_MAX)
		fuzz_fail("%u ranges", c->nranges);
	for (unsigned i = 0; i < c->nranges; i++) {
		const struct ack_range *r = &c->ranges[i];
		if (r->first <= above || r->last < r->first)
			fuzz_fail("ranges that do not rise");
		if (!ack_covers(c, r->first, r->last))
			fuzz_fail("a range that does not cover itself");
		above = r->last;
	}
	if (ack_highest(c) != above)
		fuzz_fail("the highest is %llu", (unsigned long long)ack_highest(c));
	(void)ack_settled_in(c, 1, UINT64_MAX);
	(void)ack_sum(&c->counts);
	if (c->frontier && !ack_covers(c, 1, c->frontier))
		fuzz_fail("the frontier is not covered");
}

/* What was read can be written, and is the same when it is read again. */
static void read_ack(void)
{
	static struct ack ack, older, again;
	struct slots s;
	struct err_detail why;

	if (ack_open(&s, fuzz_folder(), EPOCH, true, &why))
		fuzz_fail("%s", why.text);
	ack_read(&s, &ack, &older);
	for (int i = 0; i < ACK_CHAINS; i++) {
		check_chain(&ack.chain[i]);
		check_chain(&older.chain[i]);
	}
	if (s.gen < UINT64_MAX) {
		if (ack_write(&s, &ack))
			fuzz_fail("an ack cannot be written");
		ack_read(&s, &again, NULL);
		for (int i = 0; i < ACK_CHAINS; i++)
			if (again.chain[i].frontier != ack.chain[i].frontier ||
				again.chain[i].nranges != ack.chain[i].nranges)
				fuzz_fail("an ack does not come back as it was");
	}
	slots_close(&s);
}

static void read_first(void)
{
	struct first first, again;
	struct slots s;
	struct err_detail why;

	if (first_open(&s, fuzz_folder(), EPOCH, true, &why))
		fuzz_fail("%s", why.text);
	first_read(&s, &first);
	if (first.first_seq == 0)
		fuzz_fail("sequence 0 is the first");
	if (s.gen < UINT64_MAX) {
		if (first_write(&s, &first))
			fuzz_fail("first cannot be written");
		first_read(&s, &again);
		if (again.first_seq != first.first_seq || again.trimmed != first.trimmed)
			fuzz_fail("first does not come back as it was");
	}
	slots_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t file[FILE_SIZE];

	if (n < 1 || n > FILE_SIZE + 1)
		return 0;
	bool is_first = data[0] & FIRST;
	memset(file, 0, sizeof(file));
	memcpy(file, data + 1, n - 1);
	for (int i = 0; data[0] & REPAIR && i < 2; i++)
		repair(file + (size_t)i * SLOTS_SIZE, is_first ? MAGIC_FIRST : MAGIC_ACK);
	write_file(is_first ? "first" : "ack", file, data[0] & REPAIR ? FILE_SIZE : n - 1);
	if (is_first)
		read_first();
	else
		read_ack();
	return 0;
}

/* --- seeds: what our own writers store --- */

static void read_back(const struct ack *wrote)
{
	static struct ack ack;
	struct slots s;
	struct err_detail why;

	if (ack_open(&s, fuzz_folder(), EPOCH, false, &why))
		fuzz_fail("%s", why.text);
	ack_read(&s, &ack, NULL);
	const struct ack_chain *a = &wrote->chain[ACK_REC], *b = &ack.chain[ACK_REC];
	if (a->frontier != b->frontier || a->nranges != b->nranges ||
		a->counts.dead != b->counts.dead || a->ranges[1].last != b->ranges[1].last)
		fuzz_fail("an ack does not come back as it was");
	slots_close(&s);
}

static void keep_file(struct fuzz_seeds *seeds, const char *name, uint8_t mode)
{
	uint8_t file[FILE_SIZE];
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, file, FILE_SIZE) != FILE_SIZE || close(fd) != 0)
		abort();
	fuzz_keep(seeds, &mode, 1, file, FILE_SIZE);
	mode |= REPAIR;
	fuzz_keep(seeds, &mode, 1, file, FILE_SIZE);
}

void fuzz_seeds(struct fuzz_seeds *seeds)
{
	static struct ack ack = { .chain[ACK_REC] = { .frontier = 100,
					  .counts = { .indexed = 90, .dead = 10 },
					  .ranges = { { 110, 120, 11, 0, 0, 0, 0, 0 },
						  { 130, 131, 2, 0, 0, 0, 0, 0 } },
					  .nranges = 2 } };
	struct first first = { .first_seq = 42, .trimmed = 41 };
	struct slots s;
	struct err_detail why;

	if (ack_open(&s, fuzz_folder(), EPOCH, true, &why) || ack_write(&s, &ack) ||
		ack_write(&s, &ack))
		abort();
	slots_close(&s);
	read_back(&ack);
	keep_file(seeds, "ack", 0);
	if (first_open(&s, fuzz_folder(), EPOCH, true, &why) || first_write(&s, &first) ||
		first_write(&s, &first))
		abort();
	slots_close(&s);
	keep_file(seeds, "first", FIRST);
}
