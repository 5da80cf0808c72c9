/* SPDX-License-Identifier: MIT */
#include "system/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void pages_populate(void *at, size_t n)
{
#if defined(__linux__) && defined(MADV_POPULATE_WRITE) /* Linux has it from 5.14 on */
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)at + page - 1) & ~(page - 1);
    uintptr_t to = ((uintptr_t)at + n) & ~(page - 1);

    if (to > from)
        madvise((void *)from, to - from, MADV_POPULATE_WRITE);
#else
    (void)at;
    (void)n;
#endif
}
