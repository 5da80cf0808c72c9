/* SPDX-License-Identifier: MIT */
#ifndef SYSTEM_RESIDENT_H
#define SYSTEM_RESIDENT_H

#include <stdint.h>

/* What the kernel says that the process has in memory, in bytes; 0 where it says nothing. */
uint64_t resident_bytes(void);

#endif
