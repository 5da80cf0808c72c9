/* SPDX-License-Identifier: MIT */
/* What public functions leave for sm_last_error(). */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/macros.h"
#include "syncmanager/base.h"

/* Remember an error of this thread; returns `status`. */
int error_set(int status, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
