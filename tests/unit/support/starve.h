/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out on purpose, in tests that the linker wraps the allocation functions of
 * (meson.build).
 */
#ifndef SUPPORT_STARVE_H
#define SUPPORT_STARVE_H

#include <stdbool.h>
#include <stddef.h>

/* Which allocations fail: the n-th that is counted from now on, and all after it too if `rest`. */
void starve_plan(size_t n, bool rest);

/* Whether one has failed since the plan was made. */
bool starve_struck(void);

/* Count from now on, or do not: a test's own allocations are none of the plan's business. */
void starve_count(bool count);

#endif
