/* test_lock.c -- one process at a time, and who it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"

static int take(const char *path, int wait_ms, struct lock *lock, struct err_detail *why)
{
	return lock_take(path, "some-program", wait_ms, lock, why);
}

/* A process that holds the lock until it is killed, or for hold_ms. */
static pid_t holder(const char *path, unsigned hold_ms)
{
	struct lock lock;
	char byte = 1;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	pid_t child = fork();
	if (child == 0) {
		if (take(path, 0, &lock, NULL) || write(fds[1], &byte, 1) != 1)
			_exit(1);
		(void)usleep(hold_ms * 1000);
		_exit(0);
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return child;
}

static void end(pid_t child)
{
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_second_process_is_refused_and_told_who_holds_it(void **state)
{
	const char *path = box_path(*state, "some.lock");
	struct err_detail why;
	struct lock lock;
	char want[64], text[LOCK_HOLDER_MAX];
	pid_t child = holder(path, 60000);

	assert_int_equal(take(path, 0, &lock, &why), ERR_SPOOL_LOCKED);
	assert_int_equal(lock.fd, -1);
	(void)snprintf(want, sizeof(want), "is held by pid %ld, some-program on ", (long)child);
	assert_non_null(strstr(why.text, want));
	assert_non_null(strstr(why.text, path));
	assert_true(lock_is_held(path, text));
	assert_non_null(strstr(why.text, text));
	end(child);
	assert_false(lock_is_held(path, text)); /* it ends with its process, also by kill -9 */
	assert_int_equal(take(path, 0, &lock, &why), 0);
	lock_drop(&lock);
}

static void waiting_gets_it_when_the_holder_leaves(void **state)
{
	const char *path = box_path(*state, "some.lock");
	struct lock lock;
	pid_t child = holder(path, 200);

	assert_int_equal(take(path, 20000, &lock, NULL), 0);
	lock_drop(&lock);
	lock_drop(&lock); /* twice is nothing */
	end(child);
}

static void looking_never_takes_it(void **state)
{
	const char *path = box_path(*state, "some.lock");
	char text[LOCK_HOLDER_MAX];
	struct lock lock, other;

	assert_false(lock_is_held(path, text));
	assert_int_not_equal(access(path, F_OK), 0); /* not even the file is made */
	assert_int_equal(take(path, 0, &lock, NULL), 0);
	assert_true(lock_is_held(path, text));
	assert_int_equal(take(path, 0, &other, NULL), ERR_SPOOL_LOCKED); /* nor lost by it */
	lock_drop(&lock);
	assert_false(lock_is_held(path, text));
}

static void a_holder_text_of_any_bytes_is_made_harmless(void **state)
{
	const char *path = box_path(*state, "some.lock");
	struct err_detail why;
	struct lock lock, other;
	char text[400];

	assert_int_equal(take(path, 0, &lock, NULL), 0);
	memset(text, 'x', sizeof(text));
	memcpy(text, "pid 1\x1b[31m\xff\nline two", 20);
	assert_int_equal(ftruncate(lock.fd, 0), 0);
	assert_int_equal(pwrite(lock.fd, text, sizeof(text), 0), sizeof(text));
	assert_int_equal(take(path, 0, &other, &why), ERR_SPOOL_LOCKED);
	assert_non_null(strstr(why.text, "held by pid 1?[31m?"));
	assert_null(strstr(why.text, "line two"));
	assert_int_equal(ftruncate(lock.fd, 0), 0);
	assert_int_equal(take(path, 0, &other, &why), ERR_SPOOL_LOCKED);
	assert_non_null(strstr(why.text, "held by another process"));
	lock_drop(&lock);
}

static void a_path_that_cannot_be_opened_is_an_error_with_a_sentence(void **state)
{
	struct err_detail why = { "" };
	struct lock lock;

	assert_int_equal(take(box_path(*state, "no/such/folder"), 0, &lock, &why), ERR_SPOOL_IO);
	assert_non_null(strstr(why.text, "no/such/folder"));
	assert_int_equal(lock.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(a_second_process_is_refused_and_told_who_holds_it),
		BOX_TEST(waiting_gets_it_when_the_holder_leaves),
		BOX_TEST(looking_never_takes_it),
		BOX_TEST(a_holder_text_of_any_bytes_is_made_harmless),
		BOX_TEST(a_path_that_cannot_be_opened_is_an_error_with_a_sentence),
	};

	return TEST_RUN(tests);
}
