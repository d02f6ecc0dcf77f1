/* ship_http.c -- tests of requests that get no answer: each is told so, once, and the others go on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "http.h"

enum { STALL_MS = 1200, CONNECTIONS = 32, SLOW_BODY = 200000, SLOW_READ = 8192, SLOW_MS = 150 };

/* --- a server on the same loop --- */

static struct {
	uv_tcp_t listener, connections[CONNECTIONS];
	unsigned accepted;
	bool silent, slow; /* slow: it reads as a thin link carries */
	bool stops;        /* and no more after the first bytes */
	uv_timer_t timer;
	size_t got;
	char head[2048]; /* of the first request */
	char url[64], buffer[1 << 16];
} server;

static uv_loop_t loop;
static struct http *http;
static struct err_detail why;

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	(void)handle;
	(void)size;
	*buf = uv_buf_init(server.buffer, server.slow ? SLOW_READ : sizeof(server.buffer));
}

static void on_written(uv_write_t *write, int status)
{
	(void)status;
	free(write);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void read_on(uv_timer_t *timer)
{
	assert_int_equal(uv_read_start(timer->data, on_alloc, on_read), 0);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	static char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	uv_buf_t out = uv_buf_init(answer, sizeof(answer) - 1);

	if (n < 0) {
		uv_close((uv_handle_t *)stream, NULL);
		return;
	}
	if (!server.got)
		(void)snprintf(server.head, sizeof(server.head), "%.*s", (int)n, buf->base);
	server.got += (size_t)n;
	if (server.slow && server.got < SLOW_BODY) {
		server.timer.data = stream;
		(void)uv_read_stop(stream);
		if (!server.stops)
			(void)uv_timer_start(&server.timer, read_on, SLOW_MS, 0);
		return;
	}
	if (server.silent || (!server.slow && !memmem(buf->base, (size_t)n, "\r\n\r\n", 4)))
		return;
	uv_write_t *write = malloc(sizeof(*write));
	assert_non_null(write);
	assert_int_equal(uv_write(write, stream, &out, 1, on_written), 0);
}

static void on_connection(uv_stream_t *listener, int status)
{
	uv_tcp_t *c = &server.connections[server.accepted++ % CONNECTIONS];

	assert_int_equal(status, 0);
	assert_int_equal(uv_tcp_init(&loop, c), 0);
	assert_int_equal(uv_accept(listener, (uv_stream_t *)c), 0);
	assert_int_equal(uv_read_start((uv_stream_t *)c, on_alloc, on_read), 0);
}

static int begin(void **state)
{
	const struct http_conf conf = { .stall_ms = STALL_MS };
	struct sockaddr_in at;
	int size = sizeof(at);

	(void)state;
	memset(&server, 0, sizeof(server));
	if (uv_loop_init(&loop) || uv_timer_init(&loop, &server.timer) ||
		uv_ip4_addr("127.0.0.1", 0, &at) || uv_tcp_init(&loop, &server.listener) ||
		uv_tcp_bind(&server.listener, (struct sockaddr *)&at, 0) ||
		uv_listen((uv_stream_t *)&server.listener, 16, on_connection) ||
		uv_tcp_getsockname(&server.listener, (struct sockaddr *)&at, &size))
		return -1;
	(void)snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%d/", ntohs(at.sin_port));
	return http_new(&loop, &conf, &http, &why);
}

static void close_any(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static int end(void **state)
{
	(void)state;
	http_free(http);
	uv_walk(&loop, close_any, NULL);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

/* --- requests --- */

struct told {
	unsigned count;
	struct http_answer answer;
	char error[256];
};

static void on_done(void *arg, const struct http_answer *answer)
{
	struct told *told = arg;

	told->count++;
	told->answer = *answer;
	(void)snprintf(told->error, sizeof(told->error), "%s", answer->error ? answer->error : "");
}

static void ask(const char *url, int64_t not_older_ms, struct told *told)
{
	const struct http_request request = { .method = "POST",
		.url = url,
		.body = "hello",
		.len = 5,
		.answer_max = 4096,
		.not_older_ms = not_older_ms,
		.done = on_done,
		.arg = told };

	*told = (struct told){ 0 };
	assert_int_equal(http_send(http, &request), 0);
	assert_int_equal(told->count, 0); /* never from inside */
}

static void wait_for(const struct told *told)
{
	while (!told->count)
		assert_true(uv_run(&loop, UV_RUN_ONCE) != 0);
}

/* --- sockets that the loop does not take --- */

static int init_fails_in, start_fails_in; /* calls from now; 0: never */

int __real_uv_poll_init_socket(uv_loop_t *l, uv_poll_t *poll, uv_os_sock_t fd);
int __wrap_uv_poll_init_socket(uv_loop_t *l, uv_poll_t *poll, uv_os_sock_t fd);
int __wrap_uv_poll_init_socket(uv_loop_t *l, uv_poll_t *poll, uv_os_sock_t fd)
{
	if (init_fails_in && --init_fails_in == 0)
		return UV_ENOSPC; /* max_user_watches of epoll */
	return __real_uv_poll_init_socket(l, poll, fd);
}

int __real_uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb cb);
int __wrap_uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb cb);
int __wrap_uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb cb)
{
	if (start_fails_in && --start_fails_in == 0)
		return UV_EPERM; /* is -1, which libcurl takes for the end of everything */
	return __real_uv_poll_start(poll, events, cb);
}

