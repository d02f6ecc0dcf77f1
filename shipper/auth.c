/* auth.c -- who we are to a server: password, API key or token, as a header.
 *
 * RFC 7617 (Basic), RFC 6750 (Bearer); ApiKey is Elasticsearch's: base64 of ID:KEY, which the answer
 * of POST /_security/api_key also holds ready-made, as "encoded". */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

enum { PAIR_MAX = SECRET_MAX + 256, BASE64_MAX = (PAIR_MAX + 2) / 3 * 4 + 1 };

bool auth_given(const struct auth_conf *conf)
{
	return conf->user || conf->api_key_file || conf->token_file;
}

int auth_check(const struct auth_conf *conf, struct err_detail *why)
{
	if ((conf->user != NULL) + (conf->api_key_file != NULL) + (conf->token_file != NULL) > 1)
		return err_set(why, ERR_USAGE,
			"only one of --user, --api-key-file and --token-file can be used");
	if (conf->password_file && !conf->user)
		return err_set(why, ERR_USAGE, "--password-file needs --user");
	if (conf->user && !conf->password_file)
		return err_set(why, ERR_USAGE, "--user needs --password-file");
	if (conf->user && (strchr(conf->user, ':') || strlen(conf->user) >= PAIR_MAX - SECRET_MAX))
		return err_set(why, ERR_USAGE,
			"--user cannot be \"%.40s\"; a name has no colon and at most %d characters",
			conf->user, PAIR_MAX - SECRET_MAX - 1);
	return 0;
}

static void to_base64(const char *text, char out[BASE64_MAX])
{
	/* the casts are those of its signature; the lengths are bounded by PAIR_MAX */
	(void)EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)strlen(text));
}

static bool is_pair_in_base64(const char *text)
{
	unsigned char plain[SECRET_MAX];
	int n = EVP_DecodeBlock(plain, (const unsigned char *)text, (int)strlen(text));
	bool pair = n > 0 && memchr(plain, ':', (size_t)n);

	explicit_bzero(plain, sizeof(plain));
	return pair;
}

/* Nothing but what RFC 6750 has in a token: no header can be smuggled in. */
static bool is_token(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				 "-._~+/=")] == '\0';
}

static int add_password(const struct auth_conf *conf, const char *secret, char *header)
{
	char pair[PAIR_MAX], base64[BASE64_MAX];

	(void)snprintf(pair, sizeof(pair), "%s:%s", conf->user, secret);
	to_base64(pair, base64);
	(void)snprintf(header, AUTH_HEADER_MAX, "Authorization: Basic %s", base64);
	explicit_bzero(pair, sizeof(pair));
	explicit_bzero(base64, sizeof(base64));
	return 0;
}

static int add_api_key(
	const struct auth_conf *conf, const char *secret, char *header, struct err_detail *why)
{
	/* the keys of Elastic's cloud are of a form of their own */
	bool ready = is_token(secret) &&
		     (is_pair_in_base64(secret) || strncmp(secret, "essu_", 5) == 0);
	char base64[BASE64_MAX];

	if (!ready && !strchr(secret, ':'))
		return err_set(why, ERR_CONFIG,
			"the API key file %s holds neither ID:KEY nor what the server calls "
			"\"encoded\", which is both in base64",
			conf->api_key_file);
	if (!ready)
		to_base64(secret, base64);
	(void)snprintf(
		header, AUTH_HEADER_MAX, "Authorization: ApiKey %s", ready ? secret : base64);
	explicit_bzero(base64, sizeof(base64));
	return 0;
}

static int add_token(
	const struct auth_conf *conf, const char *secret, char *header, struct err_detail *why)
{
	if (!is_token(secret))
		return err_set(why, ERR_CONFIG,
			"the token file %s holds characters that no token has", conf->token_file);
	(void)snprintf(header, AUTH_HEADER_MAX, "Authorization: Bearer %s", secret);
	return 0;
}

static void trim(char *text)
{
	size_t n = strlen(text);

	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		text[--n] = '\0';
}

static const char *file_of(const struct auth_conf *conf)
{
	return conf->api_key_file ? conf->api_key_file
	       : conf->token_file ? conf->token_file
				  : conf->password_file;
}

int auth_read(const struct auth_conf *conf, char header[AUTH_HEADER_MAX], struct err_detail *why)
{
	const char *what = conf->api_key_file ? "API key" : conf->token_file ? "token" : "password";
	const char *path = file_of(conf);
	char secret[SECRET_MAX];

	if (!auth_given(conf)) {
		header[0] = '\0';
		return 0;
	}
	int err = secret_read(what, path, secret, why);
	if (err)
		return err;
	if (!conf->user) /* a password may end with a blank, the others do not */
		trim(secret);
	if (conf->user)
		err = add_password(conf, secret, header);
	else if (conf->api_key_file)
		err = add_api_key(conf, secret, header, why);
	else
		err = add_token(conf, secret, header, why);
	explicit_bzero(secret, sizeof(secret));
	return err;
}

int auth_read_again(
	const struct auth_conf *conf, char header[AUTH_HEADER_MAX], struct err_detail *why)
{
	const char *path = file_of(conf);

	return path && secret_again(path) ? auth_read(conf, header, why) : 0;
}
