/* SPDX-License-Identifier: MIT */
/* The server's own parts: one loop, its listeners, its peers. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/memory.h"
#include "net/listener.h"
#include "net/share.h"
#include "net/stream.h"
#include "net/tls.h"
#include "object/registry.h"
#include "peer/crowd.h"
#include "peer/peer.h"
#include "place/aside.h"
#include "place/host.h"
#include "place/post.h"
#include "server/follow.h"
#include "server/fork.h"
#include "server/own_type.h"
#include "syncmanager/server.h"

#include <stdatomic.h>

struct sm_server {
    struct loop loop;
    struct registry registry;
    struct tree tree; /* of the request at hand: calls of one loop share it */
    struct sm_server_options options;
    struct server_listener **listeners; /* owned */
    size_t listeners_len;
    char **pages;                        /* owned, and each of them; NULL at the end; or NULL */
    struct python_address token_address; /* registry.address points into it */
    struct tls *tls;                     /* a reference; NULL: no address has TLS */
    struct share share;                  /* with clients of this host; empty until one asks */
    struct crowd crowd;
    nsec since; /* when it was made */
    struct follow follow;
    struct list own_types; /* the program's own */
    struct place functions;
    struct host host;
    struct asides asides;
    struct forking forking;
    struct posts posts;      /* answers of other threads, on their way */
    struct memory_row spent; /* freed while the loop runs, to be given back */
    atomic_uint stops;       /* how often sm_server_stop() was called */
    atomic_uint reloads;     /* 1: sm_server_reload() was called */
    struct timer drain_deadline;
    nsec drain_end;   /* the latest that it may be */
    bool only_guests; /* while it ends: all that it still waits for is methods of guests */
};

struct server_listener {
    struct listener listener;
    struct sm_server *server;
};

static inline struct sm_server *server_of_peer(const struct peer *peer)
{
    return container_of(peer->crowd, struct sm_server, crowd);
}

/* Descriptors for connections: all that the process may have, less a few for itself. */
size_t connections_possible(void);

/* Fill in the defaults; the key and names of files are forgotten, as they are the caller's. */
void options_fill(struct sm_server_options *options);

/*
 * The end of a server, step by step: see drain.c. drain_begin(): it listens no more, and the loop
 * is to look at every connection once more. drain_looked(): the loop was woken for that.
 * drain_continue(): the loop has served what it found; called after each later wait of the loop,
 * too. A step that is not due does nothing. drain_cut() ends the server now, whatever is not sent.
 */
void drain_begin(struct sm_server *server);
void drain_looked(struct sm_server *server);
void drain_continue(struct sm_server *server);
void drain_cut(struct sm_server *server);

/* The program's status for `r`, which a registry_add_*() has returned for this name. */
int register_status(const char *name, int r);

/* The place of server functions: a connection's first request is for one. */
extern const struct place_ops server_functions;

#endif
