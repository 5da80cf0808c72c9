/* SPDX-License-Identifier: MIT */
/* What takes long is done aside, on threads of its own, while the loop serves everybody else. */
#ifndef SERVER_ASIDE_H
#define SERVER_ASIDE_H

#include "object/waitq.h"
#include "wire/frame.h"

struct peer;
struct sm_server;

struct asides {
    struct waitq waiters;  /* the calls that are aside, or wait for an object that is */
    struct aside *at_hand; /* the one whose request is served right now, on the loop */
    struct list queue;     /* those that are to run, in their order */
    struct list running;   /* those that do, or have, and are not back yet */
    size_t running_len;
};

/* Fills in the registry's functions. */
void asides_init(struct sm_server *server);

/* Nothing is done aside any more. What is under way there is waited for. */
void asides_end(struct sm_server *server);

/*
 * Decode a request aside, if it has many values, and have peer_serve() called with it. False: it is
 * to be decoded here.
 */
bool aside_decode(struct peer *peer, const struct frame *frame);

#endif
