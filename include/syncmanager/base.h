/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What every header of the library shares: version and linkage.
 */
#ifndef SYNCMANAGER_BASE_H
#define SYNCMANAGER_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Version of these headers, as `MAJOR.MINOR.PATCH`. */
#define SM_VERSION "0.1.0"

/** Marks what the shared library exports. */
#define SM_API __attribute__((visibility("default")))

#endif
