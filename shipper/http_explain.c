/* http_explain.c -- why a connection failed, and what to do about it, in a sentence for people. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509_vfy.h>

#include "clock.h"

/* What OpenSSL says of the server's certificate; our own words, since it never says what to do. */
static const struct {
	long code;
	bool clock; /* our clock may be to blame */
	const char *text;
} verdicts[] = {
	{ X509_V_ERR_CERT_HAS_EXPIRED, true,
		"the server's certificate has expired; renew it there, unless the clock here is "
		"wrong" },
	{ X509_V_ERR_CERT_NOT_YET_VALID, true,
		"the server's certificate is not yet valid; set the clock here, unless it is "
		"right" },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, false,
		"the server's certificate is self-signed; --ca-file with that certificate trusts "
		"it" },
	{ X509_V_ERR_INVALID_PURPOSE, false,
		"the server's certificate is not one for servers; it needs another" },
	{ X509_V_ERR_INVALID_CA, false,
		"the server's certificate is signed by one that is no authority; it needs "
		"another" },
};

/* Words in libcurl's sentence that tell the cause. First row that fits. */
static const struct {
	const char *words, *text;
} causes[] = {
	{ "does not match target host name", "the server's certificate is for another name; --node "
					     "has to name the server as its "
					     "certificate does" },
	{ "no alternative certificate subject name matches",
		"the server's certificate is for another name; --node has to name the server as "
		"its "
		"certificate does" },
	{ "alert certificate required",
		"the server wants a certificate of ours; --cert and --key give one" },
	{ "alert certificate expired",
		"the server says that our certificate has expired; --cert needs a new one" },
	{ "alert unknown ca",
		"the server does not trust the authority of our certificate (--cert)" },
	{ "alert bad certificate", "the server does not take our certificate (--cert and --key)" },
	{ "alert certificate unknown",
		"the server does not take our certificate (--cert and --key)" },
	{ "alert certificate revoked",
		"the server says that our certificate is revoked; --cert needs a new one" },
	{ "alert unsupported certificate",
		"the server does not take our certificate (--cert and --key)" },
	{ "alert handshake failure",
		"the server refuses the handshake; it may want a certificate of ours (--cert and "
		"--key)" },
	{ "alert protocol version",
		"the server does not speak the TLS versions that --tls-min-version allows" },
	{ "unsupported protocol",
		"the server does not speak the TLS versions that --tls-min-version allows" },
	{ "wrong version number", "the server speaks no TLS there; --node has to say http://" },
	{ "packet length too long", "the server speaks no TLS there; --node has to say http://" },
	{ "HTTP/0.9", "what answers there is no HTTP; if it is TLS, --node has to say https://" },
	{ "HTTP code 407 from proxy",
		"the proxy wants credentials; --proxy-user and --proxy-password-file give them" },
	{ "SSL connection timeout",
		"the server does not go on with the TLS handshake; look at it, or at what is "
		"between" },
};

/* " after 12 ms" in a sentence would make each try look like another trouble. */
static void drop_time(char *text)
{
	static const char *const units[] = { " milliseconds", " ms" };
	char *after = strstr(text, " after ");
	char *end = after ? after + 7 + strspn(after + 7, "0123456789") : NULL;

	for (size_t i = 0; end && i < sizeof(units) / sizeof(units[0]); i++) {
		size_t n = strlen(units[i]);
		if (strncmp(end, units[i], n) != 0)
			continue;
		memmove(after, end + n, strlen(end + n) + 1);
		return;
	}
}

static void say(struct transfer *t, const char *text)
{
	(void)snprintf(t->error, sizeof(t->error), "%.255s", text);
}

/* The day is enough: a time would make each try look like another trouble. */
static void say_with_clock(struct transfer *t, const char *text)
{
	char iso[CLOCK_ISO_LEN + 1];

	clock_iso(clock_wall_ns(), iso);
	(void)snprintf(t->error, sizeof(t->error), "%s (it says %.10s)", text, iso);
}

static bool is_untrusted(long code)
{
	return code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
	       code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
	       code == X509_V_ERR_CERT_SIGNATURE_FAILURE;
}

