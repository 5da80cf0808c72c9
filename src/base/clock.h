/* SPDX-License-Identifier: MIT */
/* The clock that all times are of. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/macros.h"

#include <time.h>

static inline nsec clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now); /* uv_hrtime()'s, by a shorter way */
    return now.tv_sec * SEC + now.tv_nsec;
}

/* The date, since 1970. */
static inline nsec clock_date(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * SEC + now.tv_nsec;
}

/* The time to a few milliseconds, and quicker, where the system has such a clock. */
static inline nsec clock_now_coarse(void)
{
#ifdef CLOCK_MONOTONIC_COARSE
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * SEC + now.tv_nsec;
#else
    return clock_now();
#endif
}

#endif
