/* budget.c -- so many bytes a day, counted durably. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "budget.h"

#include "bytes.h"
#include "paths.h"
#include "wire.h"

static const uint32_t BUDGET_MAGIC = 0x42505345; /* "ESPB" */
static const int64_t DAY_MS = 86400000;

enum {
	BUDGET_BYTES = 3 * 8,
	STEPS = 50,
	STEP_MIN = 4 << 10,
	STEP_MAX = 8 << 20,
};

static void read_file(struct budget *b)
{
	int newer = slots_read(&b->slots);

	if (newer < 0 || b->slots.len[newer] != BUDGET_BYTES)
		return;
	struct bytes all = bytes_of(b->slots.contents[newer], b->slots.len[newer]);
	b->day = (int64_t)bytes_le64(&all);
	b->used = b->claimed = bytes_le64(&all);
	b->since_ms = (int64_t)bytes_le64(&all);
}

int budget_open(struct budget *b, const char *dir, uint64_t epoch, int64_t limit, int64_t now_ms,
	struct err_detail *why)
{
	char path[PATHS_MAX];

	*b = (struct budget){ .slots = { .fd = -1 }, .limit = limit, .day = -1, .look_ms = now_ms };
	if (!limit)
		return 0;
	if (paths_join(path, dir, "budget"))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	int err = slots_open(&b->slots, path, BUDGET_MAGIC, epoch, true, why);
	if (!err)
		read_file(b);
	return err;
}

static int put(struct budget *b, uint64_t claimed)
{
	uint8_t packed[BUDGET_BYTES] = { 0 };
	struct wire w = { packed };

	wire_u64(&w, (uint64_t)b->day);
	wire_u64(&w, claimed);
	wire_u64(&w, (uint64_t)b->since_ms);
	int err = slots_write(&b->slots, packed, sizeof(packed));
	if (!err) {
		b->claimed = claimed;
		b->unsaved = false;
	}
	return err;
}

int budget_save(struct budget *b)
{
	return b->limit && b->day >= 0 ? put(b, b->used) : 0;
}

void budget_close(struct budget *b)
{
	slots_close(&b->slots);
}

bool budget_look(struct budget *b, int64_t day, int64_t now_ms)
{
	if (!b->limit)
		return false;
	b->since_ms += now_ms > b->look_ms ? now_ms - b->look_ms : 0;
	b->look_ms = now_ms;
	if (day == b->day || (day < b->day && b->since_ms < DAY_MS))
		return false;
	bool first = b->day < 0;
	b->day = day;
	b->used = b->claimed = 0;
	b->since_ms = 0;
	b->unsaved = true;
	return !first;
}

bool budget_allows(const struct budget *b, uint64_t bytes)
{
	return !b->limit || b->used + bytes <= (uint64_t)b->limit;
}

int budget_claim(struct budget *b, uint64_t bytes)
{
	uint64_t need = b->used + bytes, limit = (uint64_t)b->limit, step = limit / STEPS;

	if (!b->limit || (need <= b->claimed && !b->unsaved))
		return 0;
	step = step < STEP_MIN ? STEP_MIN : step > STEP_MAX ? STEP_MAX : step;
	uint64_t claim = need + step < limit ? need + step : need > limit ? need : limit;
	return put(b, claim);
}

void budget_spend(struct budget *b, uint64_t bytes)
{
	b->used += bytes;
}
