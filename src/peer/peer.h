/* SPDX-License-Identifier: MIT */
/*
 * One connection: it proves that it knows the key, makes its first request, and if that was
 * accept_connection, makes calls, one at a time and in order.
 */
#ifndef PEER_PEER_H
#define PEER_PEER_H

#include "net/listener.h"
#include "net/stream.h"
#include "object/call.h"
#include "peer/crowd.h"
#include "peer/waits.h"
#include "wire/auth.h"
#include "wire/frame.h"
#include "wire/message.h"

struct process;

struct peer {
    struct stream stream;
    struct crowd *crowd; /* outlives the peer */
    struct list link;
    struct list answered;    /* in the crowd's row of that name */
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
    enum peer_state {
        PEER_AUTH,     /* handshake frames */
        PEER_REFUSED,  /* has failed, and is told later */
        PEER_GREETING, /* the first request */
        PEER_CALLS,    /* requests to objects */
        PEER_CLOSING,  /* sending the last answer, then closing */
    } state;
    size_t progress;  /* how much of the first request had come in when that was looked at last */
    bool listed;      /* in the crowd's peers_by_id */
    bool in_call;     /* a request is under way: it runs or is parked */
    bool has_more;    /* bytes have come in behind that request */
    bool unconfirmed; /* the last answer may not have arrived */
    bool waited;      /* where calls are counted: the one under way has waited for others */
    bool looks;       /* for its answers, before it sleeps, as our client does: see net/spin.h */
};

/* A connection has come in; and it begins. Its transport closes if there is no memory for it. */
void peer_accept(struct crowd *crowd, struct listener *listener);
void peer_open(struct crowd *crowd, struct transport *transport);

/* A frame of the handshake. */
void peer_authenticate(struct peer *peer, const struct frame *frame);

/*
 * The peer's parked call was answered: send the answer, and take up what the peer has asked since.
 */
void peer_settle(struct peer *peer);

/* End a parked call with a TimeoutError. False: the peer has none. */
bool peer_withdraw(struct peer *peer);

/*
 * The manager ends: answer the peer's call with an error that says so. peer_end_wait() leaves calls
 * alone that the program is at work on.
 */
void peer_end_call(struct peer *peer);
void peer_end_wait(struct peer *peer);

/*
 * Close once everything has been sent; once the call that is under way is answered, too; at once.
 */
void peer_finish(struct peer *peer);
void peer_shut_down(struct peer *peer);
void peer_cut(struct peer *peer);

/* Close the connection, and let go of everything that it stood for. */
void peer_close(struct peer *peer);

/* The connection has ended (0), or broke with an answer unread (a negative errno). */
void peer_lost(struct peer *peer, int r);

#endif
