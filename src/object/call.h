/* SPDX-License-Identifier: MIT */
/*
 * A call: one request to an object, with one answer, now or later. A method returns, raises or
 * parks. The request's values are gone once the method has returned: a method that parks stores
 * what it needs in the call (`item`, `number`).
 */
#ifndef OBJECT_CALL_H
#define OBJECT_CALL_H

#include "base/list.h"
#include "base/timers.h"
#include "object/account.h"
#include "object/object.h"

struct asked;
struct audience;
struct caller_ops;
struct key;
struct waitq;

/* What an exception in this call becomes. */
enum call_errors {
    CALL_RAISES, /* #ERROR: the caller gets the exception itself */
    CALL_FAILS,  /* #TRACEBACK: the caller gets a RemoteError; constructors and server functions */
};

/* What a call needs and cannot have on the loop: a place sees to it. See place.h. */
enum call_need {
    NEED_NONE,
    NEED_TIME,   /* more than others can wait: its object, or its arguments, are very many values */
    NEED_OBJECT, /* an object that is another call's alone for the moment */
    NEED_PYTHON, /* Python code is to be run */
    NEED_PLAIN,  /* Python is to tell what an argument comes to: see ask.h */
    NEED_DESCRIPTORS, /* those among the arguments are to be taken over */
    NEED_SERVER,      /* it is of no object, but of the server itself: call.function */
};

/* Whether a call is known to take long. */
enum call_weight {
    CALL_UNWEIGHED, /* that depends on its object and method */
    CALL_HEAVY,     /* its arguments are very many values */
    CALL_LIGHT,     /* it does not, or is carried out here all the same */
};

/* What closes a message whose payload is lent: TUPLE2, STOP. */
#define CALL_LENT_END "\x86."

struct call {
    struct registry *registry;
    struct object *object; /* one reference while the call is under way; NULL in create */
    const struct method *method;
    const struct method *recent;           /* the method of the last call, to be found at once */
    size_t recent_len;                     /* of its name, in bytes */
    const struct object_type *recent_type; /* the type that has it; NULL: there was no call yet */
    uint64_t caller;           /* the connection, which owns an RLock; never reused, never 0 */
    struct list *owned;        /* what that connection owns: see object_own() */
    struct account *account;   /* of the process behind it; NULL: not known */
    struct key *key;           /* that the connection has shown: see access.h; outlives the call */
    struct audience *audience; /* of what the call makes where it has no object; NULL: everybody */
    unsigned cell;             /* of that connection, less one: see lease.h; 0: none */
    uint32_t generation;       /* of that cell */
    unsigned python;  /* minor version of the Python whose texts and types the caller expects */
    unsigned proxies; /* of the Python whose proxy classes the caller has, if it is newer; else 0 */
    nsec now;         /* when the request came */
    enum call_errors errors;
    bool only_reads; /* its key gives no right to change anything */
    bool answered;
    bool has_python;     /* while the method runs: a place sees to NEED_PYTHON */
    bool apart;          /* it runs on another thread, and touches nothing but its object */
    enum call_need need; /* what the method has found that it needs; it has not answered then */
    enum call_weight weight;

    /* The request; until the method returns. */
    struct tree *tree;
    const uint8_t *message;                    /* as it came; borrowed */
    size_t message_len;                        /* in bytes */
    struct sm_value function;                  /* its name, of a call of no object */
    struct sm_value args;                      /* tuple */
    struct sm_value kwds;                      /* dict */
    struct sm_value arg[SIGNATURE_PARAMS_MAX]; /* bound to the method's parameters, or missing */
    struct asked *asked;     /* owned: what Python was asked about them; NULL: nothing */
    struct object **brought; /* owned, and a reference each: the descriptors among them that were
                                taken over, NULL at the end; NULL: none */

    /* The answer: a reply message is appended to `out`, then the caller is told, once. */
    struct buffer *out; /* borrowed */
    size_t out_room;    /* bytes left free before the message, for a frame's header */
    size_t out_start;   /* where that room begins */
    struct pickler pickler;
    const struct caller_ops *ops; /* the caller's */
    bool lends;                   /* the caller can send a large value from where it is stored */
    struct frozen lent; /* that value: it goes behind `out`, and CALL_LENT_END behind it; absent:
                           `out` has the whole message */

    /* While parked, and after it, until the answer is known to have arrived. */
    struct waitq *queue; /* NULL: not parked */
    struct list link;
    struct timer timer;
    struct frozen item;     /* what a parked method needs: the item to put, ... */
    void *record;           /* by which who is at work on it knows it; NULL: it waits for others */
    uint64_t number;        /* ...: the units to take, the levels to restore */
    bool handed;            /* the answer hands over something that give_back can take back */
    struct object *granted; /* the answer gives a client's reference to it; one reference */
    struct pickle_notes sent; /* the objects whose proxies answers hold, one reference each */
    size_t sent_held;         /* how many of them, from the first on, have it already */
};

void call_init(struct call *call, struct registry *registry, struct tree *tree, struct buffer *out,
               const struct caller_ops *ops);

/* Withdraws the call if it is parked; its caller is not told. */
void call_deinit(struct call *call);

/* Make ready for the next request, which tells that the last answer has arrived. */
void call_reset(struct call *call);

/*
 * Let go of the objects whose proxies were sent. A client of ours takes its own references over
 * the same connection, so they are held until its next request that is not a server function.
 */
void call_drop_sent(struct call *call);

/* The last answer was not delivered: what it handed over goes back. */
void call_undelivered(struct call *call);

/*
 * The owner of these objects, a connection or a process, has ended. They are let go; or, with
 * `keep`, they stay locked for ever.
 */
void call_disown_all(struct list *owned, bool keep);

#endif
