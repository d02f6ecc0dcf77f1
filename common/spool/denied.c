/* denied.c -- what to tell people when a file or folder of the spool cannot be used. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "denied.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"

enum { NAME_MAX_BYTES = 64, WHO_MAX = 2 * NAME_MAX_BYTES + 2, DEPTH_MAX = 64 };

/* "user:group", or numbers where there is no name. */
static void who(uid_t uid, gid_t gid, char out[WHO_MAX])
{
	char user[NAME_MAX_BYTES], group[NAME_MAX_BYTES];

	(void)snprintf(user, sizeof(user), "%lu", (unsigned long)uid);
	(void)snprintf(group, sizeof(group), "%lu", (unsigned long)gid);
	const struct passwd *pw = getpwuid(uid);
	if (pw)
		(void)snprintf(user, sizeof(user), "%s", pw->pw_name);
	const struct group *gr = getgrgid(gid);
	if (gr)
		(void)snprintf(group, sizeof(group), "%s", gr->gr_name);
	(void)snprintf(out, WHO_MAX, "%s:%s", user, group);
}

/* The path or the nearest folder above that can be looked at. */
static bool find_visible(char path[PATHS_MAX], struct stat *st)
{
	for (unsigned i = 0; i < DEPTH_MAX; i++) {
		if (stat(path, st) == 0)
			return true;
		char *slash = strrchr(path, '/');
		if (slash == path || !slash)
			return stat(slash ? "/" : ".", st) == 0 &&
			       snprintf(path, PATHS_MAX, "%s", slash ? "/" : ".") > 0;
		*slash = '\0';
	}
	return false;
}

int denied_set(struct err_detail *why, const char *what, const char *path)
{
	char visible[PATHS_MAX], owner[WHO_MAX], us[WHO_MAX];
	struct stat st;
	int code = errno;

	if (code != EACCES && code != EPERM)
		return err_set(why, code == EROFS ? ERR_PERMISSION : ERR_SPOOL_IO,
			"cannot %s %s: %s", what, path, strerror(code));
	(void)snprintf(visible, sizeof(visible), "%s", path);
	if (!find_visible(visible, &st))
		return err_set(why, ERR_PERMISSION, "cannot %s %s: %s", what, path, strerror(code));
	who(st.st_uid, st.st_gid, owner);
	who(geteuid(), getegid(), us);
	int err = err_set(why, ERR_PERMISSION,
		"cannot %s %s: %s; %s belongs to %s, mode %04o, and this is %s", what, path,
		strerror(code), strcmp(visible, path) == 0 ? "it" : visible, owner,
		(unsigned)st.st_mode & 07777, us);
	errno = code;
	return err;
}
