/* audit_node.c -- what the centre holds: asking, and what can go wrong with it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_node_internal.h"

enum { BODY_MAX = 1 << 20, ANSWER_MAX = 24 << 20, PATH_TEXT_MAX = AUDIT_INDICES_MAX + 300 };

void audit_node_init(struct audit_node *node)
{
	*node = (struct audit_node){ .ask = { .to = -1, .from = -1 } };
	buf_init(&node->body, BODY_MAX);
	buf_init(&node->answer, ANSWER_MAX);
}

void audit_node_done(struct audit_node *node)
{
	audit_ask_end(&node->ask);
	buf_done(&node->body);
	buf_done(&node->answer);
}

/* --- answers --- */

/* A reason from a server, in one line and not too long. */
static void say_reason(const cJSON *error, char *out, size_t size)
{
	const cJSON *cause = cJSON_GetArrayItem(audit_get(error, "root_cause"), 0);
	const char *text = audit_text(cause ? cause : error, "reason");

	if (!text)
		text = cJSON_GetStringValue(error);
	(void)snprintf(out, size, "%s%.250s", text ? ": " : "", text ? text : "");
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
}

static int refused(struct audit_node *node, int status, const cJSON *error)
{
	char reason[300];

	say_reason(error, reason, sizeof(reason));
	if (status == 401)
		return err_set(&node->why, ERR_PERMISSION, "the server wants a user (status 401%s)",
			reason);
	if (status == 403)
		return err_set(&node->why, ERR_PERMISSION,
			"the server forbids to read %s (status 403%s)", node->indices, reason);
	if (strstr(reason, "ielddata") || strstr(reason, "not optimised for operations"))
		return err_set(&node->why, ERR_INPUT,
			"an index of %s was made without espcap's template, and cannot be "
			"audited%s",
			node->indices, reason);
	return err_set(
		&node->why, ERR_INPUT, "the server answers with status %d%s", status, reason);
}

static int no_server(struct audit_node *node)
{
	return err_set(&node->why, ERR_INPUT,
		"what answers there is neither Elasticsearch nor OpenSearch");
}

static int transport(struct audit_node *node, int err)
{
	if (err == ERR_STOPPED || err == ERR_END)
		return err;
	return err_set(&node->why, err, "cannot ask through espcap-ship: %s", err_text(err));
}

/* Is an answer of one search whole? */
static int check_search(struct audit_node *node, const cJSON *answer)
{
	const cJSON *shards = audit_get(answer, "_shards"), *error = audit_get(answer, "error");
	const cJSON *status = audit_get(answer, "status");
	uint64_t failed = 0;

	if (error)
		return refused(node, cJSON_IsNumber(status) ? status->valueint : 0, error);
	if (!cJSON_IsObject(audit_get(answer, "hits")) ||
		!audit_count(audit_get(shards, "failed"), &failed))
		return no_server(node);
	if (failed || !cJSON_IsFalse(audit_get(answer, "timed_out")))
		return err_set(&node->why, ERR_AGAIN,
			"the server answers only in part (%llu shards failed or it took too long), "
			"so nothing can be said",
			(unsigned long long)failed);
	return 0;
}

static int post(struct audit_node *node, const char *path, cJSON **answer)
{
	int status = 0;

	*answer = NULL;
	if (node->body.failed)
		return err_set(&node->why, ERR_TOO_BIG, "a question is too long");
	int err = audit_ask(&node->ask, "POST", path, &node->body, &status, &node->answer);
	if (err)
		return transport(node, err);
	if (!status)
		return err_set(&node->why, ERR_SYS, "%.400s", buf_str(&node->answer));
	cJSON *root = cJSON_ParseWithLength(node->answer.data, node->answer.len);
	if (status != 200 || !root)
		err = status == 200 ? no_server(node)
				    : refused(node, status, audit_get(root, "error"));
	if (err)
		cJSON_Delete(root);
	else
		*answer = root;
	return err;
}

int audit_search(struct audit_node *node, const char *indices, cJSON **answer)
{
	char path[PATH_TEXT_MAX];

	(void)snprintf(path, sizeof(path),
		"/%s/_search?filter_path=timed_out,_shards.failed,hits.total,hits.hits,aggregations"
		"&allow_partial_search_results=false&ignore_unavailable=true"
		"&preference=espcap-audit",
		indices);
	int err = post(node, path, answer);
	if (!err)
		err = check_search(node, *answer);
	if (err) {
		cJSON_Delete(*answer);
		*answer = NULL;
	}
	return err;
}

void audit_msearch_begin(struct audit_node *node)
{
	buf_reset(&node->body);
}

void audit_msearch_next(struct audit_node *node)
{
	buf_adds(&node->body, "{\"ignore_unavailable\":true,\"preference\":\"espcap-audit\","
			      "\"allow_partial_search_results\":false}\n");
}

int audit_msearch(struct audit_node *node, size_t n, cJSON **answer)
{
	char path[PATH_TEXT_MAX];

	(void)snprintf(path, sizeof(path),
		"/%s/_msearch?filter_path=responses.timed_out,responses._shards.failed,"
		"responses.hits.total,responses.hits.hits,responses.error,responses.status,error",
		node->indices);
	int err = post(node, path, answer);
	const cJSON *responses = err ? NULL : audit_get(*answer, "responses"), *one;
	if (!err && cJSON_GetArraySize(responses) != (int)n)
		err = no_server(node);
	cJSON_ArrayForEach(one, responses)
	{
		if (!err)
			err = check_search(node, one);
	}
	if (err) {
		cJSON_Delete(*answer);
		*answer = NULL;
	}
	return err;
}

/* --- what needs no search --- */

int audit_node_greet(struct audit_node *node)
{
	int status = 0;

	int err = audit_ask(&node->ask, "GET", "/", NULL, &status, &node->answer);
	if (err)
		return transport(node, err);
	if (!status)
		return err_set(&node->why, ERR_SYS, "%.400s", buf_str(&node->answer));
	if (status == 401)
		return refused(node, status, NULL);
	if (status != 200)
		return 0; /* a search will tell: a sensor's user may not ask this */
	cJSON *root = cJSON_ParseWithLength(node->answer.data, node->answer.len);
	bool known = audit_text(audit_get(root, "version"), "number") != NULL;
	cJSON_Delete(root);
	return known ? 0 : no_server(node);
}

int audit_refresh(struct audit_node *node, const char *indices, bool *refused)
{
	char path[PATH_TEXT_MAX];
	int status = 0;

	(void)snprintf(path, sizeof(path), "/%s/_refresh?ignore_unavailable=true", indices);
	buf_reset(&node->body);
	int err = audit_ask(&node->ask, "POST", path, NULL, &status, &node->answer);
	if (err)
		return transport(node, err);
	if (!status)
		return err_set(&node->why, ERR_SYS, "%.400s", buf_str(&node->answer));
	*refused = status != 200;
	return 0;
}

int audit_node_refresh(struct audit_node *node)
{
	return audit_refresh(node, node->indices, &node->refresh_refused);
}