static bool explain_certificate(struct transfer *t)
{
	long code = X509_V_OK;

	(void)curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &code);
	if (t->no_such_ca) {
		say(t, "the server shows no authority with the fingerprint that "
		       "--ca-trusted-fingerprint names");
		return true;
	}
	if (is_untrusted(code)) {
		say(t, t->http->conf.fingerprint ? "the server's certificate is of another "
						   "authority than --ca-trusted-fingerprint names"
						 : "the server's certificate is of an authority "
						   "that is not trusted here; --ca-file names one "
						   "to trust");
		return true;
	}
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (verdicts[i].code != code)
			continue;
		if (verdicts[i].clock)
			say_with_clock(t, verdicts[i].text);
		else
			say(t, verdicts[i].text);
		return true;
	}
	return false;
}

/* Files of ours that were good at the start. */
static bool explain_files(struct transfer *t)
{
	struct err_detail why;

	if (!http_tls_check_files(&t->http->conf, &why))
		return false;
	say(t, why.text);
	return true;
}

static bool speaks_tls(struct transfer *t)
{
	const char *url = NULL;

	(void)curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	return url && strncasecmp(url, "https:", 6) == 0;
}

/* It ended before there was an answer: in the handshake, or where a server refuses our certificate
 * right after it, or since one of us speaks TLS and the other does not. */
static bool broke_off(struct transfer *t, CURLcode code)
{
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	return code == CURLE_SSL_CONNECT_ERROR ||
	       (!status && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
				   code == CURLE_GOT_NOTHING));
}

/* What libcurl has no word of, or says in words that we did not ask for. */
static bool explain_ours(struct transfer *t)
{
	int seconds = (int)(t->http->conf.stall_ms / 1000);

	/* the kernel's TCP_USER_TIMEOUT, of a connection that had been silent before */
	t->stalled = t->stalled || strstr(t->error, "Connection timed out");

	if (t->unwatched) {
		say(t, "out of memory or descriptors for the connection");
	} else if (t->stalled) {
		(void)snprintf(t->error, sizeof(t->error),
			t->uploaded_ms
				? "the server does not answer within %d s"
				: "nothing gets through any more for %d s; the connection is "
				  "given up",
			seconds);
	} else if (strstr(t->error, "Unsupported proxy")) {
		say(t, "the URL of the proxy cannot be read"); /* it may hold a password */
	} else {
		return false;
	}
	return true;
}

void http_explain(struct transfer *t, CURLcode code)
{
	if (explain_ours(t))
		return;
	if (!*t->error)
		say(t, curl_easy_strerror(code));
	drop_time(t->error);
	if (code == CURLE_PEER_FAILED_VERIFICATION && explain_certificate(t))
		return;
	if ((code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE) && explain_files(t))
		return;
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (!strstr(t->error, causes[i].words))
			continue;
		say(t, causes[i].text);
		return;
	}
	if (!broke_off(t, code))
		return;
	if (speaks_tls(t))
		say(t, "the TLS connection breaks off before there is an answer; the server's log "
		       "may tell why");
	else if (!t->http->answered)
		say(t, "the server hangs up without an answer; if it wants TLS, --node has to say "
		       "https://");
}

/* Web servers say in a page of HTML, with status 400, what Elasticsearch says by hanging up. */
const char *http_explain_answer(int status, const char *body, size_t len)
{
	static const char *const plain[] = { "plain HTTP request was sent to HTTPS port",
		"speaking plain HTTP to an SSL-enabled server port",
		"sent an HTTP request to an HTTPS server" };
	static const char *const certificate[] = { "No required SSL certificate was sent",
		"The SSL certificate error" };

	if (status != 400 || (len && body[0] == '{'))
		return NULL;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (memmem(body, len, plain[i], strlen(plain[i])))
			return "the server speaks TLS there; --node has to say https://";
	if (memmem(body, len, certificate[0], strlen(certificate[0])))
		return "the server wants a certificate of ours; --cert and --key give one";
	if (memmem(body, len, certificate[1], strlen(certificate[1])))
		return "the server does not take our certificate (--cert and --key)";
	return NULL;
}
