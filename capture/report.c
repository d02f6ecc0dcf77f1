/* report.c -- what espcap-capture tells while it runs and at its end. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <unistd.h>

#include "clock.h"
#include "decode.h"
#include "json.h"
#include "log.h"

enum {
	LINE_MAX_BYTES = 1024,
	LOSS_TEXT = 512,
	SLOW_MS = 5000,
	SLOW_REPEAT_MS = 600000,
	REPEAT_MS = 60000,
	COMMIT_POWER_MIN = 7,
	COMMIT_POWER_MAX = 32,
};

void report_linktype(void *report, uint32_t linktype)
{
	struct report *r = report;

	if (decode_knows_linktype(linktype) || r->nwarned == REPORT_WARNED_MAX)
		return;
	for (unsigned i = 0; i < r->nwarned; i++)
		if (r->warned[i] == linktype)
			return;
	r->warned[r->nwarned++] = linktype;
	log_warn("%s has link type %u (%s), which espcap does not decode: %s", r->source_name,
		linktype, source_linktype_name((int)linktype),
		r->documents ? "its documents hold the frame's own fields only"
			     : "no TCP packets are found in it");
}

void report_source(struct report *r, const struct source *source, const char *name)
{
	int linktype = source_linktype(source);

	r->source_name = name;
	r->nwarned = 0;
	if (linktype >= 0)
		report_linktype(r, (uint32_t)linktype);
}

/* Packets that the kernel dropped since the last look: a loss like any other (C-6). */
static void count_drops(struct report *r, struct feed *feed, struct source *source)
{
	struct source_counts counts;

	if (!source_count(source, &counts) || counts.dropped <= r->kernel_dropped)
		return;
	struct loss loss = { .reason = LOSS_KERNEL_DROP,
		.count = counts.dropped - r->kernel_dropped,
		.end_ns = clock_wall_ns() };
	loss.start_ns = loss.end_ns - 1000000000;
	r->kernel_dropped = counts.dropped;
	feed->counts.kernel_dropped += loss.count;
	if (r->writer)
		writer_lost(r->writer, &loss);
}

static const char *what_waits_for(int error)
{
	return error == ERR_SPOOL_FULL
		       ? "nothing is lost, waiting until espcap-ship or somebody makes room"
		       : "nothing is lost, trying again";
}

/* A disk that now takes records and now does not is told of once a minute. */
static void log_state(struct report *r, const struct writer_status *status)
{
	if (status->state == r->state)
		return;
	if (status->state == WRITER_WAITING)
		log_limited(&r->limit_state, REPEAT_MS, "%s; %s", status->why.text,
			what_waits_for(status->error));
	else if (status->state == WRITER_DROPPING)
		log_limited(&r->limit_state, REPEAT_MS, "%s; new records are lost, and counted",
			status->why.text);
	else if (status->state == WRITER_OK && !r->limit_state.left_out)
		log_info("the spool takes records again");
	r->state = status->state;
}

/* A slow disk is no failure: the buffers take what comes, and then the policy counts (C-3). */
static void log_slowness(struct report *r, const struct writer_status *status)
{
	char time[STATS_TEXT];

	if (status->commit_ms < SLOW_MS) {
		r->slow = false;
		return;
	}
	if (!r->slow)
		log_limited(&r->limit_slow, SLOW_REPEAT_MS,
			"degraded: a commit to the spool takes %s and more; what the buffers "
			"cannot "
			"hold meanwhile is %s",
			stats_duration(status->commit_ms, time),
			r->blocks ? "waited for" : "lost, and counted");
	r->slow = true;
}

/* Packets that are lost: not those of a file that --resume takes again, and not what the spool gave
 * up, which is no packet of this run alone. */
static void count_lost(struct report *r, const struct writer_status *status)
{
	r->spooled = true;
	r->lost = status->lost[LOSS_KERNEL_DROP] + status->lost[LOSS_RING_FULL] +
		  status->lost[LOSS_SPOOL_FULL];
}

static void log_writer(struct report *r)
{
	struct writer_status status;

	if (!r->writer)
		return;
	writer_status(r->writer, &status);
	count_lost(r, &status);
	log_state(r, &status);
	log_slowness(r, &status);
	if (status.unreserved && !r->unreserved)
		log_warn("the spool's disk cannot set space aside: when it is full, that shows in "
			 "the "
			 "middle of a commit, which then goes to a new segment");
	r->unreserved = r->unreserved || status.unreserved;
}

