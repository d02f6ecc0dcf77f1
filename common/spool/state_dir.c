/* state_dir.c -- where spools lie that nobody has named. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "state_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int state_dir(char out[PATHS_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = state && *state == '/'
			? snprintf(out, PATHS_MAX, "%s/espcap", state)
			: snprintf(out, PATHS_MAX, "%s/.local/state/espcap", home ? home : "/root");

	return n > 0 && n < PATHS_MAX - 64 ? 0 : ERR_TOO_BIG;
}

int state_dir_make(const char *path)
{
	char part[PATHS_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return ERR_SYS;
	}
	return mkdir(path, 0700) != 0 && errno != EEXIST ? ERR_SYS : 0;
}