static void check_one_fails(int *fails_in, int n)
{
	struct told first, second, third;

	*fails_in = n;
	ask(server.url, 0, &first);
	ask(server.url, 0, &second);
	wait_for(&first);
	wait_for(&second);
	*fails_in = 0;
	int failed = (first.answer.status == 0) + (second.answer.status == 0);
	assert_int_equal(failed, 1);
	const struct told *which = first.answer.status ? &second : &first;
	assert_non_null(strstr(which->error, "out of memory or descriptors"));
	assert_false(which->answer.broken);
	ask(server.url, 0, &third);
	wait_for(&third);
	assert_int_equal(third.answer.status, 200);
	for (unsigned i = 0; i < 10; i++)
		(void)uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(first.count + second.count + third.count, 3);
}

static void a_socket_that_cannot_be_watched_ends_its_request_and_no_other(void **state)
{
	(void)state;
	for (int n = 1; n <= 2; n++)
		check_one_fails(&init_fails_in, n);
	for (int n = 1; n <= 2; n++)
		check_one_fails(&start_fails_in, n);
}

/* --- what does not get through --- */

static void a_server_that_is_silent_is_given_up(void **state)
{
	struct told told;

	(void)state;
	server.silent = true;
	int64_t before = clock_ms(clock_monotonic_ns());
	ask(server.url, 0, &told);
	wait_for(&told);
	assert_int_equal(told.answer.status, 0);
	assert_true(told.answer.broken);
	assert_true(told.answer.timed_out);
	assert_non_null(strstr(told.error, "does not answer within 1 s"));
	assert_true(clock_ms(clock_monotonic_ns()) - before >= STALL_MS);
	assert_true(told.answer.took_ms >= STALL_MS);
	assert_in_range(told.answer.upload_ms, 0, told.answer.took_ms - 1);
}