void report_waits(void *report)
{
	log_writer(report);
}

static void json_commits(struct json *j, const struct writer_status *status)
{
	const struct stats_latency *l = &status->latency;

	json_open(j, "commits");
	json_u64(j, "count", l->count);
	json_u64(j, "p50_us", stats_latency_quantile(l, 0.5));
	json_u64(j, "p99_us", stats_latency_quantile(l, 0.99));
	json_u64(j, "max_us", l->max_us);
	json_close(j);
}

/* status: NULL until the end, and without a spool. */
static void write_line(const struct report *r, const struct feed *feed, bool end,
	const struct writer_status *status)
{
	char line[LINE_MAX_BYTES];
	struct json j;

	if (r->fd < 0)
		return;
	json_init(&j, line, sizeof(line) - 1);
	json_open(&j, NULL);
	json_u64(&j, "packets", feed->counts.received);
	json_u64(&j, "documents", feed->counts.documents);
	json_u64(&j, "dropped", r->spooled ? r->lost : feed->counts.dropped);
	json_u64(&j, "skipped", feed->counts.skipped);
	json_u64(&j, "done", r->done);
	json_u64(&j, "size", r->size);
	json_bool(&j, "end", end);
	if (status)
		json_commits(&j, status);
	json_close(&j);
	*j.p++ = '\n';
	if (write(r->fd, line, json_len(&j)) < 0) {
		/* espcap is gone; capturing goes on */
	}
}

void report_tick(struct report *r, struct feed *feed, struct source *source)
{
	source_progress(source, &r->done, &r->size);
	count_drops(r, feed, source);
	log_writer(r);
	write_line(r, feed, false, NULL);
}

static void lost_text(const struct writer_status *status, char out[LOSS_TEXT])
{
	char number[STATS_TEXT];
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < LOSS_REASONS && n < LOSS_TEXT; i++)
		if (status->lost[i])
			n += (size_t)snprintf(out + n, LOSS_TEXT - n, ", %s lost (%s)",
				stats_count(status->lost[i], number),
				loss_name((enum loss_reason)i));
	if (status->unreported && n < LOSS_TEXT)
		n += (size_t)snprintf(out + n, LOSS_TEXT - n,
			", %s of all losses to be reported at the next start",
			stats_count(status->unreported, number));
	if (status->left && n < LOSS_TEXT)
		(void)snprintf(out + n, LOSS_TEXT - n,
			", %s not stored (--resume takes them again)",
			stats_count(status->left, number));
}

/* How long commits took: the figures, and how many lie between each two powers of two (C-3). */
static void log_commits(const struct stats_latency *l)
{
	char half[STATS_TEXT], most[STATS_TEXT], longest[STATS_TEXT], from[STATS_TEXT],
		to[STATS_TEXT], number[STATS_TEXT];

	if (!l->count)
		return;
	log_debug("%s commits: half of them took at most %s, 99 %% at most %s, the longest %s",
		stats_count(l->count, number), stats_short(stats_latency_quantile(l, 0.5), half),
		stats_short(stats_latency_quantile(l, 0.99), most),
		stats_short(l->max_us, longest));
	for (unsigned power = COMMIT_POWER_MIN; power <= COMMIT_POWER_MAX; power++) {
		uint64_t below = power == COMMIT_POWER_MIN ? 0 : stats_latency_below(l, power - 1);
		uint64_t count = stats_latency_below(l, power) - below;
		if (count)
			log_debug("  %s to %s: %s",
				stats_short(
					power > COMMIT_POWER_MIN ? UINT64_C(1) << (power - 1) : 0,
					from),
				stats_short(UINT64_C(1) << power, to), stats_count(count, number));
	}
}

void report_end(struct report *r, const struct feed *feed, const struct writer_status *status)
{
	char packets[STATS_TEXT], records[STATS_TEXT], raw[STATS_TEXT], stored[STATS_TEXT],
		time[STATS_TEXT], lost[LOSS_TEXT] = "";

	if (status)
		count_lost(r, status);
	write_line(r, feed, true, status);
	if (!status || r->fd >= 0)
		return;
	lost_text(status, lost);
	log_info("%s packets, %s documents committed (%s, %s on the disk)%s, in %s",
		stats_count(feed->counts.received, packets),
		stats_count(status->committed, records), stats_bytes(status->raw_bytes, raw),
		stats_bytes(status->stored_bytes, stored), lost,
		stats_duration(writer_now_ms() - r->start_ms, time));
	log_commits(&status->latency);
}
