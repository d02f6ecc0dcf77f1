/* verdict.c -- what a server's answer means for each record. Pure.
 *
 * Nothing is inferred from a 2xx status alone, from the flag `errors`, or from a substring of the
 * body: the items decide, and an answer whose items cannot all be read settles nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include <string.h>

#include <cjson/cJSON.h>

struct row {
	int from, to;              /* status */
	const char *type, *reason; /* substrings; NULL: any */
	enum verdict verdict;
};

/* First row that fits. A cluster block names its index as "index [NAME] blocked by: [...]"; that
 * of the whole cluster has no index in front. A reason is looked at only under a type that never
 * quotes the document: a packet must not be able to write what pauses the shipper. */
static const struct row rows[] = {
	{ 200, 201, NULL, NULL, VERDICT_INDEXED },
	{ 409, 409, NULL, NULL, VERDICT_ALREADY_THERE },
	{ 403, 429, "cluster_block_exception", "flood-stage", VERDICT_PAUSE_ALL },
	{ 403, 429, "cluster_block_exception", "index [", VERDICT_PAUSE_INDEX },
	{ 403, 429, "cluster_block_exception", NULL, VERDICT_PAUSE_ALL },
	{ 429, 429, NULL, NULL, VERDICT_AGAIN },
	{ 401, 401, NULL, NULL, VERDICT_PAUSE_ALL },
	{ 403, 403, "security_exception", NULL, VERDICT_PAUSE_ALL },
	{ 404, 404, "index_not_found_exception", NULL, VERDICT_PAUSE_INDEX },
	{ 400, 400, "index_closed_exception", NULL, VERDICT_PAUSE_INDEX },
	{ 400, 400, "invalid_index_name_exception", NULL, VERDICT_PAUSE_INDEX },
	{ 400, 400, "validation_exception", "this action would add", VERDICT_PAUSE_ALL },
	{ 400, 400, "illegal_argument_exception", "this action would add", VERDICT_PAUSE_ALL },
	{ 400, 400, "illegal_argument_exception", "pipeline with id [", VERDICT_PAUSE_INDEX },
	{ 400, 400, "illegal_argument_exception", "no matching index template found",
		VERDICT_PAUSE_INDEX },
	{ 400, 404, "resource_not_found_exception", "is not a data stream", VERDICT_PAUSE_INDEX },
	{ 400, 400, NULL, NULL, VERDICT_DEAD },
	{ 501, 501, NULL, NULL, VERDICT_ALONE },
	{ 500, 599, NULL, NULL, VERDICT_AGAIN },
	{ 100, 599, NULL, NULL, VERDICT_ALONE },
};

static bool fits(const struct row *row, const struct verdict_item *item)
{
	return item->status >= row->from && item->status <= row->to &&
	       (!row->type || strstr(item->type, row->type)) &&
	       (!row->reason || strstr(item->reason, row->reason));
}

enum verdict verdict_of_item(const struct verdict_item *item)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fits(&rows[i], item))
			return rows[i].verdict;
	return VERDICT_AGAIN;
}

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : "";
}

/* The result of one item, or NULL when it is not exactly {"create":{"status":N,...}}. */
static const cJSON *result_of(const cJSON *item)
{
	const cJSON *result = item->child;
	const cJSON *status;

	if (!cJSON_IsObject(item) || !result || result->next || !result->string ||
		strcmp(result->string, "create") != 0 || !cJSON_IsObject(result))
		return NULL;
	status = cJSON_GetObjectItemCaseSensitive(result, "status");
	if (!cJSON_IsNumber(status) || status->valuedouble != status->valueint ||
		status->valueint < 100 || status->valueint > 599)
		return NULL;
	return result;
}

static size_t count_good(const cJSON *items, bool *all_good)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach(item, items)
	{
		n++;
		*all_good = *all_good && result_of(item);
	}
	return n;
}

static void hand_out(const cJSON *items,
	void (*each)(void *arg, size_t i, const struct verdict_item *item), void *arg)
{
	const cJSON *element;
	size_t i = 0;

	cJSON_ArrayForEach(element, items)
	{
		const cJSON *result = element->child;
		const cJSON *error = cJSON_GetObjectItemCaseSensitive(result, "error");
		const cJSON *status = cJSON_GetObjectItemCaseSensitive(result, "status");
		struct verdict_item item = {
			.status = status->valueint,
			.type = text_of(error, "type"),
			.reason = text_of(error, "reason"),
			.failure_store = strcmp(text_of(result, "failure_store"), "used") == 0,
		};
		each(arg, i++, &item);
	}
}

int verdict_read(const char *body, size_t n, size_t sent,
	void (*each)(void *arg, size_t i, const struct verdict_item *item), void *arg,
	struct err_detail *why)
{
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithLengthOpts(body, n, &end, false);
	bool good = true;
	int err = 0;

	if (root)
		while (end < body + n &&
			(*end == ' ' || *end == '\n' || *end == '\r' || *end == '\t'))
			end++;
	const cJSON *items = cJSON_GetObjectItemCaseSensitive(root, "items");
	size_t count = count_good(items, &good);
	if (!root || end != body + n || !cJSON_IsArray(items))
		err = err_set(why, ERR_INPUT, "the answer is no complete answer of _bulk");
	else if (count != sent)
		err = err_set(
			why, ERR_INPUT, "the answer has %zu items for %zu documents", count, sent);
	else if (!good)
		err = err_set(why, ERR_INPUT, "the answer has an item that is no answer to create");
	if (!err)
		hand_out(items, each, arg);
	cJSON_Delete(root);
	return err;
}

/* --- whole requests --- */

static const struct {
	int from, to;
	enum verdict verdict;
	const char *text;
} requests[] = {
	{ 200, 200, VERDICT_INDEXED, NULL },
	{ 401, 401, VERDICT_PAUSE_ALL, "the server does not accept password, key or token" },
	{ 403, 403, VERDICT_PAUSE_ALL, "the server forbids it; user, key or token lacks a right" },
	{ 407, 407, VERDICT_PAUSE_ALL, "a proxy wants credentials" },
	{ 413, 413, VERDICT_SPLIT, "the request is too large" },
	{ 400, 400, VERDICT_SPLIT, "the server refuses the request as a whole" },
	{ 404, 404, VERDICT_PAUSE_INDEX, "the server knows no such index" },
	{ 429, 429, VERDICT_AGAIN, "the server is busy" },
	{ 300, 399, VERDICT_PAUSE_ALL, "this is not Elasticsearch: it answers with a redirect" },
	{ 500, 599, VERDICT_AGAIN, "the server is in trouble" },
};

enum verdict verdict_of_request(int status, const char *body, size_t n, const char **text)
{
	struct verdict_item item = { .status = status, .type = "", .reason = "" };
	enum verdict verdict = VERDICT_AGAIN;
	const char *words = "the server answers with an odd status";

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (status < requests[i].from || status > requests[i].to)
			continue;
		verdict = requests[i].verdict;
		words = requests[i].text;
		break;
	}
	cJSON *root = status == 200 ? NULL : cJSON_ParseWithLength(body, n);
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(root, "error");
	item.type = text_of(error, "type");
	item.reason = text_of(error, "reason");
	/* an error of the kind that items have (a block, no such index) means the same here */
	if (*item.type && (status == 400 || status == 403 || status == 404 || status == 429)) {
		enum verdict by_type = verdict_of_item(&item);
		if (by_type == VERDICT_PAUSE_INDEX || by_type == VERDICT_PAUSE_ALL)
			verdict = by_type;
	}
	cJSON_Delete(root);
	if (text)
		*text = words;
	return verdict;
}
