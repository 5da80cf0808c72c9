/* SPDX-License-Identifier: MIT */
/* The last error of each thread: the only state that the library keeps outside of its handles. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char error_text[512];
static _Thread_local struct sm_error last_error = {.message = ""};

int error_set(int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error_text, sizeof(error_text), format, args);
    va_end(args);
    last_error = (struct sm_error){.status = status, .message = error_text};
    return status;
}

const struct sm_error *sm_last_error(void)
{
    return &last_error;
}

const char *sm_version(void)
{
    return SM_VERSION;
}
