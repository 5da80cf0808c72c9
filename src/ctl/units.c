/* SPDX-License-Identifier: MIT */
/* Three figures are enough to see whether a number is as it should be. */
#include "units.h"

#include <stdio.h>

const char *units_bytes(int64_t bytes, char ret[static UNITS_MAX])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double n = (double)bytes;
    size_t unit = 0;

    while (n >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        n /= 1024;
        unit++;
    }
    snprintf(ret, UNITS_MAX, unit && n < 99.95 ? "%.1f %s" : "%.0f %s", n, units[unit]);
    return ret;
}

const char *units_time(double seconds, char ret[static UNITS_MAX])
{
    long s = (long)seconds;

    if (seconds < 10)
        snprintf(ret, UNITS_MAX, "%.2f s", seconds);
    else if (s < 60)
        snprintf(ret, UNITS_MAX, "%ld s", s);
    else if (s < 3600)
        snprintf(ret, UNITS_MAX, "%ld:%02ld min", s / 60, s % 60);
    else if (s < 24 * 3600)
        snprintf(ret, UNITS_MAX, "%ld:%02ld:%02ld h", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(ret, UNITS_MAX, "%ld d %02ld:%02ld:%02ld", s / 86400, s / 3600 % 24, s / 60 % 60,
                 s % 60);
    return ret;
}
