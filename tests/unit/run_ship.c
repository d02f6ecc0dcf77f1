/* run_ship.c -- the real espcap-ship on a spool of a test, and what it then has settled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "run_ship.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 24 };

pid_t run_start(const char *name, const char *const *words)
{
	const char *bin = getenv("ESPCAP_BIN_DIR");
	char program[PATHS_MAX], *argv[WORDS] = { program };

	assert_non_null(bin); /* ctest sets it */
	(void)snprintf(program, sizeof(program), "%s/%s", bin, name);
	for (size_t i = 0; words[i] && i + 2 < WORDS; i++)
		argv[i + 1] = (char *)(uintptr_t)words[i];
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(null, STDERR_FILENO);
		(void)execv(program, argv);
		_exit(127);
	}
	assert_true(child > 0);
	return child;
}

int run_ship(const struct box *b, const char *option, const char *value)
{
	const char *const words[] = { "--spool", b->spool.dir, option, value, "--once",
		"--give-up-after", "500ms", "--setup", "never", "--config", "", NULL };
	int status = -1;
	pid_t child = run_start("espcap-ship", words);

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

struct ack_chain run_ship_acked(const struct box *b)
{
	struct slots slots;
	struct ack ack;

	assert_int_equal(ack_open(&slots, b->spool.dir, b->spool.epoch, false, NULL), 0);
	ack_read(&slots, &ack, NULL);
	slots_close(&slots);
	return ack.chain[ACK_REC];
}
