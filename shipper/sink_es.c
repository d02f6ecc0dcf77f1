/* sink_es.c -- batches to Elasticsearch or OpenSearch by _bulk. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/random.h>

#include "clock.h"
#include "hosts.h"
#include "http.h"
#include "log.h"
#include "setup.h"
#include "sink.h"
#include "verdict.h"

enum {
	URL_MAX = HOST_URL_MAX + INDEX_NAME_MAX + 256,
	ANSWER_BASE = 64 * 1024,
	ANSWER_ITEM = 512,
	ANSWER_MAX = 8 << 20,
	SETUP_ANSWER_MAX = 1 << 20, /* a tree of it takes forty times as much */
	GZIP_ITEMS = 4, /* what answers say of items is much alike; of fewer, gzip is longer */
	TOUCHED_MAX = 4000,
	SETUP_RETRY_MS = 30000, /* while somebody has to mend something */
};

/* What is asked for, by enum batch_ask. */
#define ASKED "filter_path=errors,took,items.*.status,items.*.failure_store,items.*.error.type"
static const char *const queries[] = { ASKED ",items.*.error.reason",
	ASKED ",items.*.error.reason,items.*._id", ASKED ",items.*._id" };

struct flight {
	struct sink_es *sink;
	struct batch *batch; /* NULL: idle */
	struct host *host;
};

struct sink_es {
	struct sink sink;
	struct ship *ship;
	struct http *http;
	struct hosts hosts;
	struct setup setup;
	struct host *setup_host;
	bool setup_flying;
	int64_t setup_at_ms;
	struct flight flights[HTTP_REQUESTS_MAX];
	/* indices written to, separated by commas: refreshed at the end of --once */
	char touched[TOUCHED_MAX];
	enum { REFRESH_NOT_YET, REFRESH_FLYING, REFRESH_DONE } refresh;
	char why[560];
};

static int64_t now_ms(void)
{
	return clock_ms(clock_monotonic_ns());
}

/* --- set-up --- */

static void on_setup(void *arg, const struct http_answer *answer)
{
	struct sink_es *s = arg;
	struct host *host = s->setup_host;

	s->setup_flying = false;
	if (setup_answer(&s->setup, answer) == 0) {
		hosts_succeeded(host);
		s->setup_at_ms = 0;
		s->why[0] = '\0';
	} else {
		(void)snprintf(s->why, sizeof(s->why), "%.120s: %.400s", host->url, s->setup.why);
		hosts_failed(host, now_ms(), now_ms(), answer->retry_after_ms);
		if (!answer->status)
			host->cut_ms = now_ms();
		if (answer->timed_out)
			host_timed_out(host, now_ms());
		bool mend = answer->status >= 200 && answer->status < 500;
		s->setup_at_ms = mend ? now_ms() + SETUP_RETRY_MS : 0; /* another node may do */
		if (mend && s->setup_at_ms > now_ms() + s->hosts.items[0].backoff.max_ms)
			s->setup_at_ms = now_ms() + s->hosts.items[0].backoff.max_ms;
	}
	ship_wake(s->ship);
}

static void send_setup(struct sink_es *s, struct host *host)
{
	char url[URL_MAX];
	const char *path, *method, *body;

	if (setup_next(&s->setup, &path, &method, &body))
		return;
	(void)snprintf(url, sizeof(url), "%s%s", host->url, path);
	struct http_request request = { .method = method,
		.url = url,
		.body = body,
		.len = body ? strlen(body) : 0,
		.type = body ? "application/json" : NULL,
		.answer_max = SETUP_ANSWER_MAX,
		.not_older_ms = host->cut_ms,
		.segment = host_segment(host, now_ms()),
		.done = on_setup,
		.arg = s };
	s->setup_host = host;
	s->setup_flying = http_send(s->http, &request) == 0;
}

/* --- batches --- */

/* Remembers the index; when there are too many to name, none is refreshed by hand. */
static void touch(struct sink_es *s, const char *index)
{
	size_t n = strlen(s->touched), len = strlen(index);
	const char *found = strstr(s->touched, index);

	if (found && (found[len] == ',' || found[len] == '\0') &&
		(found == s->touched || found[-1] == ','))
		return;
	if (n + len + 2 > sizeof(s->touched))
		return;
	(void)snprintf(s->touched + n, sizeof(s->touched) - n, "%s%s", n ? "," : "", index);
}

static bool all_rest(struct sink_es *s)
{
	int64_t at;

	return hosts_peek(&s->hosts, now_ms(), &at) == NULL;
}

static void heed_host(struct flight *f, const struct http_answer *answer)
{
	struct sink_es *s = f->sink;
	struct host *host = f->host;
	/* what answers in its place says nothing of our records; other hosts may be the right ones */
	bool trouble = answer->status == 0 || answer->status == 429 || answer->status >= 500 ||
		       verdict_is_foreign(answer->status, answer->body, answer->len);

	host->flying--;
	if (answer->timed_out && f->batch->sent_ms >= host->failed_ms)
		host_timed_out(host, now_ms());
	if (trouble)
		hosts_failed(host, f->batch->sent_ms, now_ms(), answer->retry_after_ms);
	else
		hosts_succeeded(host);
	if (answer->broken)
		host->cut_ms = now_ms();
	if (answer->status == 0)
		(void)snprintf(s->why, sizeof(s->why), "%.120s: %.255s", host->url,
			answer->error ? answer->error : "no answer");
	else
		s->why[0] = '\0';
}

