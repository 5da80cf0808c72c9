/* SPDX-License-Identifier: MIT */
#ifndef SYSTEM_PAGES_H
#define SYSTEM_PAGES_H

#include <stddef.h>

/* Have whole pages of these bytes before they are written to, in one go. May do nothing. */
void pages_populate(void *at, size_t n);

#endif
