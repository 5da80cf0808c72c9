/* SPDX-License-Identifier: MIT */
/* Unix sockets that have a name in the file system: one server a name, and no file left behind. */
#ifndef NET_SOCKET_FILE_H
#define NET_SOCKET_FILE_H

#include "net/address.h"

#include <sys/types.h>

/* What listen() is asked for: the kernel takes it down to its own maximum. */
#define SOCKET_BACKLOG 0x7fffffff

/* Which file it is that a server has made: a path may be another's by the time it closes. */
struct socket_file {
    dev_t device;
    ino_t inode; /* 0: none */
};

/*
 * Bind a socket to the path of `address` and listen. The file's mode is 0600 before it listens, on
 * Linux from its first moment. A socket file of ours that nobody listens on is replaced. Returns 0,
 * or
 *   -EADDRINUSE  somebody listens there, or is about to
 *   -EEXIST      there is something that is no socket, be it a link to one
 *   -EPERM       a stale socket of another user stands there
 *   -ELOOP       at the lock file, PATH.syncmanager-lock, there is a link, or what is not ours
 * or what open(), bind() and the like return.
 */
int socket_file_listen(int fd, const struct address *address, struct socket_file *ret);

/*
 * Remove the file, unless the path is another file's by now. To be called while the socket still
 * listens: from then on another server may take it for a stale one.
 */
void socket_file_remove(const struct address *address, const struct socket_file *file);

#endif
