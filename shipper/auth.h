/* auth.h -- who we are to a server: password, API key or token, as a header. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_AUTH_H
#define ESPCAP_AUTH_H

#include <stdbool.h>

#include "err.h"
#include "secret.h"

/* Files with secrets; at most one of the three kinds. */
struct auth_conf {
	const char *user, *password_file; /* basic authentication: both or neither */
	const char *api_key_file;         /* ID:KEY, or that in base64 */
	const char *token_file;           /* a bearer token */
};

enum { AUTH_HEADER_MAX = 2 * SECRET_MAX };

bool auth_given(const struct auth_conf *conf);

/* ERR_USAGE with a sentence: two kinds, or half of one. */
int auth_check(const struct auth_conf *conf, struct err_detail *why) ERR_WARN_UNUSED;

/* Reads the file and makes "Authorization: ..." of it; "" when nothing is given. ERR_CONFIG with a
 * sentence; then header is as before. */
int auth_read(const struct auth_conf *conf, char header[AUTH_HEADER_MAX],
	struct err_detail *why) ERR_WARN_UNUSED;

/* The same once more, unless the file gives its secret only once. */
int auth_read_again(const struct auth_conf *conf, char header[AUTH_HEADER_MAX],
	struct err_detail *why) ERR_WARN_UNUSED;

#endif
