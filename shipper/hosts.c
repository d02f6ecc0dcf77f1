/* hosts.c -- the nodes of a cluster: whose turn it is, and who rests. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	SEGMENT = 536, /* what every way of IPv4 has to carry, less heads */
	SMALL_MS = 60000,
	SMALL_MAX_MS = 3600000,
	LATELY_MS = 600000, /* connections that are there are used on for some minutes */
	TRIED_MAX_MS = 10000,
};

static int add(struct hosts *h, const char *node, int64_t backoff_max_ms, uint64_t seed,
	struct err_detail *why)
{
	struct host *host = &h->items[h->count];
	struct node_url url;

	int err = node_url_parse(node, &url, why);
	if (err)
		return err;
	memcpy(host->url, url.text, sizeof(host->url));
	backoff_init(&host->backoff, backoff_max_ms, seed + h->count);
	h->count++;
	return 0;
}

int hosts_init(struct hosts *h, const char *const *nodes, size_t count, int64_t backoff_max_ms,
	uint64_t seed, struct err_detail *why)
{
	*h = (struct hosts){ 0 };
	if (count > HOSTS_MAX)
		return err_set(why, ERR_USAGE, "more than %d nodes", HOSTS_MAX);
	for (size_t i = 0; i < count; i++) {
		int err = add(h, nodes[i], backoff_max_ms, seed, why);
		if (err)
			return err;
	}
	h->next = count ? seed % count : 0;
	return 0;
}

bool host_is_loopback(const char *url)
{
	const char *at = strstr(url, "://");
	char name[HOST_URL_MAX];
	struct in_addr v4;
	struct in6_addr v6;

	at = at ? at + 3 : url;
	bool literal = *at == '[';
	at += literal;
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, literal ? "]" : ":/"), at);
	if (literal)
		return inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
	if (inet_pton(AF_INET, name, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return strcasecmp(name, "localhost") == 0;
}

int hosts_check_plain(const struct hosts *h, struct err_detail *why)
{
	for (size_t i = 0; i < h->count; i++) {
		const char *url = h->items[i].url;
		if (strncmp(url, "http://", 7) == 0 && !host_is_loopback(url))
			return err_set(why, ERR_USAGE,
				"a password, key or token would go to %.200s readable for all on "
				"the way; https:// keeps it secret, --allow-plain-auth sends it "
				"all the same",
				url);
	}
	return 0;
}

static bool is_better(const struct host *host, const struct host *best)
{
	return !best || host->flying < best->flying;
}

/* May another one that has failed be tried beside those that are well? */
static bool may_try(const struct hosts *h, int64_t now_ms)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct host *host = &h->items[i];
		if (host->failing && (host->flying || now_ms < host->failed_ms + host->tried_ms))
			return false;
	}
	return true;
}

struct host *hosts_peek(struct hosts *h, int64_t now_ms, int64_t *at_ms)
{
	struct host *best[2] = { NULL, NULL }; /* well, failing */

	*at_ms = INT64_MAX;
	for (size_t i = 0; i < h->count; i++) {
		struct host *host = &h->items[(h->next + i) % h->count];
		if (host->rests_until_ms > now_ms) {
			if (host->rests_until_ms < *at_ms)
				*at_ms = host->rests_until_ms;
		} else if (!(host->failing && host->flying) &&
			   is_better(host, best[host->failing])) {
			best[host->failing] = host;
		}
	}
	return best[1] && (!best[0] || may_try(h, now_ms)) ? best[1] : best[0];
}

struct host *hosts_pick(struct hosts *h, int64_t now_ms, int64_t *at_ms)
{
	struct host *host = hosts_peek(h, now_ms, at_ms);

	if (host)
		h->next = (size_t)(host - h->items + 1) % h->count;
	return host;
}

bool hosts_any_well(const struct hosts *h)
{
	for (size_t i = 0; i < h->count; i++)
		if (!h->items[i].failing)
			return true;
	return false;
}

int host_segment(const struct host *host, int64_t now_ms)
{
	return now_ms < host->small_until_ms ? SEGMENT : 0;
}

void host_timed_out(struct host *host, int64_t now_ms)
{
	bool lately = host->small_ms && now_ms < host->small_until_ms + LATELY_MS;
	int64_t longer = host->small_ms * 4;

	if (host_segment(host, now_ms)) { /* it is not the size */
		host->small_until_ms = now_ms;
		return;
	}
	host->small_ms = !lately ? SMALL_MS : longer < SMALL_MAX_MS ? longer : SMALL_MAX_MS;
	host->small_until_ms = now_ms + host->small_ms;
}

void hosts_failed(struct host *host, int64_t sent_ms, int64_t now_ms, int64_t retry_after_ms)
{
	bool again = host->failing && sent_ms < host->failed_ms;
	int64_t at = now_ms +
		     (again ? retry_after_ms : backoff_failed(&host->backoff, retry_after_ms));

	if (!again) {
		int64_t took = host->failing ? now_ms - sent_ms : 0;
		host->tried_ms = took < TRIED_MAX_MS ? took : TRIED_MAX_MS;
		host->failed_ms = now_ms;
	}
	host->failing = true;
	if (at > host->rests_until_ms)
		host->rests_until_ms = at;
}

void hosts_succeeded(struct host *host)
{
	backoff_succeeded(&host->backoff);
	host->rests_until_ms = 0;
	host->failing = false;
}
