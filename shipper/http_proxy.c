/* http_proxy.c -- by way of which proxy. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <string.h>

#include "hosts.h"

static bool is_good(const char *url)
{
	const char *slashes = strstr(url, "://");
	bool known = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
	const char *port = strrchr(url, ':');

	return (!slashes || known) && port && port != slashes && port > url &&
	       strspn(port + 1, "0123456789") > 0 &&
	       strspn(port + 1, "0123456789/") == strlen(port + 1);
}

int http_proxy_check(const struct http_conf *conf, struct err_detail *why)
{
	char secret[SECRET_MAX];

	if (conf->proxy && strchr(conf->proxy, '@'))
		return err_set(why, ERR_CONFIG,
			"credentials do not belong into the URL of a proxy, where others can see "
			"them; use --proxy-user with --proxy-password-file");
	if (conf->proxy && !is_good(conf->proxy))
		return err_set(why, ERR_CONFIG,
			"--proxy cannot be \"%.200s\"; it wants http://HOST:PORT or "
			"https://HOST:PORT",
			conf->proxy);
	if ((conf->proxy_user != NULL) != (conf->proxy_password_file != NULL))
		return err_set(
			why, ERR_CONFIG, "--proxy-user and --proxy-password-file need each other");
	if (!conf->proxy_user)
		return 0;
	int err = secret_read("proxy's password", conf->proxy_password_file, secret, why);
	explicit_bzero(secret, sizeof(secret));
	return err;
}

/* Its password is read again for each request, as ours is. libcurl keeps a copy of its own. */
static void set_user(struct transfer *t)
{
	const struct http_conf *conf = &t->http->conf;
	struct err_detail why;
	char secret[SECRET_MAX];

	(void)curl_easy_setopt(t->easy, CURLOPT_PROXYUSERNAME, conf->proxy_user);
	/* what cannot be read is told by the proxy, which wants it */
	if (!secret_read("proxy's password", conf->proxy_password_file, secret, &why))
		(void)curl_easy_setopt(t->easy, CURLOPT_PROXYPASSWORD, secret);
	explicit_bzero(secret, sizeof(secret));
}

void http_proxy_set(struct transfer *t)
{
	const struct http_conf *conf = &t->http->conf;

	/* what goes to this machine goes to no proxy, which is another one */
	if (host_is_loopback(t->request.url)) {
		(void)curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
		return;
	}
	if (conf->proxy)
		(void)curl_easy_setopt(t->easy, CURLOPT_PROXY, conf->proxy);
	if (conf->proxy_user)
		set_user(t);
}
