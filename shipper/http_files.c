/* http_files.c -- the files that a connection needs: password, and certificates to trust. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int http_read_password(const char *path, char out[HTTP_PASSWORD_MAX], struct err_detail *why)
{
	struct stat st;

	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		int err = err_set(why, ERR_CONFIG, "cannot read the password file %s: %s", path,
			strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return err;
	}
	ssize_t n = read(fd, out, HTTP_PASSWORD_MAX - 1);
	(void)close(fd);
	if (st.st_mode & 077)
		return err_set(why, ERR_CONFIG,
			"the password file %s can be read by others; chmod 600 %s closes it", path,
			path);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return *out ? 0 : err_set(why, ERR_CONFIG, "the password file %s is empty", path);
}

/* libcurl would say so only when it connects, and then as if the server were to blame. */
int http_check_ca_file(const char *path, struct err_detail *why)
{
	FILE *file = fopen(path, "re");
	char line[256];
	bool pem = false;

	if (!file)
		return err_set(
			why, ERR_CONFIG, "cannot read the CA file %s: %s", path, strerror(errno));
	while (!pem && fgets(line, sizeof(line), file))
		pem = strncmp(line, "-----BEGIN ", 11) == 0;
	(void)fclose(file);
	return pem ? 0
		   : err_set(why, ERR_CONFIG, "the CA file %s holds no certificate in PEM", path);
}