static void on_bulk(void *arg, const struct http_answer *answer)
{
	struct flight *f = arg;
	struct batch *b = f->batch;
	struct sink_es *s = f->sink;
	struct http_answer told = *answer;

	heed_host(f, answer);
	f->batch = NULL;
	if (answer->status == 200)
		touch(s, b->index);
	/* s->why is told while all rest, and one sentence is enough; the rest of one may be of no time */
	if (s->hosts.count == 1 || all_rest(s))
		told.error = NULL;
	told.elsewhere = hosts_any_well(&s->hosts);
	ship_answered(s->ship, b, &told);
}

static struct flight *idle_flight(struct sink_es *s)
{
	for (unsigned i = 0; i < HTTP_REQUESTS_MAX; i++)
		if (!s->flights[i].batch)
			return &s->flights[i];
	return NULL;
}

static size_t answer_max(size_t records)
{
	size_t max = ANSWER_BASE + records * ANSWER_ITEM;

	return max < ANSWER_MAX ? max : ANSWER_MAX;
}

static int send_batch(struct sink *sink, struct batch *b)
{
	struct sink_es *s = (struct sink_es *)sink;
	struct flight *f = idle_flight(s);
	char url[URL_MAX];
	int64_t at;

	struct host *host = f ? hosts_pick(&s->hosts, now_ms(), &at) : NULL;
	if (!host)
		return ERR_AGAIN;
	(void)snprintf(url, sizeof(url), "%s/%s/_bulk?%s%s", host->url, b->index, queries[b->ask],
		setup_server_parameters(&s->setup.server,
			index_is_stream(s->setup.conf.patterns, b->kind, b->seqs[0])));
	struct http_request request = { .method = "POST",
		.url = url,
		.body = b->body.data,
		.len = b->body.len,
		.gzip = true,
		.gzip_answer = b->count >= GZIP_ITEMS,
		.type = "application/x-ndjson",
		.answer_max = answer_max(b->count),
		.not_older_ms = host->cut_ms,
		.segment = host_segment(host, now_ms()),
		.done = on_bulk,
		.arg = f };
	f->sink = s;
	f->batch = b;
	f->host = host;
	int err = http_send(s->http, &request);
	if (err)
		f->batch = NULL;
	else
		host->flying++;
	return err;
}

static bool ready(struct sink *sink, int64_t now, int64_t *at_ms, const char **why)
{
	struct sink_es *s = (struct sink_es *)sink;
	*why = s->why;
	*at_ms = INT64_MAX;
	if (s->setup_flying)
		return false;
	setup_look_again(&s->setup);
	if (s->setup.step != SETUP_DONE && now < s->setup_at_ms) {
		*at_ms = s->setup_at_ms;
		return false;
	}
	struct host *host = hosts_peek(&s->hosts, now, at_ms);
	if (host && s->setup.step != SETUP_DONE) {
		send_setup(s, hosts_pick(&s->hosts, now, at_ms));
		return false;
	}
	if (host && host->failing)
		ship_send_little(s->ship);
	return host != NULL;
}

/* --- the end --- */

static void on_refresh(void *arg, const struct http_answer *answer)
{
	struct sink_es *s = arg;

	/* a sensor may lack the right; then the server refreshes in its own time */
	if (answer->status != 200)
		log_debug("_refresh: status %d", answer->status);
	s->refresh = REFRESH_DONE;
	ship_wake(s->ship);
}

static bool finish(struct sink *sink)
{
	struct sink_es *s = (struct sink_es *)sink;
	char url[HOST_URL_MAX + TOUCHED_MAX + 64];
	int64_t at;

	if (s->refresh != REFRESH_NOT_YET)
		return s->refresh == REFRESH_FLYING;
	s->refresh = REFRESH_DONE;
	const struct host *host = *s->touched ? hosts_pick(&s->hosts, now_ms(), &at) : NULL;
	if (!host)
		return false;
	(void)snprintf(url, sizeof(url), "%s/%s/_refresh", host->url, s->touched);
	struct http_request request = { .method = "POST",
		.url = url,
		.body = "",
		.answer_max = ANSWER_MAX,
		.done = on_refresh,
		.arg = s };
	if (http_send(s->http, &request) == 0)
		s->refresh = REFRESH_FLYING;
	return s->refresh == REFRESH_FLYING;
}

static uint64_t traffic(struct sink *sink)
{
	return http_traffic(((struct sink_es *)sink)->http);
}

static void close_sink(struct sink *sink)
{
	struct sink_es *s = (struct sink_es *)sink;

	http_free(s->http);
	setup_done(&s->setup);
	free(s);
}

int sink_es_hosts(
	const struct sink_es_conf *conf, uint64_t seed, struct hosts *hosts, struct err_detail *why)
{
	int err = hosts_init(hosts, conf->nodes, conf->nnodes, conf->backoff_max_ms, seed, why);

	if (!err && auth_given(&conf->http.auth) && !conf->plain_auth)
		err = hosts_check_plain(hosts, why);
	return err;
}

int sink_es_open(struct ship *ship, uv_loop_t *loop, const struct sink_es_conf *conf,
	struct sink **out, struct err_detail *why)
{
	struct sink_es *s = calloc(1, sizeof(*s));
	uint64_t seed = 0;

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory for the connection");
	s->sink = (struct sink){ .form = BATCH_BULK,
		.ready = ready,
		.send = send_batch,
		.finish = finish,
		.traffic = traffic,
		.close = close_sink };
	s->ship = ship;
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		seed = (uint64_t)clock_wall_ns();
	int err = sink_es_hosts(conf, seed, &s->hosts, why);
	if (!err)
		err = http_new(loop, &conf->http, &s->http, why);
	if (err) {
		free(s);
		return err;
	}
	const struct setup_conf wanted = { .mode = conf->setup,
		.patterns = conf->patterns,
		.first = conf->first_pattern,
		.settings = conf->settings };
	setup_init(&s->setup, &wanted);
	*out = &s->sink;
	return 0;
}
