/* SPDX-License-Identifier: MIT */
#include "system/resident.h"

#ifdef __linux__
#include <stdio.h>
#include <unistd.h>
#endif

uint64_t resident_bytes(void)
{
#ifdef __linux__
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%*s %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
#else
    return 0;
#endif
}
