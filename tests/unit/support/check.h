/* SPDX-License-Identifier: MIT */
/* cmocka, with the headers that it wants included before it. */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Before cmocka 2. */
#ifndef assert_uint_in_range
#define assert_uint_in_range assert_in_range
#endif

/* All of them, or those that the environment's TEST names, in which * and ? stand for anything. */
#define run_group(tests, setup, teardown)                                                          \
    (cmocka_set_test_filter(getenv("TEST")), cmocka_run_group_tests(tests, setup, teardown))

#endif
