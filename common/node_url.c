/* node_url.c -- what --node takes, as every part of espcap reads it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "node_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_DIGITS = 5, PORT_MAX = 65535, HTTP_PORT = 80, HTTPS_PORT = 443 };

static int refuse(const char *node, const char *wants, struct err_detail *why)
{
	return err_set(why, ERR_USAGE, "--node cannot be \"%.200s\"; %s", node, wants);
}

/* Everything but the authority. */
static int check_form(const char *node, struct err_detail *why)
{
	bool scheme = strncmp(node, "http://", 7) == 0 || strncmp(node, "https://", 8) == 0;

	/* first of all, and wherever it stands: a sentence that quotes the node would tell it too */
	if (strchr(node, '@'))
		return err_set(why, ERR_USAGE,
			"credentials do not belong into the URL of a node, where others can see "
			"them; use --user with --password-file, --api-key-file or --token-file");
	if (strstr(node, "://") && !scheme)
		return refuse(node, "it wants http:// or https://", why);
	if (strpbrk(node, " \t\r\n\"<>?#"))
		return refuse(node, "it wants URL or HOST:PORT", why);
	return 0;
}

/* ":PORT" up to a slash or the end; nothing is 0. */
static bool read_port(const char *text, unsigned *port)
{
	size_t n = strcspn(text, "/");
	unsigned long number;

	*port = 0;
	if (n == 0)
		return true;
	if (*text != ':' || n < 2 || n > 1 + PORT_DIGITS || strspn(text + 1, "0123456789") != n - 1)
		return false;
	number = strtoul(text + 1, NULL, 10);
	*port = (unsigned)number;
	return number >= 1 && number <= PORT_MAX;
}

int node_url_parse(const char *node, struct node_url *out, struct err_detail *why)
{
	struct node_url u = { .tls = strncmp(node, "https://", 8) == 0 };
	const char *slashes = strstr(node, "://"), *host, *end;

	int err = check_form(node, why);
	if (err)
		return err;
	host = slashes ? slashes + 3 : node;
	bool literal = *host == '['; /* IPv6 */
	host += literal;
	end = host + strcspn(host, literal ? "]" : ":/");
	if (end == host || end - host >= NODE_HOST_MAX || (literal && *end != ']'))
		return refuse(node, "it wants URL or HOST:PORT", why);
	(void)snprintf(u.host, sizeof(u.host), "%.*s", (int)(end - host), host);
	end += literal;
	if (!read_port(end, &u.port))
		return refuse(node, "its port lies between 1 and 65535", why);
	int n = snprintf(u.text, sizeof(u.text), "%s%.*s%s%s", slashes ? "" : "http://",
		(int)(end - node), node, !slashes && !u.port ? ":9200" : "", end);
	if (n < 0 || n >= NODE_URL_MAX)
		return err_set(why, ERR_USAGE, "the URL of a node is longer than %d characters",
			NODE_URL_MAX - 1);
	while (n > 0 && u.text[n - 1] == '/')
		u.text[--n] = '\0';
	if (!u.port)
		u.port = !slashes ? NODE_PORT : u.tls ? HTTPS_PORT : HTTP_PORT;
	*out = u;
	return 0;
}

void node_url_mask(const char *node, char out[NODE_URL_MAX])
{
	const char *at = strrchr(node, '@'), *slashes = strstr(node, "://");
	int scheme = slashes && (!at || slashes < at) ? (int)(slashes + 3 - node) : 0;

	(void)snprintf(out, NODE_URL_MAX, "%.*s%s%s", scheme, node, at ? "***" : "",
		at ? at : node + scheme);
}
