/* program.c -- how a service begins: its options, its log, its exit code. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* Made before it is needed: a handler cannot format. */
static char last_words[256];
static size_t last_words_len;

static void on_bus_error(int signal)
{
	(void)signal;
	if (write(STDERR_FILENO, last_words, last_words_len) < 0) {
		/* nowhere left to say so */
	}
	_exit(1);
}

/* A page of a mapped file is gone: the file was cut, or the disk does not read it. Nothing can be
 * trusted then, and a new start finds what is whole (C-8). A file that would pass a limit is an
 * error of its write, not a reason to die. */
static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_bus_error };

	last_words_len = log_prepare(last_words, sizeof(last_words),
		"a file in use was cut short, or the disk does not read it (SIGBUS); ending at "
		"once, and what is committed stays: start again");
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGBUS, &action, NULL);
	(void)signal(SIGXFSZ, SIG_IGN);
}

static int run(const struct program *program, const struct conf *c, struct err_detail *why)
{
	if (conf_flag(c, OPT_HELP)) {
		program->usage(stdout);
		return 0;
	}
	if (conf_flag(c, OPT_VERSION)) {
		(void)printf("%s " ESPCAP_VERSION "\n", program->name);
		return 0;
	}
	if (conf_flag(c, OPT_PRINT_CONFIG)) {
		conf_print(c, stdout);
		return 0;
	}
	log_init(program->name, (enum log_level)conf_word(c, OPT_LOG_LEVEL));
	handle_signals();
	return program->start(c, why);
}

int program_end(int code)
{
	errno = 0;
	bool failed = fflush(stdout) != 0 || ferror(stdout);

	if (code || !failed)
		return code;
	log_error("cannot write to standard output%s%s", errno ? ": " : "",
		errno ? strerror(errno) : "");
	return 1;
}

int program_run(const struct program *program, int argc, char **argv)
{
	struct err_detail why = { "" };
	struct conf c;
	int code;

	log_init(program->name, LOG_LEVEL_INFO);
	int err = conf_load(&c, program->options, argc, argv, &why);
	if (err) {
		log_error("%s", why.text);
		/* a service is not started again after 2 and 78: memory may be there next time */
		code = err == ERR_NOMEM ? 1 : err == ERR_CONFIG ? EXIT_CONFIG : EXIT_USAGE;
	} else {
		code = run(program, &c, &why);
	}
	conf_done(&c);
	return program_end(code);
}
