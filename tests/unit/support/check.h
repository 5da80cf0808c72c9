/* SPDX-License-Identifier: MIT */
/* cmocka, with the headers that it wants included before it. */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Before cmocka 2. */
#ifndef assert_uint_in_range
#define assert_uint_in_range assert_in_range
#endif

#endif
