/* ship_auth.c -- tests of the secrets: who may read their files, and the header made of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static char folder[64], path[128], header[AUTH_HEADER_MAX];
static struct err_detail why;

static int begin(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/espcap-auth.XXXXXX");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	header[0] = why.text[0] = '\0';
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	static const char *const names[] = { "secret", "espcap.token", "espcap.api-key" };
	char one[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(one, sizeof(one), "%s/%s", folder, names[i]);
		(void)unlink(one);
	}
	return rmdir(folder);
}

/* A file of the folder with this text and mode: its path, which the next call changes. */
static const char *put(const char *name, const char *text, mode_t mode)
{
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
	return path;
}

static int password(const char *user, const char *text)
{
	struct auth_conf conf = { .user = user, .password_file = put("secret", text, 0600) };

	return auth_read(&conf, header, &why);
}

static int api_key(const char *text)
{
	struct auth_conf conf = { .api_key_file = put("secret", text, 0600) };

	return auth_read(&conf, header, &why);
}

static int token(const char *text)
{
	struct auth_conf conf = { .token_file = put("secret", text, 0600) };

	return auth_read(&conf, header, &why);
}

/* RFC 7617, section 2. */
static void user_and_password_become_basic(void **state)
{
	(void)state;
	assert_int_equal(password("Aladdin", "open sesame\n"), 0);
	assert_string_equal(header, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	assert_int_equal(password("Aladdin", "open sesame\r\nand more\n"), 0);
	assert_string_equal(header, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	assert_int_equal(password("u", "a:b "), 0); /* blanks and colons are a password's own */
	assert_string_equal(header, "Authorization: Basic dTphOmIg");
}

/* The example of Elasticsearch's manual, "Create API key". */
static void id_and_key_are_encoded_and_what_is_encoded_stays(void **state)
{
	static const char want[] = "Authorization: ApiKey "
				   "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==";

	(void)state;
	assert_int_equal(api_key("VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw\n"), 0);
	assert_string_equal(header, want);
	assert_int_equal(
		api_key("VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw== \n"), 0);
	assert_string_equal(header, want);
	assert_int_equal(api_key("essu_Vk1OQ2I0YjBkM0hGbA"), 0);
	assert_string_equal(header, "Authorization: ApiKey essu_Vk1OQ2I0YjBkM0hGbA");
}

static void half_an_api_key_is_refused_and_never_repeated(void **state)
{
	static const char *const bad[] = { "ui2lp2axTNmsyakw9tvNnw", "ui2lp2axTNmsyakw9tvN",
		"ApiKey VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhU" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(api_key(bad[i]), ERR_CONFIG);
		assert_non_null(strstr(why.text, path));
		assert_null(strstr(why.text, bad[i] + 8));
		assert_string_equal(header, "");
	}
}

static void a_token_is_a_bearer_and_smuggles_nothing(void **state)
{
	static const char *const bad[] = { "a b", "a\tb", "Bearer abc", "a\x7f", "\xc3\xa4",
		"a\"b" };

	(void)state;
	assert_int_equal(token("AAEAAWVsYXN0aWMvZmxlZXQ-._~+/x==\t \r\nX-More: 1\n"), 0);
	assert_string_equal(header, "Authorization: Bearer AAEAAWVsYXN0aWMvZmxlZXQ-._~+/x==");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(token(bad[i]), ERR_CONFIG);
		assert_non_null(strstr(why.text, "characters that no token has"));
	}
	assert_non_null(strstr(header, "Bearer AAEAA")); /* the good one stands */
}

static void the_longest_secret_fits_and_one_more_does_not(void **state)
{
	char text[SECRET_MAX + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[SECRET_MAX - 2] = '\0';
	assert_int_equal(token(text), 0);
	assert_int_equal(strlen(header), strlen("Authorization: Bearer ") + SECRET_MAX - 2);
	assert_int_equal(password("u", text), 0);
	text[SECRET_MAX - 2] = 'a';
	text[SECRET_MAX - 1] = '\0';
	assert_int_equal(token(text), ERR_CONFIG);
	assert_non_null(strstr(why.text, "more than"));
}

static void only_its_owner_may_read_it(void **state)
{
	static const mode_t bad[] = { 0640, 0604, 0620, 0602, 0610, 0644 };
	struct auth_conf conf = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		conf.token_file = put("secret", "abc\n", bad[i]);
		assert_int_equal(auth_read(&conf, header, &why), ERR_CONFIG);
		assert_non_null(strstr(why.text, "chmod 600 "));
		assert_int_equal(secret_check("token", path, &why), ERR_CONFIG);
	}
	conf.token_file = put("secret", "abc\n", 0400);
	assert_int_equal(auth_read(&conf, header, &why), 0);
	assert_int_equal(secret_check("token", path, &why), 0);
	conf.token_file = put("secret", "\n", 0600);
	assert_int_equal(auth_read(&conf, header, &why), ERR_CONFIG);
	assert_non_null(strstr(why.text, "is empty"));
	conf.token_file = folder;
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(auth_read(&conf, header, &why), ERR_CONFIG);
	assert_non_null(strstr(why.text, "Is a directory"));
}

/* systemd lets the service's user in by an access list, and stat() shows that as the group's. */
static void credentials_of_systemd_are_found_and_may_be_the_groups(void **state)
{
	char found[SECRET_PATH_MAX], roundabout[256];

	(void)state;
	(void)put("espcap.token", "abc\n", 0440);
	assert_null(secret_path(NULL, "token", found));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	assert_string_equal(secret_path(NULL, "token", found), path);
	assert_null(secret_path(NULL, "api-key", found));
	assert_string_equal(secret_path("/given", "token", found), "/given");
	struct auth_conf conf = { .token_file = secret_path(NULL, "token", found) };
	assert_int_equal(auth_read(&conf, header, &why), 0);
	assert_string_equal(header, "Authorization: Bearer abc");
	(void)snprintf(roundabout, sizeof(roundabout), "%s/../%s/espcap.token", folder,
		strrchr(folder, '/') + 1);
	assert_int_equal(secret_check("token", roundabout, &why), ERR_CONFIG);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/tmp/espcap-aut", 1), 0);
	assert_int_equal(auth_read(&conf, header, &why), ERR_CONFIG);
}

static void a_new_secret_counts_and_a_broken_file_leaves_the_old_one(void **state)
{
	struct auth_conf conf = { .token_file = put("secret", "old\n", 0600) };

	(void)state;
	assert_int_equal(auth_read(&conf, header, &why), 0);
	(void)put("secret", "new\n", 0600);
	assert_int_equal(auth_read_again(&conf, header, &why), 0);
	assert_string_equal(header, "Authorization: Bearer new");
	(void)put("secret", "newer\n", 0644);
	assert_int_equal(auth_read_again(&conf, header, &why), ERR_CONFIG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(auth_read_again(&conf, header, &why), ERR_CONFIG);
	assert_string_equal(header, "Authorization: Bearer new");
}

/* --token-file <(...): the shell's pipe holds it once. */
static void a_pipe_is_read_once(void **state)
{
	char name[64];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abc\n", 4), 4);
	assert_int_equal(close(fds[1]), 0);
	(void)snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	struct auth_conf conf = { .token_file = name };
	assert_int_equal(auth_read(&conf, header, &why), 0);
	assert_int_equal(auth_read_again(&conf, header, &why), 0);
	assert_string_equal(header, "Authorization: Bearer abc");
	(void)close(fds[0]);
}

static void one_kind_and_not_half_of_one(void **state)
{
	static const struct auth_conf good[] = { { NULL, NULL, NULL, NULL },
		{ "u", "f", NULL, NULL }, { NULL, NULL, "f", NULL }, { NULL, NULL, NULL, "f" } };
	static const struct auth_conf bad[] = { { "u", NULL, NULL, NULL },
		{ NULL, "f", NULL, NULL }, { "u", "f", "f", NULL }, { "u", "f", NULL, "f" },
		{ NULL, NULL, "f", "f" }, { "a:b", "f", NULL, NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(auth_check(&good[i], &why), 0);
		assert_int_equal(auth_given(&good[i]), i > 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(auth_check(&bad[i], &why), ERR_USAGE);
	assert_int_equal(auth_read(&good[0], header, &why), 0);
	assert_string_equal(header, "");
}

#define AUTH_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AUTH_TEST(user_and_password_become_basic),
		AUTH_TEST(id_and_key_are_encoded_and_what_is_encoded_stays),
		AUTH_TEST(half_an_api_key_is_refused_and_never_repeated),
		AUTH_TEST(a_token_is_a_bearer_and_smuggles_nothing),
		AUTH_TEST(the_longest_secret_fits_and_one_more_does_not),
		AUTH_TEST(only_its_owner_may_read_it),
		AUTH_TEST(credentials_of_systemd_are_found_and_may_be_the_groups),
		AUTH_TEST(a_new_secret_counts_and_a_broken_file_leaves_the_old_one),
		AUTH_TEST(a_pipe_is_read_once),
		AUTH_TEST(one_kind_and_not_half_of_one),
	};

	return TEST_RUN(tests);
}
