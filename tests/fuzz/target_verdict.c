/* target_verdict.c -- answers of servers: of _bulk, and of requests that failed as a whole.
 *
 * 0: documents that were sent | 1-2: status | the body */
/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

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
	enum verdict verdict = verdict_of_item(item);
	if (verdict == VERDICT_SPLIT || (verdict == VERDICT_INDEXED && item->status > 299))
		fuzz_fail("status %d gives verdict %d", item->status, (int)verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes b = bytes_of(data, n);
	struct err_detail why = { "" };
	struct items items = { 0 };
	const char *text = NULL;
	size_t sent = bytes_u8(&b);
	int status = bytes_le16(&b);

	if (!bytes_ok(&b))
		return 0;
	int err = verdict_read((const char *)b.p, bytes_left(&b), sent, each, &items, &why);
	if (items.next != (err ? 0 : sent) || (err && !*why.text))
		fuzz_fail("%zu of %zu items, error %d", items.next, sent, err);
	enum verdict verdict =
		verdict_of_request(status, (const char *)b.p, bytes_left(&b), &text);
	if (verdict == VERDICT_ALREADY_THERE || verdict == VERDICT_DEAD ||
		(verdict == VERDICT_INDEXED && status != 200))
		fuzz_fail("a request with status %d gives verdict %d", status, (int)verdict);
	return 0;
}

void fuzz_seeds(struct fuzz_seeds *s)
{
	static const struct {
		uint8_t sent;
		uint16_t status;
		const char *body;
	} answers[] = {
		{ 1, 200, "{\"took\":3,\"errors\":false,\"items\":[{\"create\":{\"_index\":\"a\",\"_id\":\"b\","
			  "\"_version\":1,\"result\":\"created\",\"_shards\":{\"total\":2},\"status\":201}}]}" },
		{ 2, 200, "{\"took\":3,\"errors\":true,\"items\":[{\"create\":{\"status\":409,\"error\":{\"type\":"
			  "\"version_conflict_engine_exception\",\"reason\":\"[x]: version conflict\"}}},"
			  "{\"create\":{\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\","
			  "\"reason\":\"rejected\"}}}]}\n" },
		{ 1, 200, "{\"items\":[{\"create\":{\"status\":403,\"error\":{\"type\":\"cluster_block_exception\","
			  "\"reason\":\"index [a] blocked by: [FORBIDDEN/12/index read-only];\"}}}]}" },
		{ 1, 200, "{\"items\":[{\"create\":{\"status\":201,\"failure_store\":\"used\"}}]}" },
		{ 0, 403, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"},\"status\":403}" },
		{ 0, 400, "{\"error\":{\"root_cause\":[],\"type\":\"illegal_argument_exception\","
			  "\"reason\":\"this action would add [2] shards\"},\"status\":400}" },
		{ 0, 413, "" },
		{ 0, 502, "<html>Bad Gateway</html>" },
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		uint8_t head[3] = { answers[i].sent, (uint8_t)answers[i].status,
			(uint8_t)(answers[i].status >> 8) };
		fuzz_keep(s, head, 3, answers[i].body, strlen(answers[i].body));
	}
}
