/* SPDX-License-Identifier: MIT */
/* Connections by TLS, over a socket. */
#ifndef NET_TRANSPORT_TLS_H
#define NET_TRANSPORT_TLS_H

#include "net/loop.h"
#include "net/tls.h"
#include "net/transport.h"

/*
 * A client's end, of a connection that is still to be connected, to a host of this name. The socket
 * belongs to the transport, and is closed when this fails. Returns 0 or a negative errno.
 */
int transport_tls_new(struct tls *tls, struct transport *socket, const char *host,
                      struct transport **ret);

/* The manager's end, on the loop of the socket. */
int transport_tls_on_loop(struct tls *tls, struct transport *socket, struct loop *loop,
                          struct transport **ret);

/* How TLS has failed in this thread the last time, in words: valid until it fails the next time. */
const char *transport_tls_why(void);

#endif
