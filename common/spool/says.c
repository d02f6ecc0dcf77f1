/* says.c -- why nothing is sent, in the words of the ship that works on a spool. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "says.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

void says_write(const struct spool *spool, const char *text)
{
	char path[PATHS_MAX];

	if (paths_join(path, spool->dir, "says"))
		return;
	if (!*text)
		(void)unlink(path);
	else if (paths_replace(path, text, strlen(text))) {
		/* people read it in the log */
	}
}

bool says_read(const struct spool *spool, char text[SAYS_MAX])
{
	char path[PATHS_MAX];

	int fd = paths_join(path, spool->dir, "says") ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, SAYS_MAX - 1);
	if (fd >= 0)
		(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return n > 0;
}
