/* audit_answer.c -- members of a server's answers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_node_internal.h"

const cJSON *audit_get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *audit_text(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(audit_get(object, key));
}

bool audit_count(const cJSON *item, uint64_t *n)
{
	if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 9007199254740992.)
		return false;
	*n = (uint64_t)item->valuedouble;
	return true;
}

int audit_nonsense(struct audit_node *node)
{
	return err_set(&node->why, ERR_INPUT, "the server's answer is not what was asked for");
}

bool audit_parse_number(const char *text, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = text ? strtoull(text, &end, 10) : 0;
	return text && *text >= '0' && *text <= '9' && *end == '\0' && !errno;
}

/* The first value of a field of a hit, as text. */
const char *audit_field(const cJSON *hit, const char *name)
{
	return cJSON_GetStringValue(
		cJSON_GetArrayItem(audit_get(audit_get(hit, "fields"), name), 0));
}

const cJSON *audit_hits(const cJSON *answer)
{
	return audit_get(audit_get(answer, "hits"), "hits");
}

bool audit_total(const cJSON *answer, uint64_t *n)
{
	const cJSON *total = audit_get(audit_get(answer, "hits"), "total");
	const char *relation = audit_text(total, "relation");

	return relation && strcmp(relation, "eq") == 0 && audit_count(audit_get(total, "value"), n);
}

bool audit_parse_run(const char *text, uint64_t *run)
{
	char id[RECORD_ID_LEN + 1];
	uint64_t seq;

	if (!text || strlen(text) != RECORD_ID_PART)
		return false;
	(void)snprintf(id, sizeof(id), "%s%s", text, text);
	return record_id_parse(id, run, &seq) == 0;
}

void audit_take_text(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "");
	for (char *p = out; *p; p++) /* it goes to a terminal */
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}
