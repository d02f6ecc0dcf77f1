/* audit_ask.c -- questions to the nodes, through espcap-ship. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEAD_MAX = 9000, CHUNK = 65536, IN_MAX = 32 << 20, EXIT_NOT_STARTED = 127 };

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

void audit_heed_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal }; /* no SA_RESTART: reads end */

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static void become(struct child_args *args, int in, int out, pid_t parent)
{
	(void)setpgid(0, 0); /* signals of the terminal go to espcap alone */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_Exit(EXIT_NOT_STARTED);
	(void)signal(SIGPIPE, SIG_DFL);
	_Exit(child_exec(args) ? EXIT_NOT_STARTED : 0);
}

int audit_ask_start(struct audit_ask *a, struct child_args *args, struct err_detail *why)
{
	int requests[2], answers[2];
	pid_t parent = getpid();

	*a = (struct audit_ask){ .to = -1, .from = -1 };
	buf_init(&a->in, IN_MAX);
	if (pipe2(requests, O_CLOEXEC) != 0)
		return err_set(why, ERR_SYS, "cannot make a pipe: %s", strerror(errno));
	if (pipe2(answers, O_CLOEXEC) != 0) {
		(void)close(requests[0]);
		(void)close(requests[1]);
		return err_set(why, ERR_SYS, "cannot make a pipe: %s", strerror(errno));
	}
	a->pid = fork();
	if (a->pid == 0)
		become(args, requests[0], answers[1], parent);
	(void)close(requests[0]);
	(void)close(answers[1]);
	a->to = requests[1];
	a->from = answers[0];
	if (a->pid > 0)
		return 0;
	a->pid = 0;
	audit_ask_end(a);
	return err_set(why, ERR_SYS, "cannot start %s: %s", args->items[0], strerror(errno));
}

static void close_pipes(struct audit_ask *a)
{
	if (a->to >= 0)
		(void)close(a->to);
	if (a->from >= 0)
		(void)close(a->from);
	a->to = a->from = -1;
}

static void collect(struct audit_ask *a)
{
	int status;

	close_pipes(a);
	while (a->pid > 0 && waitpid(a->pid, &status, 0) != a->pid)
		if (errno != EINTR)
			return;
	if (a->pid > 0)
		a->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	a->pid = 0;
}

void audit_ask_end(struct audit_ask *a)
{
	if (a->pid > 0 && stopped)
		(void)kill(a->pid, SIGTERM);
	collect(a);
	buf_done(&a->in);
}

static int ended(struct audit_ask *a)
{
	if (stopped)
		return ERR_STOPPED;
	collect(a);
	return ERR_END;
}

static int send_all(struct audit_ask *a, const char *data, size_t n)
{
	while (n) {
		ssize_t done = stopped ? -1 : write(a->to, data, n);
		if (done < 0 && (stopped || errno != EINTR))
			return ended(a);
		if (done > 0) {
			data += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* Reads more of what the child has to say. */
static int more(struct audit_ask *a)
{
	int err = buf_reserve(&a->in, CHUNK);

	if (err)
		return err;
	for (;;) {
		ssize_t n = stopped ? -1 : read(a->from, a->in.data + a->in.len, CHUNK);
		if (n > 0) {
			a->in.len += (size_t)n;
			return 0;
		}
		if (n == 0 || stopped || errno != EINTR)
			return ended(a);
	}
}

/* "STATUS LENGTH" */
static int read_head(struct audit_ask *a, int *status, size_t *length)
{
	const char *newline = NULL;
	char head[64], *end;
	int err = 0;

	buf_reset(&a->in); /* one question at a time: nothing of an answer is left over */
	while (!err && !newline) {
		err = more(a);
		newline = err ? NULL : memchr(a->in.data, '\n', a->in.len);
		if (a->in.len >= sizeof(head) && !newline)
			return ERR_INPUT;
	}
	if (err)
		return err;
	size_t n = (size_t)(newline - a->in.data);
	if (n >= sizeof(head))
		return ERR_INPUT;
	(void)snprintf(head, sizeof(head), "%.*s", (int)n, a->in.data);
	a->used = n + 1;
	*status = (int)strtol(head, &end, 10);
	*length = *end == ' ' ? strtoul(end + 1, &end, 10) : IN_MAX;
	return end > head && *end == '\0' && *length < IN_MAX - CHUNK ? 0 : ERR_INPUT;
}

int audit_ask(struct audit_ask *a, const char *method, const char *path, const struct buf *body,
	int *status, struct buf *answer)
{
	char head[HEAD_MAX];
	size_t length = 0;

	int n = snprintf(head, sizeof(head), "%s %s %zu\n", method, path, body ? body->len : 0);
	if (n < 0 || (size_t)n >= sizeof(head))
		return ERR_TOO_BIG;
	int err = send_all(a, head, (size_t)n);
	if (!err && body)
		err = send_all(a, body->data, body->len);
	if (!err)
		err = read_head(a, status, &length);
	while (!err && a->in.len - a->used < length)
		err = more(a);
	if (err)
		return err;
	buf_reset(answer);
	return buf_add(answer, a->in.data + a->used, length);
}
