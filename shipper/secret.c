/* secret.c -- a secret in a file that nobody else may read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *credentials(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder && *folder ? folder : NULL;
}

const char *secret_path(const char *given, const char *name, char found[SECRET_PATH_MAX])
{
	const char *folder = credentials();

	if (given || !folder)
		return given;
	int n = snprintf(found, SECRET_PATH_MAX, "%s/espcap.%s", folder, name);
	return n > 0 && n < SECRET_PATH_MAX && access(found, F_OK) == 0 ? found : NULL;
}

/* systemd lets a service's user in by an access list, which shows as rights of the group. */
static bool is_credential(const char *path)
{
	const char *folder = credentials();
	size_t n = folder ? strlen(folder) : 0;

	return n && strncmp(path, folder, n) == 0 && path[n] == '/' && !strstr(path + n, "/../");
}

static int check_mode(
	const char *what, const char *path, const struct stat *st, struct err_detail *why)
{
	if (!(st->st_mode & 077) || is_credential(path))
		return 0;
	return err_set(why, ERR_CONFIG,
		"the %s file %s can be read by others; chmod 600 %s closes it", what, path, path);
}

static int cannot_read(const char *what, const char *path, struct err_detail *why)
{
	return err_set(
		why, ERR_CONFIG, "cannot read the %s file %s: %s", what, path, strerror(errno));
}

int secret_check(const char *what, const char *path, struct err_detail *why)
{
	struct stat st;

	if (stat(path, &st) != 0 || access(path, R_OK) != 0)
		return cannot_read(what, path, why);
	return check_mode(what, path, &st, why);
}

static int read_line(
	const char *what, const char *path, int fd, char out[SECRET_MAX], struct err_detail *why)
{
	struct stat st;
	size_t n = 0;
	ssize_t got = 0;

	if (fstat(fd, &st) != 0)
		return cannot_read(what, path, why);
	int err = check_mode(what, path, &st, why);
	if (err)
		return err;
	while (n < SECRET_MAX - 1 && (got = read(fd, out + n, SECRET_MAX - 1 - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		return cannot_read(what, path, why);
	out[n] = '\0';
	size_t len = strcspn(out, "\r\n");
	if (len == SECRET_MAX - 1)
		return err_set(why, ERR_CONFIG, "the %s file %s has more than %d characters", what,
			path, SECRET_MAX - 2);
	out[len] = '\0';
	return len ? 0 : err_set(why, ERR_CONFIG, "the %s file %s is empty", what, path);
}

int secret_read(const char *what, const char *path, char out[SECRET_MAX], struct err_detail *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err = fd < 0 ? cannot_read(what, path, why) : read_line(what, path, fd, out, why);

	if (fd >= 0)
		(void)close(fd);
	if (err)
		explicit_bzero(out, SECRET_MAX);
	return err;
}

bool secret_again(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 || S_ISREG(st.st_mode);
}
