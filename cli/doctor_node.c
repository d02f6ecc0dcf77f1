/* doctor_node.c -- is it Elasticsearch that answers where documents are to go?
 *
 * Asks what espcap-ship asks before it sends anything (setup.c), as far as a stranger may: who are
 * you, and, of one that does not say so at its root, which version is the node. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "doctor.h"

enum { PORT = 8, WAIT_MS = 3000, ANSWER = 65536, REQUEST = 1024, SERVER = 64 };

static const char node_path[] = "/_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor";

struct node {
	struct doctor *doctor;
	struct node_url url;
	const struct addrinfo *address; /* that took the connection ... */
	int fd;                         /* ... which is this one; -1: none */
};

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

/* --- one question --- */

struct reply {
	int status;  /* 0: no HTTP */
	cJSON *root; /* NULL: no JSON; owned */
};

/* Joins the chunks of a body in place. */
static void join_chunks(char *body)
{
	char *to = body, *from = body, *end = body + strlen(body);

	while (from < end) {
		char *data = strstr(from, "\r\n");
		size_t n = strtoul(from, NULL, 16);
		if (!data || !n || n > (size_t)(end - data - 2))
			break;
		memmove(to, data + 2, n);
		to += n;
		from = data + 2 + n + 2;
	}
	*to = '\0';
}

static struct reply read_reply(char *answer)
{
	struct reply r = { 0 };
	char *body = strstr(answer, "\r\n\r\n");

	if (strncmp(answer, "HTTP/1.", 7) != 0 || strlen(answer) <= 9)
		return r;
	r.status = (int)strtol(answer + 9, NULL, 10);
	if (!body)
		return r;
	*body = '\0';
	body += 4;
	if (strcasestr(answer, "\r\ntransfer-encoding: chunked"))
		join_chunks(body);
	r.root = cJSON_Parse(body);
	return r;
}

/* Each on a connection of its own. */
static struct reply ask(struct node *node, const char *path)
{
	static char answer[ANSWER + 1];
	char request[REQUEST];
	const struct node_url *u = &node->url;
	const char *behind = strchr(strstr(u->text, "://") + 3, '/');
	int fd = node->fd >= 0 ? node->fd : connect_to(node->address);
	size_t len = 0;

	int n = snprintf(request, sizeof(request),
		"GET %s%s HTTP/1.1\r\nHost: %s%s%s:%u\r\nAccept: application/json\r\n"
		"Connection: close\r\n\r\n",
		behind ? behind : "", path, strchr(u->host, ':') ? "[" : "", u->host,
		strchr(u->host, ':') ? "]" : "", u->port);
	bool sent = fd >= 0 && send(fd, request, (size_t)n, MSG_NOSIGNAL) == n;
	while (sent && len < ANSWER && !wait_for(fd, POLLIN)) {
		ssize_t got = recv(fd, answer + len, ANSWER - len, 0);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	answer[len] = '\0';
	if (fd >= 0)
		(void)close(fd);
	node->fd = -1;
	return read_reply(answer);
}

/* --- what it is --- */

static const char *text_member(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* "Elasticsearch 8.19.1"; false when it does not say. */
static bool name_server(const cJSON *root, char out[SERVER])
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version");
	const cJSON *nodes = cJSON_GetObjectItemCaseSensitive(root, "nodes");
	const cJSON *node = nodes ? nodes->child : NULL;
	const char *number = text_member(version, "number"), *other;

	other = text_member(version, "distribution");
	bool opensearch = other && strcmp(other, "opensearch") == 0;
	if (!number) {
		number = text_member(node, "version");
		opensearch = !text_member(node, "build_flavor");
	}
	if (number)
		(void)snprintf(out, SERVER, "%s %.32s", opensearch ? "OpenSearch" : "Elasticsearch",
			number);
	return number != NULL;
}

static void say(const struct node *node, enum doctor_state state, const char *action,
	const char *what, int status)
{
	doctor_say(node->doctor, state, "node", action, "%s %s (status %d)", node->url.text, what,
		status);
}

/* Answers that mean the same whatever was asked. */
static bool say_trouble(const struct node *node, int status)
{
	if (!status)
		doctor_say(node->doctor, DOCTOR_FAIL, "node", "is it https?",
			"%s answers, but not in HTTP", node->url.text);
	else if (status == 401)
		say(node, DOCTOR_OK, "", "answers: it wants a user", status);
	else if (status == 403)
		say(node, DOCTOR_WARN,
			"look at the rights of whom espcap-ship will be, or at "
			"what stands before the server",
			"answers, but forbids to ask it", status);
	else if (status >= 300 && status < 400)
		say(node, DOCTOR_FAIL, "does a proxy or a portal answer in its place?",
			"is not Elasticsearch: it answers with a redirect", status);
	else if (status == 429 || status >= 500)
		say(node, DOCTOR_WARN, "look at the log of that server", "is busy or in trouble",
			status);
	else
		return false;
	return true;
}

static bool say_reply(const struct node *node, const struct reply *r, bool last)
{
	char server[SERVER];

	if (!(r->status == 403 && !last) && say_trouble(node, r->status))
		return true;
	if (r->root && name_server(r->root, server))
		doctor_say(node->doctor, DOCTOR_OK, "node", "", "%s answers: %s", node->url.text,
			server);
	else if (!r->root && (last || r->status == 200))
		say(node, DOCTOR_FAIL, "does a proxy or a portal answer in its place?",
			"is not Elasticsearch: it does not answer in JSON", r->status);
	else if (last)
		say(node, DOCTOR_WARN, "is it Elasticsearch or OpenSearch?",
			"answers in JSON, but not with a version", r->status);
	else
		return false; /* some answer 405 or 403 at their root, and are well */
	return true;
}

static void look(struct node *node)
{
	static const char *const paths[] = { "/", node_path };
	bool said = false;

	for (unsigned i = 0; i < 2 && !said; i++) {
		struct reply r = ask(node, paths[i]);
		said = say_reply(node, &r, i == 1);
		cJSON_Delete(r.root);
	}
}

/* To the first address that takes a connection. False with errno. */
static bool connect_any(struct node *node, const struct addrinfo *list)
{
	for (; list && node->fd < 0; list = list->ai_next) {
		node->fd = connect_to(list);
		node->address = list;
	}
	return node->fd >= 0;
}

void doctor_node(struct doctor *d, const struct node_url *url)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct node node = { .doctor = d, .url = *url, .fd = -1 };
	struct addrinfo *list = NULL;
	char port[PORT];

	(void)snprintf(port, sizeof(port), "%u", url->port);
	int code = getaddrinfo(url->host, port, &hints, &list);
	if (code) {
		doctor_say(d, DOCTOR_FAIL, "node", "look at name and DNS", "%s: %s", url->text,
			gai_strerror(code));
		return;
	}
	if (!connect_any(&node, list))
		doctor_say(d, DOCTOR_FAIL, "node", "is it up, and does a firewall let us through?",
			"%s cannot be reached: %s", url->text, strerror(errno));
	else if (url->tls)
		doctor_say(d, DOCTOR_OK, "node", "", "%s takes connections; TLS was not tried",
			url->text);
	else
		look(&node);
	if (node.fd >= 0)
		(void)close(node.fd);
	freeaddrinfo(list);
}
