/* SPDX-License-Identifier: MIT */
#include "system/cpu.h"

#include <sched.h>

int cpu_here(void)
{
#ifdef __linux__
    return sched_getcpu();
#else
    return -1;
#endif
}
