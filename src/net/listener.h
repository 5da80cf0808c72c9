/* SPDX-License-Identifier: MIT */
/* Sockets that listen, on the loop. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/loop.h"
#include "net/socket_file.h"
#include "net/transport.h"

struct tls;

struct listener {
    uv_poll_t poll;
    struct loop *loop;
    struct address address;
    struct socket_file file;
    char text[ADDRESS_TEXT_MAX];
    int fd;                 /* owned */
    int waiting;            /* owned: a connection that has come in and was not taken; -1: none */
    int spare;              /* owned: given up for a moment when there is no other descriptor */
    nsec patience;          /* with peers that are out of reach */
    struct tls *const *tls; /* what those have that come by TLS; outlives the listener */
    unsigned accepted;      /* in this turn */
    void (*connected)(struct listener *listener);
    void (*closed)(struct listener *listener);
};

/*
 * Bind and listen. `patience`: see transport_new_fn. `tls` is looked at for each connection to an
 * address with TLS. Returns 0 or a negative errno: those of
 * socket_file_listen() for a Unix socket that is a file. `closed` is called once, when nothing
 * refers to the listener any more: after listener_close(), or after a failure here.
 */
int listener_open(struct listener *listener, struct loop *loop, const struct address *address,
                  nsec patience, struct tls *const *tls,
                  void (*connected)(struct listener *listener),
                  void (*closed)(struct listener *listener));

/*
 * Take the connection that `connected` tells of. One that is not taken waits, and with it all that
 * come later: `connected` is called once more in each turn. Returns 0 or a negative errno; the
 * connection is closed then.
 */
int listener_accept(struct listener *listener, struct transport **ret);

/* Before each wait: those who connect have their turn again. */
void listener_turn(struct listener *listener);

/* Stop listening and remove the socket file, if it still is this listener's. */
void listener_close(struct listener *listener);

/* In a forked child: close the descriptors that it has of its parent's. */
void listener_close_inherited(struct listener *listener);

#endif
