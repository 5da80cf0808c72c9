/* SPDX-License-Identifier: MIT */
/* What public functions leave for sm_last_error(). */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/macros.h"
#include "syncmanager/base.h"

/*
 * Between the two, sm_last_error() does not change. Code that cleans up after a failure runs
 * between them, so that its own failures do not replace the one that the caller is told. Calls
 * nest.
 */
void error_keep_begin(void);
void error_keep_end(void);

/* Remember an error of this thread; returns `status`. */
int error_set(int status, const char *format, ...) PRINTF_LIKE(2, 3);

/* Remember that memory ran out; returns SM_ENOMEM. */
int error_set_memory(void);

/* The same as error_set(), with errno's number and the handshake's reason, a static text. */
int error_set_reason(int status, int system_error, const char *reason, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* strerror() in English, and without the locks that it takes to translate: a child may inherit
 * them. */
const char *error_text(int number);

/* Remember an exception that the manager raised; texts are copied. Returns SM_ERAISED. */
int error_set_raised(const char *type, size_t type_len, const char *message, size_t message_len,
                     const char *traceback, size_t traceback_len);

#endif
