/* feed.c -- the packet thread: frames become documents, and documents go to the sink. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"

#include <string.h>

#include "clock.h"
#include "json.h"

enum { TICK_MS = 1000, FRAMES_PER_CLOCK = 1024, PATH_JSON_MAX = 8192 };

/* The frames that are with the workers count when they are done. */
static void count(struct feed *feed)
{
	if (!feed->workers)
		return;
	struct workers_counts counts = workers_count(feed->workers);
	feed->counts.documents = counts.documents;
	feed->counts.without_document = counts.without_document;
	feed->counts.dropped = counts.dropped;
}

static void tick(struct feed *feed, struct source *source, bool now)
{
	if (!now && ++feed->since_clock < FRAMES_PER_CLOCK)
		return;
	feed->since_clock = 0;
	if (feed->clock)
		sensor_clock_look(feed->clock);
	int64_t ms = clock_ms(clock_monotonic_ns());
	if (ms < feed->next_tick_ms)
		return;
	feed->next_tick_ms = ms + TICK_MS;
	count(feed);
	if (feed->tick)
		feed->tick(feed->tick_arg, feed, source);
}

void feed_idle(struct feed *feed)
{
	if (feed->workers)
		workers_flush(feed->workers);
	feed->sink->idle(feed->sink);
}

static int one_frame(struct feed *feed, struct frame *f, uint64_t file, struct err_detail *why)
{
	const struct sink_place place = { file, f->number };

	feed->counts.received++;
	if (feed->workers)
		return workers_frame(feed->workers, f, why);
	char *out = feed->sink->begin(feed->sink, place);
	if (!out) {
		feed->counts.dropped++;
		return feed->sink->failed(feed->sink, why);
	}
	if (feed->clock) /* behind begin(), which may wait and look: the record's frame has it, too */
		sensor_clock_mark(feed->clock, f);
	size_t len = maker_write(&feed->maker, f, out);
	if (len)
		feed->counts.documents++;
	else
		feed->counts.without_document++;
	feed->sink->end(feed->sink, len, f->time_ns, place);
	return 0;
}

static void heed_linktype(struct feed *feed, uint32_t linktype)
{
	if (linktype == feed->last_linktype)
		return;
	feed->last_linktype = linktype;
	if (feed->linktype)
		feed->linktype(feed->linktype_arg, linktype);
}

int feed_run(struct feed *feed, struct source *source, uint64_t file, const char *path,
	uint64_t skip, struct err_detail *why)
{
	char path_json[PATH_JSON_MAX];
	struct json j;
	struct frame f;
	int err = 0;

	feed->last_linktype = -1;
	json_init(&j, path_json, sizeof(path_json));
	if (path)
		json_str(&j, NULL, path);
	while (!err && (!feed->count_max || feed->counts.received < feed->count_max)) {
		err = source_next(source, &f, why);
		tick(feed, source, err != 0);
		if (err == ERR_AGAIN) {
			err = feed->sink->failed(feed->sink, why);
			continue;
		}
		if (err)
			break;
		if (f.number <= skip) {
			feed->counts.skipped++;
			continue;
		}
		heed_linktype(feed, f.linktype);
		if (json_len(&j)) {
			f.path_json = path_json;
			f.path_json_len = (uint32_t)json_len(&j);
		}
		err = one_frame(feed, &f, file, why);
	}
	if (feed->workers)
		workers_flush(feed->workers);
	count(feed);
	feed->stopped = err == ERR_STOPPED;
	feed->counts.filtered += source_filtered(source);
	if (feed->tick)
		feed->tick(feed->tick_arg, feed, source);
	return err == ERR_END || err == ERR_STOPPED ? 0 : err;
}
