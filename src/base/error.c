/* SPDX-License-Identifier: MIT */
/*
 * The last error of each thread: the only state that the library keeps outside of its handles.
 * Texts too long for it lose their end; of a traceback the end matters, so it loses its beginning.
 */
#include "base/error.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local struct {
    char type[128];
    char message[1024];
    char traceback[4096];
} texts;

static _Thread_local struct sm_error last_error = {
    .type = "", .message = "", .traceback = "", .reason = ""};

static _Thread_local unsigned kept;

void error_keep_begin(void)
{
    kept++;
}

void error_keep_end(void)
{
    kept--;
}

static int set(int status, int system_error, const char *reason, const char *format, va_list args)
{
    if (kept)
        return status;
    if (vsnprintf(texts.message, sizeof(texts.message), format, args) >= (int)sizeof(texts.message))
        texts.message[utf8_whole(texts.message, sizeof(texts.message) - 1)] = '\0';
    last_error = (struct sm_error){
        .status = status,
        .type = "",
        .message = texts.message,
        .traceback = "",
        .system_error = system_error,
        .reason = reason,
    };
    return status;
}

int error_set(int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set(status, 0, "", format, args);
    va_end(args);
    return status;
}

int error_set_memory(void)
{
    return error_set(SM_ENOMEM, "out of memory");
}

int error_set_reason(int status, int system_error, const char *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set(status, system_error, reason, format, args);
    va_end(args);
    return status;
}

const char *error_text(int number)
{
    const char *text = strerrordesc_np(number);

    return text ? text : "unknown error";
}

static void keep(char *room, size_t size, const char *text, size_t len)
{
    if (len >= size)
        len = utf8_whole(text, size - 1);
    if (len)
        memcpy(room, text, len);
    room[len] = '\0';
}

int error_set_raised(const char *type, size_t type_len, const char *message, size_t message_len,
                     const char *traceback, size_t traceback_len)
{
    size_t skip = traceback_len - MIN(traceback_len, sizeof(texts.traceback) - 1);

    if (kept)
        return SM_ERAISED;
    while (skip && skip < traceback_len && ((uint8_t)traceback[skip] & 0xc0) == 0x80)
        skip++;
    keep(texts.type, sizeof(texts.type), type, type_len);
    keep(texts.message, sizeof(texts.message), message, message_len);
    keep(texts.traceback, sizeof(texts.traceback), traceback + skip, traceback_len - skip);
    last_error = (struct sm_error){
        .status = SM_ERAISED,
        .type = texts.type,
        .message = texts.message,
        .traceback = texts.traceback,
        .reason = "",
    };
    return SM_ERAISED;
}

const struct sm_error *sm_last_error(void)
{
    return &last_error;
}

int sm_complain(const char *program)
{
    const struct sm_error *error = &last_error;

    fprintf(stderr, "%s: %s%s%s\n", program, error->type, error->type[0] ? ": " : "",
            error->message);
    return 1;
}

const char *sm_version(void)
{
    return SM_VERSION;
}
