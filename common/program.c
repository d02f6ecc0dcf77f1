/* program.c -- how a service begins: its options, its log, its exit code. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include "log.h"

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
	return program->start(c, why);
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
	return code;
}
