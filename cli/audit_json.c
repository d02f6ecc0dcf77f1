/* audit_json.c -- espcap audit: its findings as one JSON object on one line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "json.h"

enum { PIECE_MAX = 16384 };

/* Objects are printed one by one, so that memory does not grow with their number. */
struct piece {
	char memory[PIECE_MAX];
	struct json j;
	bool more; /* a comma comes first */
};

static void begin(struct piece *p)
{
	json_init(&p->j, p->memory, sizeof(p->memory));
	json_open(&p->j, NULL);
}

static void end(struct piece *p)
{
	json_close(&p->j);
	(void)printf("%s%.*s", p->more ? "," : "", (int)json_len(&p->j), p->memory);
	p->more = true;
}

static void json_run(struct json *j, const char *key, uint64_t run)
{
	char id[RECORD_ID_PART];

	record_id_part(run, id);
	json_strn(j, key, id, sizeof(id));
}

static void json_text(struct json *j, const char *key, const char *text)
{
	if (*text)
		json_str(j, key, text);
}

static void json_range(struct json *j, struct audit_range r)
{
	json_u64(j, "first_sequence", r.first);
	json_u64(j, "last_sequence", r.last);
}

static void print_head(struct piece *p, const struct audit *a, const struct audit_run *r)
{
	static const char *const origins[] = { "other", "held", "earlier", "foreign" };
	struct json *j = &p->j;

	begin(p);
	json_run(j, "run", r->ends.run);
	json_text(j, "sensor", r->ends.host);
	json_text(j, "begin", r->ends.begin);
	json_text(j, "end", r->ends.end);
	json_range(j, r->range);
	json_u64(j, "documents", r->documents);
	json_u64(j, "lost", r->fates[AUDIT_LOST]);
	json_u64(j, "dead", r->fates[AUDIT_DEAD]);
	json_u64(j, "waiting", r->fates[AUDIT_WAITING]);
	json_u64(j, "skipped", r->fates[AUDIT_SKIPPED]);
	json_u64(j, "holes", r->fates[AUDIT_HOLE]);
	json_u64(j, "unclear", r->fates[AUDIT_UNCLEAR]);
	json_u64(j, "doubles", r->doubles);
	if (a->has_spool)
		json_str(j, "spool", origins[r->origin]);
	json_array_open(j, "ranges");
	(void)printf("%s%.*s", p->more ? "," : "", (int)json_len(j), p->memory);
	p->more = false;
}

static void print_holes(const struct audit_run *r)
{
	struct piece p = { .more = false };

	for (size_t i = 0; i < r->nholes; i++) {
		begin(&p);
		json_range(&p.j, r->holes[i].range);
		json_u64(&p.j, "count", r->holes[i].count);
		json_bool(&p.j, "unclear", r->holes[i].unclear);
		end(&p);
	}
}

static int print_double(struct audit *a, const struct audit_run *r, size_t i, struct piece *p)
{
	char where[AUDIT_SHOWN_MAX][AUDIT_WHERE_MAX];
	const struct audit_double *d = &r->twice[i];
	size_t n = 0;

	/* the places of all would be a request for each */
	int err = i < AUDIT_SHOWN_MAX ? audit_node_where(&a->node, r->ends.run, d->seq, where,
						AUDIT_SHOWN_MAX, &n)
				      : 0;
	if (err)
		return err;
	begin(p);
	json_u64(&p->j, "sequence", d->seq);
	json_u64(&p->j, "documents", d->documents);
	if (n)
		json_array_open(&p->j, "where");
	for (size_t at = 0; at < n; at++)
		json_str(&p->j, NULL, where[at]);
	if (n)
		json_array_close(&p->j);
	end(p);
	return 0;
}

static int print_run(struct piece *p, struct audit *a, const struct audit_run *r)
{
	struct piece doubles = { .more = false };
	int err = 0;

	print_head(p, a, r);
	print_holes(r);
	(void)fputs("],\"twice\":[", stdout);
	for (size_t i = 0; i < r->ntwice && !err; i++)
		err = print_double(a, r, i, &doubles);
	(void)fputs("]}", stdout);
	p->more = true;
	return err;
}

static void print_losses(const struct audit *a)
{
	struct piece p = { .more = false };

	for (size_t i = 0; i < a->facts.nregions; i++) {
		const struct audit_region *r = &a->facts.regions[i];
		if (r->skips)
			continue;
		begin(&p);
		json_text(&p.j, "sensor", r->host);
		json_range(&p.j, r->range);
		json_u64(&p.j, "count", r->count);
		json_array_open(&p.j, "reasons");
		for (unsigned reason = 0; reason < LOSS_REASONS; reason++)
			if (r->reasons & 1U << reason)
				json_str(&p.j, NULL, loss_name((enum loss_reason)reason));
		json_array_close(&p.j);
		end(&p);
	}
}

static void print_sums(const struct audit *a, const char *node)
{
	struct piece p;
	struct json *j = &p.j;

	begin(&p);
	json_bool(j, "complete", audit_complete(a));
	json_str(j, "node", node);
	json_str(j, "indices", a->node.indices);
	json_u64(j, "lite", a->lite);
	json_u64(j, "unnumbered", a->unnumbered);
	json_u64(j, "alien", a->alien);
	json_u64(j, "other_runs", a->others);
	json_bool(j, "refreshed", !a->node.refresh_refused);
	json_open(j, "lost_without_numbers");
	for (unsigned r = 0; r < LOSS_REASONS; r++)
		json_u64(j, loss_name((enum loss_reason)r), a->lost_unnumbered[r]);
	json_close(j);
	if (a->has_spool) {
		json_open(j, "spool");
		json_str(j, "spool", a->spool.st.spool.dir);
		json_u64(j, "committed", a->spool.st.rec.totals.committed);
		json_u64(j, "backlog", a->spool.st.backlog);
		if (a->not_compared) {
			json_str(j, "not_compared", a->not_compared);
		} else {
			json_u64(j, "settled", a->settled);
			json_u64(j, "there", a->there);
			json_u64(j, "lacking", audit_lacking(a));
		}
		json_close(j);
	}
	(void)printf("%.*s", (int)json_len(j), p.memory);
}

int audit_print_json(struct audit *a, const char *node)
{
	struct piece p = { .more = false };
	int err = 0;

	print_sums(a, node);
	(void)fputs(",\"losses\":[", stdout);
	print_losses(a);
	(void)fputs("],\"runs\":[", stdout);
	for (size_t i = 0; i < a->nruns && !err; i++)
		if (a->runs[i].looked)
			err = print_run(&p, a, &a->runs[i]);
	(void)fputs("]}\n", stdout);
	return err;
}
