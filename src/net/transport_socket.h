/* SPDX-License-Identifier: MIT */
/* Connections over sockets, Unix and TCP. */
#ifndef NET_TRANSPORT_SOCKET_H
#define NET_TRANSPORT_SOCKET_H

#include "net/loop.h"
#include "net/transport.h"

/* A transport_new_fn: see net/transport.h. */
int transport_socket_new(const struct address *address, nsec patience, struct transport **ret);

/*
 * The manager's end, on a loop, of a connection that was accepted. The descriptor belongs to the
 * transport, and is closed when this fails. Returns 0 or a negative errno.
 */
int transport_socket_on_loop(int fd, struct loop *loop, bool is_tcp, nsec patience,
                             struct transport **ret);

/*
 * The same as the functions of a transport, on a descriptor that was handed over; they never block.
 */
ssize_t socket_read(int fd, void *bytes, size_t size);
ssize_t socket_writev(int fd, const struct iovec *parts, size_t n);

/* Wait until it is readable. Returns whether it is. */
bool socket_wait(int fd, int timeout_ms);

#endif
