/* SPDX-License-Identifier: MIT */
/*
 * A transport in memory: a server's end on its loop, and a client's end that waits by letting the
 * server take its turns. Both are of one thread. It carries as few bytes at a time as the test
 * says, has as little room, and breaks behind any byte.
 */
#ifndef SUPPORT_MEMORY_H
#define SUPPORT_MEMORY_H

#include "base/buffer.h"
#include "net/loop.h"
#include "net/transport.h"
#include "syncmanager/server.h"

struct memory_plan {
    size_t piece;  /* a read or write takes no more bytes; 0: any number */
    size_t room;   /* so many bytes may be on their way in each direction; 0: any number */
    size_t breaks; /* behind so many bytes, of both directions, all ends; 0: never */
    struct identity identity; /* of the client; zeroed: not known */
};

/* One end. */
struct memory_end {
    struct transport transport;
    struct memory_link *link;
    struct memory_end *other;
    struct buffer in; /* has come, and was not read */
    bool closed;
    bool reset; /* the other end closed, or the connection broke, with something unread */
    bool lost;  /* something that was sent will not be read */

    /* The server's. */
    uv_idle_t idle; /* active while the end is ready for what is wanted */
    bool on_loop;
    unsigned wanted;
};

struct memory_link {
    struct memory_plan plan;
    struct sm_server *server; /* of the one end */
    size_t carried;
    bool broken;
    unsigned open; /* ends: the last frees the link */
    struct memory_end of_server, of_client;
};

/* A new connection to the server, which has its end already. Returns the client's. */
struct transport *memory_connect(struct sm_server *server, const struct memory_plan *plan);

/* How many bytes the connection that a client's end is of has carried. */
size_t memory_carried(const struct transport *transport);

#endif
