/* ask.c -- requests of another program of ours, by the one implementation of HTTP. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts.h"
#include "http.h"

enum { LINE_MAX_BYTES = 8192, METHOD_MAX = 8, URL_MAX = HOST_URL_MAX + LINE_MAX_BYTES };

struct ask {
	uv_loop_t loop;
	struct http *http;
	struct hosts hosts;
	size_t turn; /* the node that answered last */
	struct buf body, answer;
	int status;
	bool done, answered; /* this request; any one */
};

static void on_answer(void *arg, const struct http_answer *answer)
{
	struct ask *a = arg;

	a->status = answer->status;
	buf_reset(&a->answer);
	if (answer->status)
		buf_add(&a->answer, answer->body, answer->len);
	else
		buf_printf(&a->answer, "%s: %s", a->hosts.items[a->turn].url,
			answer->error ? answer->error : "no answer");
	a->done = true;
}

/* What another node, or another time, may answer better. */
static bool may_pass(int status)
{
	return status == 0 || status == 429 || (status >= 502 && status <= 504);
}

static int ask_host(struct ask *a, const char *method, const char *path)
{
	char url[URL_MAX];
	bool lines = strstr(path, "_msearch") != NULL;

	(void)snprintf(url, sizeof(url), "%s%s", a->hosts.items[a->turn].url, path);
	const struct http_request request = { .method = method,
		.url = url,
		.body = a->body.len ? a->body.data : NULL,
		.len = a->body.len,
		.type = !a->body.len ? NULL
			: lines      ? "application/x-ndjson"
				     : "application/json",
		.answer_max = ASK_ANSWER_MAX,
		.done = on_answer,
		.arg = a };
	a->done = false;
	int err = http_send(a->http, &request);
	while (!err && !a->done)
		if (uv_run(&a->loop, UV_RUN_ONCE) == 0 && !a->done)
			err = ERR_NOMEM; /* libcurl could not even be given a socket to watch */
	return err;
}

/* Each node once, until one answers. */
static int ask_round(struct ask *a, const char *method, const char *path, bool *good)
{
	int err = 0;

	for (size_t n = 0; n < a->hosts.count && !err; n++) {
		err = ask_host(a, method, path);
		*good = !err && !may_pass(a->status);
		if (*good)
			return 0;
		a->turn = (a->turn + 1) % a->hosts.count;
	}
	return err;
}

static int ask_all(struct ask *a, const char *method, const char *path)
{
	unsigned tries = a->answered ? ASK_TRIES : 1;
	bool good = false;
	int err = 0;

	for (unsigned i = 0; i < tries && !err && !good; i++) {
		if (i)
			(void)sleep(i);
		err = ask_round(a, method, path, &good);
	}
	a->answered = a->answered || good;
	return err;
}

/* ERR_END: no more requests. ERR_INPUT. */
static int read_request(struct ask *a, char method[METHOD_MAX], char path[LINE_MAX_BYTES])
{
	char line[LINE_MAX_BYTES], *save = NULL;

	if (!fgets(line, sizeof(line), stdin))
		return ERR_END;
	const char *word = strtok_r(line, " ", &save), *where = strtok_r(NULL, " ", &save);
	const char *length = strtok_r(NULL, " \n", &save);
	if (!length)
		return ERR_INPUT;
	(void)snprintf(method, METHOD_MAX, "%s", word);
	(void)snprintf(path, LINE_MAX_BYTES, "%s", where);
	size_t n = strtoul(length, NULL, 10);
	buf_reset(&a->body);
	int err = buf_reserve(&a->body, n ? n : 1);
	if (!err && fread(a->body.data, 1, n, stdin) != n)
		err = ERR_INPUT;
	a->body.len = err ? 0 : n;
	return err;
}

static int write_answer(const struct ask *a)
{
	(void)printf("%d %zu\n", a->status, a->answer.len);
	if (a->answer.len)
		(void)fwrite(a->answer.data, 1, a->answer.len, stdout);
	return fflush(stdout) == 0 ? 0 : ERR_SYS;
}

static int serve(struct ask *a)
{
	char method[METHOD_MAX], path[LINE_MAX_BYTES];
	int err;

	while (!(err = read_request(a, method, path))) {
		err = ask_all(a, method, path);
		if (!err)
			err = write_answer(a);
		if (err)
			return err;
	}
	return err == ERR_END ? 0 : err;
}

int ask_run(const struct sink_es_conf *conf, struct err_detail *why)
{
	static struct ask a;

	buf_init(&a.body, ASK_BODY_MAX);
	buf_init(&a.answer, ASK_ANSWER_MAX);
	int err = sink_es_hosts(conf, 0, &a.hosts, why);
	if (!err && uv_loop_init(&a.loop) != 0)
		err = err_set(why, ERR_SYS, "cannot start an event loop");
	if (!err)
		err = http_new(&a.loop, &conf->http, &a.http, why);
	if (!err) {
		err = serve(&a);
		if (err)
			(void)err_set(why, err, "cannot go on asking: %s", err_text(err));
		http_free(a.http);
		(void)uv_run(&a.loop, UV_RUN_DEFAULT);
	}
	buf_done(&a.body);
	buf_done(&a.answer);
	return err;
}
