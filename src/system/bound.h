/* SPDX-License-Identifier: MIT */
#ifndef SYSTEM_BOUND_H
#define SYSTEM_BOUND_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Whether a socket is bound to the file at `path` that does not listen yet, as a server's is that
 * starts just now and does not take our lock. Seen are those of our network namespace, if bound by
 * an absolute path, or by the same words as ours.
 */
bool socket_is_bound(const char *path, const struct stat *file);

#endif
