/* main.c -- fake-es: a scripted server that stands in for Elasticsearch to provoke faults. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "conn.h"
#include "server.h"

enum { DEFAULT_BODY = 128 << 20, MAX_BODY = 1 << 30, BACKLOG = 1024, MAX_LATENCY_MS = 3600000 };

static const char usage[] =
	"usage: fake-es --port N --port-file FILE [--log FILE] [--script FILE] [--fast]\n"
	"               [--max-body BYTES] [--latency-ms N] [--log-documents GLOB] [--address "
	"IP]\n";

static void wrong_usage(void)
{
	fputs(usage, stderr);
	exit(2);
}

static unsigned long number(const char *name, const char *s, unsigned long max)
{
	char *end;

	errno = 0;
	unsigned long n = strtoul(s, &end, 10);

	if (errno || end == s || *end || *s == '-' || n > max) {
		fprintf(stderr, "fake-es: --%s must be a number up to %lu\n", name, max);
		wrong_usage();
	}
	return n;
}

static void read_options(struct options *opt, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "port-file", required_argument, NULL, 'f' },
		{ "log", required_argument, NULL, 'l' },
		{ "log-documents", required_argument, NULL, 'd' },
		{ "script", required_argument, NULL, 's' },
		{ "fast", no_argument, NULL, 'q' },
		{ "max-body", required_argument, NULL, 'm' },
		{ "latency-ms", required_argument, NULL, 't' },
		{ "address", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*opt = (struct options){ .max_body = DEFAULT_BODY, .address = "127.0.0.1" };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'p':
			opt->port = (unsigned)number("port", optarg, 65535);
			break;
		case 'f':
			opt->port_file = optarg;
			break;
		case 'l':
			opt->log_file = optarg;
			break;
		case 'd':
			opt->log_documents = optarg;
			break;
		case 's':
			opt->script_file = optarg;
			break;
		case 'q':
			opt->fast = true;
			break;
		case 'm':
			opt->max_body = number("max-body", optarg, MAX_BODY);
			break;
		case 't':
			opt->latency_ms = (unsigned)number("latency-ms", optarg, MAX_LATENCY_MS);
			break;
		case 'a':
			opt->address = optarg;
			break;
		default:
			wrong_usage();
		}
	}
	if (optind != argc || !opt->port_file || (opt->fast && opt->script_file))
		wrong_usage();
}

static void read_script(struct server *srv, const char *path)
{
	struct script_error error = { "" };
	struct text json;
	FILE *f = fopen(path, "re");

	if (!f)
		die(2, "cannot open the script %s: %s", path, strerror(errno));
	text_init(&json, 1 << 26);
	for (size_t n = 1; n;) {
		char *room = text_room(&json, 65536);

		n = room ? fread(room, 1, 65536, f) : 0;
		json.len += n;
	}
	fclose(f);
	srv->script = script_parse(text_view(&json), &error);
	if (!srv->script)
		die(2, "script %s: %s", path, error.text);
	text_done(&json);
}

static void server_init(struct server *srv)
{
	struct script_error ignored;

	if (srv->opt.script_file)
		read_script(srv, srv->opt.script_file);
	else
		srv->script = need(script_parse(view_str("{\"rules\":[]}"), &ignored));
	store_init(&srv->store);
	gunzip_init(&srv->gunzip, srv->opt.max_body);
	itemlog_open(&srv->log, srv->opt.log_file);
	srv->templates = need(cJSON_CreateObject());
}

static void server_done(struct server *srv)
{
	itemlog_close(&srv->log);
	script_drop(srv->script);
	store_done(&srv->store);
	gunzip_done(&srv->gunzip);
	cJSON_Delete(srv->templates);
	text_done(&srv->prepared[0]);
	text_done(&srv->prepared[1]);
}

static void on_signal(uv_signal_t *signal, int number_of_signal)
{
	(void)number_of_signal;
	uv_walk(signal->loop, conn_close_any, signal->data);
}

/* Readers wait for the file to be there, so it must be there whole. */
static void write_port(const char *path, unsigned port)
{
	char tmp[4096];
	int n = snprintf(tmp, sizeof(tmp), "%s.%d.tmp", path, (int)getpid());
	FILE *f = n > 0 && (size_t)n < sizeof(tmp) ? fopen(tmp, "we") : NULL;

	if (!f || fprintf(f, "%u\n", port) < 0 || fclose(f) != 0 || rename(tmp, path) != 0)
		die(1, "cannot write the port file %s: %s", path, strerror(errno));
}

static void start_listening(struct server *srv, uv_tcp_t *listener)
{
	struct sockaddr_storage at;
	int size = sizeof(at), r;

	r = uv_ip4_addr(srv->opt.address, (int)srv->opt.port, (struct sockaddr_in *)&at);
	if (r != 0) /* [::] takes IPv4 besides */
		r = uv_ip6_addr(srv->opt.address, (int)srv->opt.port, (struct sockaddr_in6 *)&at);
	listener->data = srv;
	if (r == 0)
		r = uv_tcp_bind(listener, (const struct sockaddr *)&at, 0);
	if (r == 0)
		r = uv_listen((uv_stream_t *)listener, BACKLOG, conn_accept);
	if (r == 0)
		r = uv_tcp_getsockname(listener, (struct sockaddr *)&at, &size);
	if (r != 0)
		die(1, "cannot listen on %s, port %u: %s", srv->opt.address, srv->opt.port,
			uv_strerror(r));
	/* the port is at the same place in both */
	srv->port = ntohs(((const struct sockaddr_in *)&at)->sin_port);
	write_port(srv->opt.port_file, srv->port);
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	static struct server srv;
	uv_loop_t loop;
	uv_tcp_t listener;
	uv_signal_t signals[2];

	read_options(&srv.opt, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	raise_descriptor_limit();
	server_init(&srv);
	uv_loop_init(&loop);
	uv_tcp_init(&loop, &listener);
	for (int i = 0; i < 2; i++) {
		uv_signal_init(&loop, &signals[i]);
		signals[i].data = &listener;
		uv_signal_start(&signals[i], on_signal, i ? SIGINT : SIGTERM);
	}
	start_listening(&srv, &listener);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	server_done(&srv);
	return 0;
}
