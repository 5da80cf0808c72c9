/* SPDX-License-Identifier: MIT */
/* The server's own parts: one loop, its listeners, its peers. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/memory.h"
#include "net/stream.h"
#include "net/watch.h"
#include "object/call.h"
#include "object/registry.h"
#include "server/aside.h"
#include "server/follow.h"
#include "server/fork.h"
#include "server/guest.h"
#include "server/host.h"
#include "server/lobby.h"
#include "server/post.h"
#include "server/process.h"
#include "server/waits.h"
#include "syncmanager/server.h"
#include "wire/auth.h"
#include "wire/message.h"

#include <stdatomic.h>

/* What has happened since the start. */
struct server_counts {
    uint64_t owner_deaths;        /* locks whose owner ended while it held them */
    uint64_t references_dropped;  /* those of processes that ended without giving them back */
    uint64_t refused;             /* connections without the key */
    uint64_t cut;                 /* connections that never showed one */
    uint64_t undelivered;         /* answers that did not arrive: what they handed over went back */
    uint64_t full;                /* connections that came when there was no room */
    uint64_t killed;              /* connections that a client has ended by sm_kill */
    uint64_t connections;         /* that have come in */
    uint64_t calls;               /* requests, of server functions and of objects */
    uint64_t bytes_in, bytes_out; /* over connections that are closed */
};

struct sm_server {
    struct loop loop;
    struct registry registry;
    struct tree tree; /* of the request at hand: calls of one loop share it */
    struct sm_server_options options;
    struct auth_key *authkey;           /* owned */
    struct server_listener **listeners; /* owned */
    size_t listeners_len;
    struct server_token_address { /* what registry.address points into */
        char text[ADDRESS_TEXT_MAX];
        struct sm_value item[2];
        struct sm_items items;
    } token_address;
    struct list peers;
    struct list answered; /* peers that are to be settled: see peer_settle() */
    struct map peers_by_id;
    size_t peers_len;
    struct lobby lobby;
    struct list processes;       /* all that peers are known to be of */
    struct map processes_by_key; /* those of them that live */
    size_t descriptors;          /* that connections and processes may use, in all */
    struct server_counts counts;
    nsec since; /* when it was made */
    struct follow follow;
    uint64_t next_caller;
    struct list host_types; /* the program's own */
    struct guests guests;
    struct asides asides;
    struct forking forking;
    struct posts posts;      /* answers of other threads, on their way */
    struct memory_row spent; /* freed while the loop runs, to be given back */
    atomic_uint stops;       /* how often sm_server_stop() was called */
    enum server_phase {
        SERVER_SERVES,
        SERVER_LOOKS_ONCE_MORE, /* takes no connections; requests on their way may come in */
        SERVER_HAS_LOOKED,      /* they have; the calls that wait are next */
        SERVER_DRAINS,          /* each connection closes when its last answer is sent */
    } phase;
    struct timer drain_deadline;
    nsec drain_end;   /* the latest that it may be */
    bool only_guests; /* while it ends: there is nothing to wait for but guests' methods */
    bool unwatched;   /* a process could not be watched, and that was said, since one could */
    bool full;        /* a connection waits for a place */
    bool said_full;   /* and that was said, since a quarter of the places was free */
};

struct server_listener {
    struct listener listener;
    struct sm_server *server;
};

void server_log(struct sm_server *server, enum sm_log_level level, const char *format, ...)
    PRINTF_LIKE(3, 4);

/*
 * One connection: it proves that it knows the key, makes its first request, and if that was
 * accept_connection, makes calls, one at a time and in order.
 */
struct peer {
    struct stream stream;
    struct sm_server *server; /* outlives the peer */
    struct list link;
    struct list answered;    /* in the server's row of that name */
    struct list lobby;       /* in the lobby's row, until it is authenticated */
    struct list owned;       /* objects that this connection owns */
    struct process *process; /* that opened the connection; NULL: not known */
    struct list of_process;  /* in that one's row */
    nsec since;              /* when the connection came in */
    struct timer deadline;
    struct auth auth;
    struct call call;
    uint64_t calls;       /* requests so far */
    struct waiter waiter; /* while it is looked for circles of waiters */
    struct peer_guest guest;
    enum peer_state {
        PEER_AUTH,     /* handshake frames */
        PEER_REFUSED,  /* has failed, and is told later */
        PEER_GREETING, /* the first request */
        PEER_CALLS,    /* requests to objects */
        PEER_CLOSING,  /* sending the last answer, then closing */
    } state;
    size_t progress;  /* how much of the first request had come in when that was looked at last */
    bool listed;      /* in the server's peers_by_id */
    bool in_call;     /* a request is under way: it runs or is parked */
    bool has_more;    /* bytes have come in behind that request */
    bool unconfirmed; /* the last answer may not have arrived */
    bool looks;       /* for its answers, before it sleeps, as our client does: see net/spin.h */
    bool is_package;  /* of the Python package: it has told its Python by sm_connection */
};

/* Whether a descriptor is left for another connection or process. */
bool server_has_room(const struct sm_server *server);

/* Descriptors for connections: all that the process may have, less a few for itself. */
size_t connections_possible(void);

/* Fill in the defaults; the key is forgotten, as it belongs to the caller. */
void options_fill(struct sm_server_options *options);

/* The peer with this number, or NULL. */
struct peer *server_find_peer(struct sm_server *server, uint64_t id);

/* The connection has ended (0), or broke with an answer unread (a negative errno). */
void peer_lost(struct peer *peer, int r);

/* Serve a request that has been decoded with this result: see request_parse(). */
void peer_serve(struct peer *peer, int r, struct request *request,
                const struct pickle_error *error);

/* End a parked call with a TimeoutError. False: the peer has none. */
bool peer_withdraw(struct peer *peer);

/* Close the connection, and let go of everything that it stood for. */
void peer_close(struct peer *peer);

/* A connection has come in. */
void peer_accept(struct sm_server *server, struct listener *listener);

/*
 * Begin to end: listen no more. drain_looked(): another wait of the loop is on; drain_continue():
 * it is over, as is every later one. drain_cut(): end now, whatever is not sent. All are harmless
 * out of their turn.
 */
void drain_begin(struct sm_server *server);
void drain_looked(struct sm_server *server);
void drain_continue(struct sm_server *server);
void drain_cut(struct sm_server *server);

/*
 * The manager ends: answer the peer's call with an error that says so. peer_end_wait() leaves calls
 * alone that the program is at work on.
 */
void peer_end_call(struct peer *peer);
void peer_end_wait(struct peer *peer);

/* Close once the call that is under way is answered, and everything sent; or at once. */
void peer_shut_down(struct peer *peer);
void peer_cut(struct peer *peer);

/* The call that is under way was answered on the connection itself, by another thread. */
void peer_answered_there(struct peer *peer);

/*
 * The peer's parked call was answered: send the answer, and take up what the peer has asked since.
 */
void peer_settle(struct peer *peer);

/* SM_OK, or the error that registry_add_*() means for the program. */
int register_status(const char *name, int r);

/*
 * Append the beginning of what an object, which is no guest, prints: 75 characters, and no more is
 * made. Returns 0 or -ENOMEM.
 */
int object_describe(struct object *object, unsigned python, struct buffer *text);

/* The server function of that name, as methods.c calls it. */
void serve_debug_info(struct peer *peer, struct call *call);

/* Run a server function: the first request of a connection, whose call is made ready. */
void serve(struct peer *peer, struct request *request);

#endif
