/* SPDX-License-Identifier: MIT */
/* A request that the host has. */
#ifndef PLACE_HOST_REQUEST_H
#define PLACE_HOST_REQUEST_H

#include "base/buffer.h"
#include "object/registry.h"
#include "place/post.h"
#include "syncmanager/guest.h"

#include <pthread.h>

struct brought;
struct call;
struct host;
struct host_session;
struct waitq_ops;

/* A connection that the host's thread has: see host_direct.c. */
struct host_direct {
    pthread_mutex_t lock; /* for all that follows */
    enum direct_state {
        DIRECT_NONE,   /* the connection is the loop's */
        DIRECT_SERVES, /* the host is at work for a request */
        DIRECT_WAITS,  /* it waits for the next */
        DIRECT_BACK,   /* it has posted that it does so no more */
        DIRECT_TAKEN,  /* the loop has taken the connection back from one that waits */
        DIRECT_OVER,   /* one of them has no more to do with the request, the other frees it */
    } state;
    int fd;
    int error;            /* a negative errno: the connection is broken */
    bool failed_to_send;  /* by what was to be sent */
    struct buffer unread; /* what came in: the request at hand, or what the loop is to look at */
    struct buffer unsent; /* what the loop is to send */
    uint64_t calls;       /* taken from the connection by the host */
    uint64_t bytes_in, bytes_out;
    nsec began;             /* when the last of the calls came in */
    char ident[IDENT_SIZE]; /* of the guest, or of what is copied; does not change */
    unsigned proxies;       /* whose the client has, as call.h tells; likewise */

    /* The loop's. */
    struct list link; /* in the row of all that the host has */
    uint64_t seen;    /* how many calls there were at the last look */
};

struct host_request {
    struct sm_request asked; /* what the host sees */
    struct post post;        /* under way once it is answered */
    struct host *host;       /* outlives the request */
    struct call *call;       /* of the loop's thread; NULL once it has ended */
    struct buffer message;   /* what `asked` points to */
    void **shown;            /* likewise; owned */
    struct buffer value;     /* likewise */
    struct object *copied;   /* which the host has a copy of; borrowed from `refs`; NULL: none */
    struct ref **refs;       /* owned, one reference each: what must live until the answer */
    size_t refs_len;
    struct host_direct direct;

    /* The answer, written by the thread that gives it. */
    void (*answer)(struct host_request *request, struct call *call);
    bool failed; /* memory ran out for what follows */
    struct buffer reply;
    struct buffer brought;  /* the value of the copy, as it is now */
    bool unchanged;         /* that is as it was */
    char *typeid;           /* owned */
    char **exposed;         /* owned */
    void *guest;            /* a reference of the host's */
    struct brought *brings; /* owned: descriptors: see descriptor.c */
    size_t brings_len;
};

/* Of the calls that wait for the host. */
extern const struct waitq_ops host_waiters;

/*
 * NULL after answering the call. The objects whose proxies the request holds live until the answer.
 */
struct host_request *host_request_new(struct host *host, struct call *call,
                                      enum sm_request_kind kind);

/* The same, about a value of the call's request, which the host gets pickled beside the request. */
struct host_request *host_request_about(struct host *host, struct call *call,
                                        enum sm_request_kind kind, struct sm_value value);

/* Hand a request to the host, whose it is then. */
void host_request_serve(struct host_request *request, struct call *call);

/* Post the answer, which `answer` gives to the call on the loop, if that has not ended. */
void host_request_answer(struct host_request *request,
                         void (*answer)(struct host_request *request, struct call *call));

/* Serve the request again, from its beginning. */
void host_request_serve_again(struct host_request *request, struct call *call);

/* Let go of the objects that were kept for the host. Runs on the loop. */
void host_request_drop_refs(struct host_request *request);

void host_request_free(struct host_request *request);

/* Hand the connection over along with this request of an object, if that is of use. */
void host_direct_begin(struct host_request *request, struct host_session *session);

#endif
