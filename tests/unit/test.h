/* test.h -- cmocka, behind the headers that it needs before it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEST_H
#define ESPCAP_TEST_H

/* cmocka.h wants these four first, in this order. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

/* The exit code of a program of tests: 77 would be a skip. */
#define TEST_RUN(tests) (cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0)

#endif
