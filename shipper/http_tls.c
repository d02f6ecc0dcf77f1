/* http_tls.c -- whom we trust, and who we are, in TLS.
 *
 * libcurl verifies chain and name; it has no notion of an authority that is known by its fingerprint
 * alone. So with --ca-trusted-fingerprint a callback looks for that authority in what the server
 * sends, and lets OpenSSL verify the chain with it as the one that is trusted. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* --- files --- */

static int cannot_read(const char *what, const char *path, struct err_detail *why)
{
	return err_set(why, ERR_CONFIG, "cannot read the %s %s: %s", what, path, strerror(errno));
}

/* The first certificate of a file; NULL with a sentence. */
static X509 *read_certificate(const char *what, const char *path, struct err_detail *why)
{
	FILE *file = fopen(path, "re");
	X509 *cert = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

	if (!file)
		(void)cannot_read(what, path, why);
	else if (!cert)
		(void)err_set(why, ERR_CONFIG, "the %s %s holds no certificate in PEM", what, path);
	if (file)
		(void)fclose(file);
	ERR_clear_error();
	return cert;
}

/* OpenSSL would ask at the terminal; here nobody is asked. */
static int no_passphrase(char *out, int size, int writing, void *asked)
{
	(void)out;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static EVP_PKEY *read_key(const char *path, struct err_detail *why)
{
	bool asked = false;
	FILE *file = fopen(path, "re");
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, no_passphrase, &asked) : NULL;

	if (!file)
		(void)cannot_read("key", path, why);
	else if (asked)
		(void)err_set(why, ERR_CONFIG,
			"the key %s has a passphrase, and nobody can be asked for it; openssl pkey "
			"-in %s -out NEW takes it away",
			path, path);
	else if (!key)
		(void)err_set(why, ERR_CONFIG, "the key %s holds no private key in PEM", path);
	if (file)
		(void)fclose(file);
	ERR_clear_error();
	return key;
}

static int check_cert(const struct http_conf *conf, struct err_detail *why)
{
	const char *path = conf->key ? conf->key : conf->cert;
	int err = secret_check("key", path, why);

	if (err)
		return err;
	X509 *cert = read_certificate("certificate", conf->cert, why);
	EVP_PKEY *key = cert ? read_key(path, why) : NULL;
	if (!key)
		err = ERR_CONFIG;
	else if (X509_check_private_key(cert, key) != 1)
		err = err_set(why, ERR_CONFIG, "the key %s is not that of the certificate %s", path,
			conf->cert);
	ERR_clear_error();
	EVP_PKEY_free(key);
	X509_free(cert);
	return err;
}

/* libcurl would say so only when it connects, and then as if the server were to blame. */
int http_tls_check_files(const struct http_conf *conf, struct err_detail *why)
{
	X509 *ca = conf->ca_file ? read_certificate("CA file", conf->ca_file, why) : NULL;

	X509_free(ca);
	if (conf->ca_file && !ca)
		return ERR_CONFIG;
	return conf->cert ? check_cert(conf, why) : 0;
}

/* --- the fingerprint --- */

static int read_fingerprint(const char *text, unsigned char *out, struct err_detail *why)
{
	char hex[2 * FINGERPRINT_BYTES + 1];
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		if (*p == ':')
			continue;
		if (!isxdigit((unsigned char)*p) || n == sizeof(hex) - 1) {
			n = 0;
			break;
		}
		hex[n++] = *p;
	}
	hex[n] = '\0';
	if (n != sizeof(hex) - 1)
		return err_set(why, ERR_CONFIG,
			"--ca-trusted-fingerprint cannot be \"%.80s\"; it wants the SHA-256 of a "
			"certificate, 64 digits in hex (openssl x509 -fingerprint -sha256)",
			text);
	for (size_t i = 0; i < FINGERPRINT_BYTES; i++) {
		const char two[] = { hex[2 * i], hex[2 * i + 1], '\0' };
		out[i] = (unsigned char)strtoul(two, NULL, 16);
	}
	return 0;
}

static bool is_trusted(const struct http *h, X509 *cert)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	return X509_check_ca(cert) > 0 && X509_digest(cert, EVP_sha256(), digest, &n) == 1 &&
	       n == FINGERPRINT_BYTES && memcmp(digest, h->fingerprint, n) == 0;
}

/* Borrowed from the server's chain. */
static X509 *find_trusted(const struct http *h, X509_STORE_CTX *store)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_untrusted(store);

	for (int i = 0; i < sk_X509_num(chain); i++)
		if (is_trusted(h, sk_X509_value(chain, i)))
			return sk_X509_value(chain, i);
	return NULL;
}

/* In place of OpenSSL's own look at the chain: 1 when it is good. */
static int verify(X509_STORE_CTX *store, void *arg)
{
	struct transfer *t = arg;
	X509 *ca = find_trusted(t->http, store);
	STACK_OF(X509) * trusted;

	if (!ca && t->http->conf.ca_file)
		return X509_verify_cert(store);
	t->no_such_ca = ca == NULL;
	trusted = ca ? sk_X509_new_null() : NULL;
	if (!trusted || !sk_X509_push(trusted, ca)) {
		sk_X509_free(trusted);
		X509_STORE_CTX_set_error(store, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
		return 0;
	}
	X509_STORE_CTX_set0_trusted_stack(store, trusted);
	/* it may be one below the root */
	X509_STORE_CTX_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	int good = X509_verify_cert(store);
	sk_X509_free(trusted);
	return good;
}

static CURLcode on_context(CURL *easy, void *context, void *arg)
{
	(void)easy;
	SSL_CTX_set_cert_verify_callback(context, verify, arg);
	return CURLE_OK;
}

/* The callback gets a context of OpenSSL: is it OpenSSL that libcurl uses? */
static int check_library(struct err_detail *why)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	const char *name = info->ssl_version ? info->ssl_version : "no TLS";

	if (strncmp(name, "OpenSSL/", 8) == 0)
		return 0;
	return err_set(why, ERR_CONFIG,
		"--ca-trusted-fingerprint needs a libcurl that uses OpenSSL, and this one uses %s; "
		"--ca-file does without",
		name);
}

int http_tls_init(struct http *h, struct err_detail *why)
{
	int err = http_tls_check_files(&h->conf, why);

	if (err || !h->conf.fingerprint)
		return err;
	err = check_library(why);
	return err ? err : read_fingerprint(h->conf.fingerprint, h->fingerprint, why);
}

void http_tls_set(struct transfer *t)
{
	const struct http_conf *conf = &t->http->conf;
	long least = conf->tls13 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;

	t->no_such_ca = false;
	(void)curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, least);
	/* a mended file counts from the next connection on */
	(void)curl_easy_setopt(t->easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	if (conf->ca_file || conf->fingerprint) { /* in place of the system's file and folder */
		(void)curl_easy_setopt(t->easy, CURLOPT_CAINFO, conf->ca_file);
		(void)curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
	}
	if (conf->fingerprint) {
		(void)curl_easy_setopt(t->easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
		(void)curl_easy_setopt(t->easy, CURLOPT_SSL_CTX_DATA, t);
	}
	if (!conf->cert)
		return;
	(void)curl_easy_setopt(t->easy, CURLOPT_SSLCERT, conf->cert);
	(void)curl_easy_setopt(t->easy, CURLOPT_SSLKEY, conf->key ? conf->key : conf->cert);
	(void)curl_easy_setopt(t->easy, CURLOPT_KEYPASSWD, ""); /* else OpenSSL asks for one */
}
