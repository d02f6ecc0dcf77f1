/* child.c -- the two services as child processes of the one-shot. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

enum { PROGRAM_PATH_MAX = 4096, ARG_MAX_BYTES = 8192, EXIT_NOT_STARTED = 127 };

int child_args_add(struct child_args *args, const char *format, ...)
{
	char text[ARG_MAX_BYTES];
	va_list list;

	va_start(list, format);
	int n = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (n < 0 || (size_t)n >= sizeof(text) || args->count + 1 >= CHILD_ARGS_MAX)
		return ERR_TOO_BIG;
	args->items[args->count] = strdup(text);
	return args->items[args->count++] ? 0 : ERR_NOMEM;
}

int child_args_init(struct child_args *args, const char *program)
{
	char self[PROGRAM_PATH_MAX], beside[PROGRAM_PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	*args = (struct child_args){ .count = 0 };
	self[n > 0 ? n : 0] = '\0';
	int len = snprintf(beside, sizeof(beside), "%s/%s", dirname(self), program);
	bool there = n > 0 && len > 0 && (size_t)len < sizeof(beside) && access(beside, X_OK) == 0;
	return child_args_add(args, "%s", there ? beside : program);
}

void child_args_done(struct child_args *args)
{
	for (size_t i = 0; i < args->count; i++)
		free(args->items[i]);
	args->count = 0;
}

static bool listed(enum conf_id id, const enum conf_id *but)
{
	for (; *but != CONF_COUNT; but++)
		if (*but == id)
			return true;
	return false;
}

static int forward_one(struct child_args *args, const struct conf *conf, enum conf_id id)
{
	const struct conf_option *o = &conf_options[id];
	int err = 0;

	if (o->type == CONF_FLAG)
		return child_args_add(
			args, "--%s=%s", o->name, conf_flag(conf, id) ? "true" : "false");
	for (size_t i = 0; i < conf_count(conf, id) && !err; i++)
		err = child_args_add(args, "--%s=%s", o->name, conf_item(conf, id, i));
	return err;
}

int child_args_forward(
	struct child_args *args, const struct conf *conf, unsigned program, const enum conf_id *but)
{
	int err = 0;

	for (int id = 0; id < CONF_COUNT && !err; id++) {
		bool given = conf->values[id].source == CONF_COMMAND_LINE;
		if (given && (conf_options[id].programs & program) &&
			!listed((enum conf_id)id, but))
			err = forward_one(args, conf, (enum conf_id)id);
	}
	return err;
}

static void become(char **items)
{
	(void)execvp(items[0], items);
	log_error("cannot start %s: %s", items[0], strerror(errno));
	_Exit(EXIT_NOT_STARTED);
}

int child_exec(struct child_args *args)
{
	(void)execvp(args->items[0], args->items);
	log_error("cannot start %s: %s", args->items[0], strerror(errno));
	return 1;
}

int child_start(struct child *c, struct child_args *args, struct err_detail *why)
{
	int ends[2];

	*c = (struct child){ .report = -1, .status = -1 };
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(why, ERR_SYS, "cannot make a pipe: %s", strerror(errno));
	if (child_args_add(args, "--report-fd=%d", ends[1]))
		return err_set(why, ERR_NOMEM, "out of memory");
	pid_t parent = getpid();
	c->pid = fork();
	if (c->pid == 0) {
		(void)setpgid(0, 0);
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_Exit(EXIT_NOT_STARTED);
		(void)fcntl(ends[1], F_SETFD, 0);
		become(args->items);
	}
	(void)close(ends[1]);
	c->report = ends[0];
	if (c->pid > 0)
		return 0;
	(void)close(ends[0]);
	*c = (struct child){ .report = -1, .status = -1 };
	return err_set(why, ERR_SYS, "cannot start %s: %s", args->items[0], strerror(errno));
}

static void close_report(struct child *c)
{
	(void)close(c->report);
	c->report = -1;
}

void child_read(struct child *c, void (*line)(void *arg, const char *text), void *arg)
{
	ssize_t n = read(c->report, c->line + c->len, sizeof(c->line) - 1 - c->len);

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		close_report(c);
		return;
	}
	c->len += (size_t)n;
	char *start = c->line, *newline;
	while ((newline = memchr(start, '\n', c->len - (size_t)(start - c->line)))) {
		*newline = '\0';
		line(arg, start);
		start = newline + 1;
	}
	c->len -= (size_t)(start - c->line);
	memmove(c->line, start, c->len);
	if (c->len == sizeof(c->line) - 1) /* a line without end */
		close_report(c);
}

void child_reap(struct child *c)
{
	int status;

	if (c->pid <= 0 || waitpid(c->pid, &status, WNOHANG) != c->pid)
		return;
	c->pid = 0;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void child_signal(const struct child *c, int signal)
{
	if (c->pid > 0)
		(void)kill(c->pid, signal);
}
