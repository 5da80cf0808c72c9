/* SPDX-License-Identifier: MIT */
/* Sleeping until a word of memory changes that processes share. */
#ifndef SYSTEM_FUTEX_H
#define SYSTEM_FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * Sleep while the word has this value, for so long at the most, or until it is woken. Returns 0,
 * -EINTR (a signal) or another negative errno, -ENOSYS where the system has no such thing.
 */
int futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t nanoseconds);

/* Wake one that sleeps there. */
void futex_wake(_Atomic uint32_t *word);

#endif
