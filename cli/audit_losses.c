/* audit_losses.c -- what the centre holds: loss documents, and what has no number. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "audit_node_internal.h"

enum { LOSSES_PAGE = 1000 };

/* --- loss documents --- */

static void ask_losses(struct audit_node *node, const char *run, const char *seq)
{
	buf_reset(&node->body);
	buf_printf(&node->body,
		"{\"size\":%d,\"track_total_hits\":false,\"_source\":false,\"query\":{\"term\":"
		"{\"event.dataset\":\"espcap.loss\"}},\"sort\":[{\"espcap.run\":{\"order\":\"asc\","
		"\"unmapped_type\":\"keyword\"}},{\"event.sequence\":{\"order\":\"asc\","
		"\"unmapped_type\":\"long\"}}],\"docvalue_fields\":[\"espcap.run\",\"host.name\","
		"\"espcap.loss.reason\"",
		LOSSES_PAGE);
	for (const char *const *p = (const char *const[]){ "event.sequence", "espcap.loss.count",
		     "espcap.loss.repeated", "espcap.loss.first_sequence",
		     "espcap.loss.last_sequence", NULL };
		*p; p++)
		buf_printf(&node->body, ",{\"field\":\"%s\",\"format\":\"0\"}", *p);
	buf_adds(&node->body, "]");
	if (run)
		buf_printf(&node->body, ",\"search_after\":[\"%s\",%s]", run, seq);
	buf_adds(&node->body, "}");
}

static bool find_reason(const char *name, enum loss_reason *reason)
{
	for (unsigned r = 0; name && r < LOSS_REASONS; r++)
		if (strcmp(loss_name((enum loss_reason)r), name) == 0) {
			*reason = (enum loss_reason)r;
			return true;
		}
	return false;
}

/* False: not a loss document of ours. */
static bool take_loss(const cJSON *hit, struct audit_loss *l)
{
	*l = (struct audit_loss){ .run = 0 };
	audit_take_text(l->host, sizeof(l->host), audit_field(hit, "host.name"));
	(void)audit_parse_number(audit_field(hit, "espcap.loss.repeated"), &l->loss.repeated);
	(void)audit_parse_number(
		audit_field(hit, "espcap.loss.first_sequence"), &l->loss.first_seq);
	(void)audit_parse_number(audit_field(hit, "espcap.loss.last_sequence"), &l->loss.last_seq);
	return audit_parse_run(audit_field(hit, "espcap.run"), &l->run) &&
	       audit_parse_number(audit_field(hit, "event.sequence"), &l->seq) &&
	       audit_parse_number(audit_field(hit, "espcap.loss.count"), &l->loss.count) &&
	       find_reason(audit_field(hit, "espcap.loss.reason"), &l->loss.reason) &&
	       l->loss.last_seq >= l->loss.first_seq && l->loss.repeated <= l->loss.count;
}

/* Where the next page begins. */
struct place {
	char run[RECORD_ID_PART + 1], seq[24];
};

static int take_losses(const cJSON *hits, struct place *at,
	int (*each)(void *arg, const struct audit_loss *loss), void *arg)
{
	struct audit_loss loss;
	const cJSON *hit;
	int err = 0;

	cJSON_ArrayForEach(hit, hits)
	{
		if (err || !take_loss(hit, &loss))
			continue;
		char now[24], run[RECORD_ID_PART];
		(void)snprintf(now, sizeof(now), "%llu", (unsigned long long)loss.seq);
		record_id_part(loss.run, run);
		/* a copy under another _id says nothing new */
		bool again = memcmp(at->run, run, sizeof(run)) == 0 && strcmp(at->seq, now) == 0;
		(void)memcpy(at->run, run, sizeof(run));
		(void)memcpy(at->seq, now, sizeof(now));
		if (!again)
			err = each(arg, &loss);
	}
	return err;
}

int audit_node_losses(
	struct audit_node *node, int (*each)(void *arg, const struct audit_loss *loss), void *arg)
{
	struct place at = { "", "" };
	cJSON *answer;
	int n, err;

	do {
		const struct place before = at;
		ask_losses(node, *at.run ? at.run : NULL, at.seq);
		err = audit_search(node, node->indices, &answer);
		if (err)
			return err;
		n = cJSON_GetArraySize(audit_hits(answer));
		err = take_losses(audit_hits(answer), &at, each, arg);
		cJSON_Delete(answer);
		if (!err && n == LOSSES_PAGE && memcmp(&before, &at, sizeof(at)) == 0)
			return audit_nonsense(node); /* it would never end */
	} while (!err && n == LOSSES_PAGE);
	return err;
}

/* --- what has no number --- */

static int count_of(struct audit_node *node, const char *indices, const char *query, uint64_t *n)
{
	cJSON *answer;

	buf_reset(&node->body);
	buf_printf(&node->body, "{\"size\":0,\"track_total_hits\":true,\"query\":%s}", query);
	int err = audit_search(node, indices, &answer);
	if (!err && !audit_total(answer, n))
		err = audit_nonsense(node);
	cJSON_Delete(answer);
	return err;
}

int audit_node_unnumbered(struct audit_node *node, uint64_t *unnumbered, uint64_t *lite)
{
	static const char without[] =
		"{\"bool\":{\"should\":["
		"{\"bool\":{\"must_not\":{\"exists\":{\"field\":\"event.sequence\"}}}},"
		"{\"bool\":{\"must_not\":{\"exists\":{\"field\":\"espcap.run\"}}}}]}}";

	bool refused;
	int err = count_of(node, node->indices, without, unnumbered);
	if (!err)
		err = audit_refresh(node, "packets_lite", &refused);
	if (err)
		return err;
	err = count_of(node, "packets_lite", "{\"match_all\":{}}", lite);
	if (err == ERR_PERMISSION) { /* it may well be nobody's affair */
		*lite = 0;
		err = 0;
	}
	return err;
}
