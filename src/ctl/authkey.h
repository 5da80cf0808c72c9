/* SPDX-License-Identifier: MIT */
/* The key that the manager and we must have in common. */
#ifndef CTL_AUTHKEY_H
#define CTL_AUTHKEY_H

#include <stddef.h>

/* Longer keys are refused. */
#define AUTHKEY_MAX 4096

/*
 * Read the key from a file, or, when that is NULL, from $SYNCMANAGER_AUTHKEY. Returns its length,
 * or -1 when there is none: why has been said.
 */
int authkey_load(const char *file, char ret[static AUTHKEY_MAX]);

#endif
