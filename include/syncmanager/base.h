/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What every header of the library shares: version, linkage, and how errors are told.
 *
 * Every function that can fail returns SM_OK (0) or a negative `SM_E...`; sm_last_error() then says
 * more. Nothing in the library prints or exits.
 */
#ifndef SYNCMANAGER_BASE_H
#define SYNCMANAGER_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of these headers, as `MAJOR.MINOR.PATCH`. */
#define SM_VERSION "0.1.0"

/** Marks what the shared library exports. */
#define SM_API __attribute__((visibility("default")))

/** What went wrong. */
enum sm_status {
    SM_OK = 0,
    SM_EARG = -1,    /**< an argument is wrong; nothing was done */
    SM_ENOMEM = -2,  /**< memory ran out; nothing was done */
    SM_ESYSTEM = -3, /**< the operating system refused; the message says what and why */
};

/** An error of this thread. */
struct sm_error {
    int status;          /**< the `SM_E...` that was returned */
    const char *message; /**< one line, UTF-8, without a newline */
};

/**
 * The error of this thread's last failed call of the library.
 *
 * @return never NULL; valid until the thread's next failed call
 */
SM_API const struct sm_error *sm_last_error(void);

/** The version of the library that runs, as `MAJOR.MINOR.PATCH`. */
SM_API const char *sm_version(void);

#ifdef __cplusplus
}
#endif

#endif
