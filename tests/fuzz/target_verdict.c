/* target_verdict.c -- answers of servers: of _bulk, and of requests that failed as a whole.
 *
 * 0: documents that were sent | 1-2: status | the body */
/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "fuzz.h"

struct items {
	size_t next;
};

static void each(void *arg, size_t i, const struct verdict_item *item)
{
	struct items *items = arg;

	if (i != items->next++)
		fuzz_fail("item %zu out of order", i);
	if (item->status < 100 || item->status > 599 || !item->type || !item->reason)
		fuzz_fail("item %zu with status %d", i, item->status);
	const char *row = NULL;
	enum verdict verdict = verdict_of_item(item, &row);
	if (!row || !*row || verdict == VERDICT_SPLIT || verdict == VERDICT_FOREIGN ||
		(verdict == VERDICT_INDEXED && item->status > 299))
		fuzz_fail("status %d gives verdict %d", item->status, (int)verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes b = bytes_of(data, n);
	struct err_detail why = { "" };
	struct items items = { 0 };
	struct verdict_whole whole;
	size_t sent = bytes_u8(&b);
	int status = bytes_le16(&b);

	if (!bytes_ok(&b))
		return 0;
	int err = verdict_read((const char *)b.p, bytes_left(&b), sent, each, &items, &why);
	if (items.next != (err ? 0 : sent) || (err && !*why.text))
		fuzz_fail("%zu of %zu items, error %d", items.next, sent, err);
	verdict_of_request(status, (const char *)b.p, bytes_left(&b), &whole);
	if (whole.verdict == VERDICT_ALREADY_THERE || whole.verdict == VERDICT_DEAD ||
		(whole.verdict == VERDICT_INDEXED && status != 200) ||
		(whole.verdict == VERDICT_SPLIT && status != 413 && !*whole.type))
		fuzz_fail("a request with status %d gives verdict %d", status, (int)whole.verdict);
	return 0;
}

/* --- seeds --- */

static void keep(struct fuzz_seeds *s, uint8_t sent, uint16_t status, const char *body)
{
	uint8_t head[3] = { sent, (uint8_t)status, (uint8_t)(status >> 8) };

	fuzz_keep(s, head, 3, body, strlen(body));
}

/* The same error as an item's and as that of the whole request. */
static void keep_error(struct fuzz_seeds *s, uint16_t status, const char *type, const char *reason)
{
	static const char item[] =
		"{\"took\":3,\"errors\":true,\"items\":[{\"create\":{\"_index\":\"a\",\"_id\":"
		"\"b\","
		"\"status\":%u,\"error\":{\"type\":\"%s\",\"reason\":\"%s\"}}}]}\n";
	static const char whole[] =
		"{\"error\":{\"root_cause\":[],\"type\":\"%2$s\",\"reason\":\"%3$s\"},"
		"\"status\":%1$u}";
	char body[512];

	(void)snprintf(body, sizeof(body), item, status, type, reason);
	keep(s, 1, 200, body);
	(void)snprintf(body, sizeof(body), whole, status, type, reason);
	keep(s, 0, status, body);
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	keep_error(s, 409, "version_conflict_engine_exception", "[x]: version conflict");
	keep_error(s, 429, "es_rejected_execution_exception", "rejected");
	keep_error(s, 403, "cluster_block_exception", "index [a] blocked by: [FORBIDDEN/12/x];");
	keep_error(s, 400, "illegal_argument_exception", "this action would add [2] shards");
	keep_error(s, 403, "security_exception", "no");
	keep(s, 1, 200, "{\"items\":[{\"create\":{\"status\":201,\"failure_store\":\"used\"}}]}");
	keep(s, 2, 200,
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":200}}]}");
	keep(s, 0, 413, "");
	keep(s, 0, 502, "<html>Bad Gateway</html>");
}
