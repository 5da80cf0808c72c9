/* SPDX-License-Identifier: MIT */
/* What the manager's views tell, as people read it. */
#ifndef CTL_UNITS_H
#define CTL_UNITS_H

#include <stdint.h>

#define UNITS_MAX 32

/* "512 B", "1.5 MiB". */
const char *units_bytes(int64_t bytes, char ret[static UNITS_MAX]);

/* "0.25 s", "12 s", "3:05 min", "2:10:05 h", "3 d 04:05:06". */
const char *units_time(double seconds, char ret[static UNITS_MAX]);

#endif
