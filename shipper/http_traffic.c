/* http_traffic.c -- how many bytes our connections have carried, in both directions.
 *
 * The kernel counts them for each connection: what TCP carried, so TLS is in it, and what was sent again
 * too. libcurl's own numbers know nothing of TLS, nor of connections that failed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As in linux/tcp.h, which cannot stand beside netinet/tcp.h, whose own ends earlier. */
struct long_info {
	struct tcp_info info;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
};
_Static_assert(offsetof(struct long_info, pacing_rate) == 104, "as the kernel has it");

static uint64_t bytes_of_socket(int fd)
{
	struct long_info info;
	socklen_t n = sizeof(info);

	memset(&info, 0, sizeof(info)); /* an older kernel fills less of it */
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return 0;
	uint64_t sent = info.bytes_sent > info.bytes_acked ? info.bytes_sent : info.bytes_acked;
	return sent + info.bytes_received;
}

/* Without memory for its number a connection is not counted. */
static void remember(struct http_traffic *t, int fd)
{
	int *more = realloc(t->fds, (t->count + 1) * sizeof(*more));

	if (!more)
		return;
	t->fds = more;
	t->fds[t->count++] = fd;
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http *h = arg;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		address->protocol);

	(void)purpose;
	if (fd < 0)
		return CURL_SOCKET_BAD;
	remember(&h->traffic, fd);
	return fd;
}

static int on_close(void *arg, curl_socket_t fd)
{
	struct http *h = arg;
	struct http_traffic *t = &h->traffic;

	for (size_t i = 0; i < t->count; i++) {
		if (t->fds[i] != fd)
			continue;
		t->closed += bytes_of_socket(fd);
		t->fds[i] = t->fds[--t->count];
		break;
	}
	return close(fd);
}

void http_traffic_set(struct transfer *t)
{
	(void)curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	(void)curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t->http);
	(void)curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	(void)curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETDATA, t->http);
	/* the pauses between requests make the rest of the rate */
	if (t->http->conf.max_rate)
		(void)curl_easy_setopt(t->easy, CURLOPT_MAX_SEND_SPEED_LARGE,
			(curl_off_t)t->http->conf.max_rate * 2);
}

uint64_t http_traffic(const struct http *h)
{
	uint64_t sum = h->traffic.closed;

	for (size_t i = 0; i < h->traffic.count; i++)
		sum += bytes_of_socket(h->traffic.fds[i]);
	return sum;
}

void http_traffic_done(struct http *h)
{
	free(h->traffic.fds);
	h->traffic = (struct http_traffic){ 0 };
}
