/* doctor_node.c -- does anybody answer where documents are to go? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor.h"

enum { HOST = 256, PORT = 8, WAIT_MS = 3000, ANSWER = 64 };

struct place {
	char host[HOST], port[PORT];
	bool tls;
};

/* SCHEME://HOST:PORT or HOST:PORT; the rest of what --node takes is espcap-ship's to refuse. */
static bool parse(const char *url, struct place *p)
{
	const char *at = strstr(url, "://"), *end;

	p->tls = strncmp(url, "https://", 8) == 0;
	at = at ? at + 3 : url;
	bool literal = *at == '['; /* IPv6 */
	end = literal ? strchr(at, ']') : at + strcspn(at, ":/");
	if (!end)
		return false;
	at += literal;
	size_t n = (size_t)(end - at);
	if (n == 0 || n >= HOST)
		return false;
	memcpy(p->host, at, n);
	p->host[n] = '\0';
	end += literal;
	(void)snprintf(p->port, sizeof(p->port), "%.*s", *end == ':' ? PORT - 1 : 0,
		*end == ':' ? end + 1 : "");
	p->port[strcspn(p->port, "/")] = '\0';
	if (!*p->port)
		(void)snprintf(p->port, sizeof(p->port), "%s", p->tls ? "443" : "80");
	return true;
}

/* 0, or errno. */
static int wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int ready = poll(&p, 1, WAIT_MS);

	return ready > 0 ? 0 : ready < 0 ? errno : ETIMEDOUT;
}

/* A connected socket; -1 with errno. */
static int connect_to(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t n = sizeof(int);

	if (fd < 0)
		return -1;
	int code = connect(fd, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
	if (code == EINPROGRESS)
		code = wait_for(fd, POLLOUT);
	if (!code && getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &n) != 0)
		code = errno;
	if (!code)
		return fd;
	(void)close(fd);
	errno = code;
	return -1;
}

/* The status of an answer to the smallest request; 0 when it is no HTTP. */
static int ask(int fd, const struct place *p)
{
	char request[HOST + 64], answer[ANSWER + 1];

	int n = snprintf(request, sizeof(request),
		"GET / HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n", p->host, p->port);
	if (send(fd, request, (size_t)n, MSG_NOSIGNAL) != n || wait_for(fd, POLLIN))
		return 0;
	ssize_t got = recv(fd, answer, ANSWER, 0);
	answer[got > 0 ? got : 0] = '\0';
	return strncmp(answer, "HTTP/1.", 7) == 0 && strlen(answer) > 9
		       ? (int)strtol(answer + 9, NULL, 10)
		       : 0;
}

static void say_answer(struct doctor *d, const struct place *p, const char *url, int status)
{
	if (p->tls)
		doctor_say(d, DOCTOR_OK, "node", "",
			"%s: %s:%s takes connections; TLS was not tried", url, p->host, p->port);
	else if (!status)
		doctor_say(
			d, DOCTOR_FAIL, "node", "is it https?", "%s answers, but not in HTTP", url);
	else if (status == 401 || status == 403 || status < 400)
		doctor_say(d, DOCTOR_OK, "node", "", "%s answers with %d%s", url, status,
			status < 400 ? "" : ": it wants a user");
	else
		doctor_say(d, DOCTOR_WARN, "node", "look at the log of that server",
			"%s answers with %d", url, status);
}

void doctor_node(struct doctor *d, const char *url)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	struct place p;
	int fd = -1, code;

	if (!parse(url, &p)) {
		doctor_say(d, DOCTOR_FAIL, "node", "http://HOST:PORT or https://HOST:PORT",
			"%s is no URL of a node", url);
		return;
	}
	code = getaddrinfo(p.host, p.port, &hints, &list);
	if (code) {
		doctor_say(d, DOCTOR_FAIL, "node", "look at name and DNS", "%s: %s", url,
			gai_strerror(code));
		return;
	}
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
		fd = connect_to(a);
	if (fd < 0) {
		doctor_say(d, DOCTOR_FAIL, "node", "is it up, and does a firewall let us through?",
			"%s cannot be reached: %s", url, strerror(errno));
	} else {
		say_answer(d, &p, url, p.tls ? 0 : ask(fd, &p));
		(void)close(fd);
	}
	freeaddrinfo(list);
}
