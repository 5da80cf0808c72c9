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

struct errand;
struct posts;

struct guests {
    struct place place;         /* in the registry's row where there is a host */
    struct posts *posts;        /* this and the next outlive the guests */
    struct tree *tree;          /* for what is decoded on the loop */
    const struct sm_host *host; /* outlives the server; NULL: none */
    void *context;
    struct map sessions;    /* struct session, by their caller; owned */
    struct map objects;     /* struct guest_object, by their guest; borrowed */
    struct map descriptors; /* struct descriptor, by their key; borrowed */
    struct waitq waiters;   /* the calls that the host is to answer */
    uint64_t visits;        /* the number of the last */
    struct list lent;       /* errands with a connection: see host_direct.c */
    struct timer look;      /* at those, while there are any */
    atomic_uint holds;      /* that are posted, and not taken yet */
};

/* What is known of a caller's calls of guests. */
struct session {
    uint64_t caller;
    void *context;  /* what the host knows its requests by; NULL: none yet */
    uint64_t ident; /* of the guest that it called last */
    nsec at;        /* when that was */
    unsigned rest;  /* for so many calls nothing is lent, as it was of no use */
};

void guests_init(struct guests *guests, struct registry *registry, struct posts *posts,
                 struct tree *tree);
void guests_deinit(struct guests *guests);

/* Who serves the guests, from now on. */
void guests_set_host(struct guests *guests, const struct sm_host *host, void *context);

/* The caller's session, or NULL. */
struct session *guests_session(const struct guests *guests, const struct call *call);

/* The guest that an object is, or NULL. */
void *guest_of(const struct object *object);

/* The typeid under which a guest was made; NULL: the object is none. */
const char *guest_typeid(const struct object *object);

/*
 * The name of the method that a parked call calls of a guest, or is to call of an object once its
 * descriptors were taken over; not ended by NUL; NULL: none.
 */
const char *guest_method(const struct call *call, size_t *ret_len);

/* Let the host answer debug_info(), asked by the pickled request in `message`. */
void guests_debug_info(struct guests *guests, struct call *call, const struct buffer *message,
                       struct object *const *objects, size_t objects_len);

/*
 * Take a connection back from the host: what is known of its call is true then. Harmless when it is
 * not lent. It may begin to be lent again with its next request.
 */
void guests_recall_call(struct guests *guests, struct call *call);
void guests_recall_all(struct guests *guests);

/* The same of all connections that were lent to call this object, which they keep alive. */
void guests_recall(struct guests *guests, uint64_t ident);

/* See sm_server_hold(). */
struct sm_hold *hold_new(struct guests *guests, const char *ident);

#endif
