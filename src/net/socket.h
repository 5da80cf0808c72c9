/* SPDX-License-Identifier: MIT */
/* Making the sockets that listen. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "net/address.h"

/* What listen() is asked for: the kernel takes it down to its own maximum. */
#define SOCKET_BACKLOG 0x7fffffff

/*
 * A socket that listens. `address` becomes the real one: the port that was picked. A socket file
 * that nobody listens on is replaced; one in use is -EADDRINUSE. The file's mode is 0600 from its
 * first moment. Returns the descriptor or a negative errno.
 */
int socket_listen(struct address *address);

/* For connections: no delay for small messages. Harmless on Unix sockets. */
void socket_no_delay(int fd);

/* Acknowledge what has come in at once; to be said again after each read. */
void socket_quick_ack(int fd);

#endif
