/* SPDX-License-Identifier: MIT */
/* Sockets and the files that they are bound to. */
#ifndef SYSTEM_BOUND_H
#define SYSTEM_BOUND_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Whether a socket is bound to the file at `path` that does not listen yet, as a server's is that
 * starts just now and does not take our lock. Seen are those of our network namespace, if bound by
 * an absolute path, or by the same words as ours. Where that cannot be told: false.
 */
bool socket_is_bound(const char *path, const struct stat *file);

/*
 * Have the file that the socket makes, when it is bound, be its user's alone from its first moment.
 * May do nothing.
 */
void socket_bind_private(int fd);

#endif
