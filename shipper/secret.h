/* secret.h -- a secret in a file that nobody else may read. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SECRET_H
#define ESPCAP_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum { SECRET_MAX = 4096, SECRET_PATH_MAX = 4096 };

/* The file of a secret: the one that was given, or else the credential espcap.NAME that systemd
 * keeps for the service ($CREDENTIALS_DIRECTORY, see systemd.exec(5)); NULL for neither. Valid as
 * long as given and found. */
const char *secret_path(const char *given, const char *name, char found[SECRET_PATH_MAX]);

/* Whether only its owner, or systemd's credentials, may read the file: ERR_CONFIG with a sentence.
 * `what` says what it is ("password"). */
int secret_check(const char *what, const char *path, struct err_detail *why) ERR_WARN_UNUSED;

/* The first line of such a file. ERR_CONFIG with a sentence that never quotes it; then out is
 * empty. */
int secret_read(const char *what, const char *path, char out[SECRET_MAX],
	struct err_detail *why) ERR_WARN_UNUSED;

/* False for a pipe, as of a shell's <(...), which gives its secret once. */
bool secret_again(const char *path);

#endif
