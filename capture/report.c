/* report.c -- what espcap-capture tells while it runs and at its end. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <unistd.h>

#include "clock.h"
#include "decode.h"
#include "json.h"
#include "log.h"

enum { LINE_MAX_BYTES = 1024, LOSS_TEXT = 256 };

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

static void log_state(struct report *r)
{
	struct writer_status status;

	if (!r->writer)
		return;
	writer_status(r->writer, &status);
	if (status.state == r->state)
		return;
	if (status.state == WRITER_WAITING)
		log_warn("%s; nothing is lost, waiting until espcap-ship or somebody makes room",
			status.why.text);
	else if (status.state == WRITER_DROPPING)
		log_warn("%s; new records are lost, and counted", status.why.text);
	else if (status.state == WRITER_OK)
		log_info("the spool takes records again");
	r->state = status.state;
}

void report_waits(void *report)
{
	log_state(report);
}

static void write_line(const struct report *r, const struct feed *feed, bool end)
{
	char line[LINE_MAX_BYTES];
	struct json j;

	if (r->fd < 0)
		return;
	json_init(&j, line, sizeof(line) - 1);
	json_open(&j, NULL);
	json_u64(&j, "packets", feed->counts.received);
	json_u64(&j, "documents", feed->counts.documents);
	json_u64(&j, "dropped", feed->counts.dropped + feed->counts.kernel_dropped);
	json_u64(&j, "skipped", feed->counts.skipped);
	json_u64(&j, "done", r->done);
	json_u64(&j, "size", r->size);
	json_bool(&j, "end", end);
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
	log_state(r);
	write_line(r, feed, false);
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
}

void report_end(struct report *r, const struct feed *feed, const struct writer_status *status)
{
	char packets[STATS_TEXT], records[STATS_TEXT], raw[STATS_TEXT], stored[STATS_TEXT],
		time[STATS_TEXT], lost[LOSS_TEXT] = "";

	write_line(r, feed, true);
	if (!status || r->fd >= 0)
		return;
	lost_text(status, lost);
	log_info("%s packets, %s documents committed (%s, %s on the disk)%s, in %s",
		stats_count(feed->counts.received, packets),
		stats_count(status->committed, records), stats_bytes(status->raw_bytes, raw),
		stats_bytes(status->stored_bytes, stored), lost,
		stats_duration(writer_now_ms() - r->start_ms, time));
}
