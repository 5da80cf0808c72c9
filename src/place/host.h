/* SPDX-License-Identifier: MIT */
/* Objects and calls that a host outside the server serves. */
#ifndef PLACE_HOST_H
#define PLACE_HOST_H

#include "base/map.h"
#include "base/timers.h"
#include "object/place.h"
#include "object/waitq.h"
#include "syncmanager/guest.h"

#include <stdatomic.h>

struct host_request;
struct posts;

struct host {
    struct place place;        /* in the registry's row where there is a host */
    struct posts *posts;       /* this and the next outlive the host */
    struct tree *tree;         /* for what is decoded on the loop */
    const struct sm_host *ops; /* outlives the server; NULL: none */
    void *context;
    struct map sessions;    /* struct host_session, by their caller; owned */
    struct map objects;     /* struct guest, by the host's pointer; borrowed */
    struct map descriptors; /* struct descriptor, by their key; borrowed */
    struct waitq waiters;   /* the calls that the host is to answer */
    uint64_t copies;        /* the number of the last */
    struct list direct;     /* requests with a connection: see host_direct.c */
    struct timer look;      /* at those, while there are any */
    atomic_uint holds;      /* that are posted, and not taken yet */
};

/* What is known of a caller's calls of guests. */
struct host_session {
    uint64_t caller;
    void *context;  /* what the host knows its requests by; NULL: none yet */
    uint64_t ident; /* of the guest that it called last */
    nsec at;        /* when that was */
    unsigned rest;  /* so many calls go through the loop, as handing over was of no use */
};

void host_init(struct host *host, struct registry *registry, struct posts *posts,
               struct tree *tree);
void host_deinit(struct host *host);

/* Who serves the guests, from now on. */
void host_set(struct host *host, const struct sm_host *ops, void *context);

/* The caller's session, or NULL; made at need: NULL when memory runs out. */
struct host_session *host_session(const struct host *host, const struct call *call);
struct host_session *host_session_open(struct host *host, const struct call *call);

/*
 * The host may still be at work for a call that was withdrawn: what the caller asks next is of
 * another session, and does not wait for it.
 */
void host_session_end(struct host *host, const struct call *call);

/*
 * The name of the method that a parked call calls of a guest, or is to call of an object once its
 * descriptors were taken over; not ended by NUL; NULL: none.
 */
const char *host_method(const struct call *call, size_t *ret_len);

/* Let the host answer debug_info(), asked by the pickled request in `message`. */
void host_debug_info(struct host *host, struct call *call, const struct buffer *message,
                     struct object *const *objects, size_t objects_len);

/*
 * Take a connection back from the host: what is known of its call is true then. Harmless when the
 * host has it not. It may have it again with the next request.
 */
void host_recall(struct host *host, struct call *call);

/*
 * The same of all connections that it has to call this object, which they keep alive; NULL: of all.
 */
void host_recall_object(struct host *host, const struct object *object);

/* See sm_server_hold(). */
struct sm_hold *host_ref_new(struct host *host, const char *ident);

#endif
