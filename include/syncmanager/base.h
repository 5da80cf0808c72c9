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

/** How a call ended. Negative: it failed, and sm_last_error() says more. */
enum sm_status {
    SM_OK = 0,
    SM_NOT_YET = 1,    /**< no error: it did not happen within the time given */
    SM_EARG = -1,      /**< an argument is wrong; nothing was done */
    SM_ENOMEM = -2,    /**< memory ran out; a call may have had effect */
    SM_ESYSTEM = -3,   /**< the operating system refused; the message says what and why */
    SM_ERAISED = -4,   /**< the manager raised an exception: `type` is its name */
    SM_ETIMEDOUT = -5, /**< no answer by the deadline; the call may still take effect */
    SM_ECLOSED = -6,   /**< the manager is not there, or went away; the call may have had effect */
    SM_EREFUSED = -7,  /**< the two ends do not have the same key */
    SM_EPROTOCOL = -8, /**< the other end does not speak the protocol */
    SM_EINTERRUPTED = -9, /**< sm_manager_interrupt() was called; the call may have had effect */
    SM_ETLS = -10, /**< TLS failed: a certificate that is not accepted, no version in common, ... */
};

/** An error of this thread. */
struct sm_error {
    int status;       /**< the `SM_E...` that was returned */
    const char *type; /**< of SM_ERAISED, the Python exception: "KeyError", "queue.Empty"; or "" */
    const char *message;   /**< UTF-8; str(exception) of SM_ERAISED, else one line */
    const char *traceback; /**< the traceback that the manager sent, several lines, or "" */
    int system_error;   /**< of SM_ECLOSED and SM_ESYSTEM, the `errno` where there is one; or 0 */
    const char *reason; /**< of SM_EREFUSED and SM_EPROTOCOL, what Python's AuthenticationError says
                           where the handshake failed; or "" */
};

/**
 * The error of this thread's last failed call of the library.
 *
 * @return never NULL; valid until the thread's next failed call
 */
SM_API const struct sm_error *sm_last_error(void);

/** Print `PROGRAM: what went wrong` to standard error, from sm_last_error(). Returns 1, for main.
 */
SM_API int sm_complain(const char *program);

/** The version of the library that runs, as `MAJOR.MINOR.PATCH`. */
SM_API const char *sm_version(void);

#ifdef __cplusplus
}
#endif

#endif
