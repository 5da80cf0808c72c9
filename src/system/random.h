/* SPDX-License-Identifier: MIT */
#ifndef SYSTEM_RANDOM_H
#define SYSTEM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes that nobody can guess, 256 at most. False: the system has none to give. No lock is taken
 * that a forked child would inherit.
 */
bool random_bytes(void *bytes, size_t len);

#endif
