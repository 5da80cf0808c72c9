/* SPDX-License-Identifier: MIT */
/* Which process is at the other end of a Unix connection. */
#ifndef SYSTEM_ORIGIN_H
#define SYSTEM_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

/* The name of a process, as the kernel keeps it. */
#define ORIGIN_NAME_SIZE 16

/* The process that connected, or 0: it cannot be seen (in another PID namespace; not on Linux). */
int origin_pid(int fd);

/* The user it runs as, or -1. */
int64_t origin_user(int fd);

/*
 * A pidfd of that process, and of no other that was given its pid since. Returns the descriptor,
 * -ESRCH (it has ended) or another negative errno; -ENOTSUP: that cannot be told.
 */
int origin_open(int fd);

/* Its name, of printable ASCII; "?" where it cannot be seen. */
void origin_name(int pid, char ret[ORIGIN_NAME_SIZE]);

/* Whether any process still holds the other end of the connection. */
bool origin_is_connected(int fd);

/* Whether nothing has come in that was not read; false where that cannot be told. */
bool origin_is_quiet(int fd);

/* Whether everything that we have sent has been read; false where that cannot be told. */
bool origin_has_read(int fd);

#endif
