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

#endif