/* To a server that reads slowly, and whose kernel holds little. */
static void ask_much(struct told *told)
{
	static char body[SLOW_BODY];
	int fd, small = SLOW_READ;
	const struct http_request request = { .method = "POST",
		.url = server.url,
		.body = body,
		.len = sizeof(body),
		.answer_max = 4096,
		.done = on_done,
		.arg = told };

	*told = (struct told){ 0 };
	server.slow = true;
	assert_int_equal(uv_fileno((uv_handle_t *)&server.listener, &fd), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	assert_int_equal(http_send(http, &request), 0);
	wait_for(told);
}

/* The kernel takes the body at once, and the link needs longer for it than the time-out. */
static void what_still_arrives_bit_by_bit_is_not_given_up(void **state)
{
	struct told told;

	(void)state;
	ask_much(&told);
	assert_string_equal(told.error, "");
	assert_int_equal(told.answer.status, 200);
	assert_true(told.answer.upload_ms > 2 * STALL_MS);
}

static void a_stall_after_large_segments_came_through_is_not_their_fault(void **state)
{
	struct told told;

	(void)state;
	server.stops = true;
	ask_much(&told);
	assert_int_equal(told.answer.status, 0);
	assert_non_null(strstr(told.error, "nothing gets through any more"));
	assert_true(told.answer.broken);
	assert_false(told.answer.timed_out);
}

static void a_large_body_is_announced_and_sent_at_once(void **state)
{
	static char body[2 << 20];
	struct told told = { 0 };
	const struct http_request request = { .method = "POST",
		.url = server.url,
		.body = body,
		.len = sizeof(body),
		.answer_max = 4096,
		.done = on_done,
		.arg = &told };

	(void)state;
	assert_int_equal(http_send(http, &request), 0);
	wait_for(&told);
	assert_non_null(strstr(server.head, "Content-Length: 2097152\r\n"));
	assert_null(strcasestr(server.head, "expect:"));
	assert_null(strcasestr(server.head, "transfer-encoding:"));
}

static void times_and_bytes_are_told(void **state)
{
	struct told told;

	(void)state;
	ask(server.url, 0, &told);
	wait_for(&told);
	assert_int_equal(told.answer.status, 200);
	assert_in_range(told.answer.sent, 50, 500);
	assert_int_equal(told.answer.received, 40);
	assert_true(told.answer.upload_ms <= told.answer.took_ms);
	assert_false(told.answer.broken);
}

static void a_connection_from_before_a_failure_is_not_used_again(void **state)
{
	struct told told;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		ask(server.url, 0, &told);
		wait_for(&told);
	}
	assert_int_equal(server.accepted, 1);
	ask(server.url, clock_ms(clock_monotonic_ns()), &told);
	wait_for(&told);
	assert_int_equal(server.accepted, 2);
	assert_int_equal(told.answer.status, 200);
}

static void a_refused_connection_is_not_a_broken_one(void **state)
{
	struct told told;

	(void)state;
	uv_close((uv_handle_t *)&server.listener, NULL);
	(void)uv_run(&loop, UV_RUN_NOWAIT);
	ask(server.url, 0, &told);
	wait_for(&told);
	assert_int_equal(told.answer.status, 0);
	assert_false(told.answer.broken);
}

static void what_a_proxys_url_holds_is_never_told(void **state)
{
	static const char *const bad[] = { "http://me:s3cret@[::1", "nosuch://me:s3cret@h:1",
		"http://me:s3cret@h:99999999", "http://me:s3cret@ h:1", "http://me:s3cret@",
		"http://me:s3cret@nowhere.invalid:1" };
	struct told told;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(setenv("http_proxy", bad[i], 1), 0);
		ask("http://es.invalid:9200/", 0, &told);
		wait_for(&told);
		assert_int_equal(unsetenv("http_proxy"), 0);
		assert_int_equal(told.answer.status, 0);
		assert_true(*told.error != '\0');
		assert_null(strstr(told.error, "s3cret"));
	}
}

static void proxies_of_bad_form_are_refused(void **state)
{
	static const struct {
		const char *proxy;
		int err;
	} rows[] = { { "http://gate:3128", 0 }, { "https://gate:3128/", 0 }, { "gate:3128", 0 },
		{ "http://[::1]:3128", 0 }, { "http://gate", ERR_CONFIG }, { "gate", ERR_CONFIG },
		{ "socks5://gate:1080", ERR_CONFIG }, { "http://me:s3cret@gate:3128", ERR_CONFIG },
		{ "gate:", ERR_CONFIG }, { ":3128", ERR_CONFIG }, { "", ERR_CONFIG } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct http_conf conf = { .proxy = rows[i].proxy };
		why.text[0] = '\0';
		if (http_check(&conf, &why) != rows[i].err)
			fail_msg("%s: %s", rows[i].proxy, why.text);
		assert_null(strstr(why.text, "s3cret"));
	}
	const struct http_conf half = { .proxy = "gate:3128", .proxy_user = "me" };
	assert_int_equal(http_check(&half, &why), ERR_CONFIG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_that_cannot_be_watched_ends_its_request_and_no_other),
		TEST(a_server_that_is_silent_is_given_up),
		TEST(what_still_arrives_bit_by_bit_is_not_given_up),
		TEST(a_stall_after_large_segments_came_through_is_not_their_fault),
		TEST(a_large_body_is_announced_and_sent_at_once),
		TEST(times_and_bytes_are_told),
		TEST(a_connection_from_before_a_failure_is_not_used_again),
		TEST(a_refused_connection_is_not_a_broken_one),
		TEST(what_a_proxys_url_holds_is_never_told),
		TEST(proxies_of_bad_form_are_refused),
	};

	return TEST_RUN(tests);
}
