/* SPDX-License-Identifier: MIT */
/* Sockets: making those that listen, settings of any, and what goes past the loop. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "net/address.h"
#include "net/socket_file.h"

#include <sys/types.h>
#include <sys/uio.h>

/* What listen() is asked for: the kernel takes it down to its own maximum. */
#define SOCKET_BACKLOG 0x7fffffff

/*
 * A socket that listens. `address` becomes the real one: the port that was picked. `ret_file` is
 * the file it made, if any. Returns the descriptor, or a negative errno: those of
 * socket_file_listen() for a Unix socket that is a file.
 */
int socket_listen(struct address *address, struct socket_file *ret_file);

/* For connections: no delay for small messages. Harmless on Unix sockets. */
void socket_no_delay(int fd);

/*
 * Find out about a peer that is out of reach: the connection breaks (ETIMEDOUT) when nothing has
 * come back from it for this long, whether or not there was something to send.
 */
void socket_keep_alive(int fd, nsec time);

/* Acknowledge what has come in at once; to be said again after each read. */
void socket_quick_ack(int fd);

/* How many of the bytes sent over TCP the other host has not acknowledged; 0 if not known. */
size_t socket_unacknowledged(int fd);

/*
 * Send, or receive, as much as can be at once. Returns bytes, where 0 is nothing sent, or the end
 * of what is received; or a negative errno, which for receiving may be -EAGAIN.
 */
ssize_t socket_send_now(int fd, struct iovec *parts, size_t n);
ssize_t socket_receive_now(int fd, void *bytes, size_t size);

#endif
