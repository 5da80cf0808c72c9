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
struct guests;
struct session;

/* A connection that the host's thread has: see host_direct.c. */
struct loan {
    pthread_mutex_t lock; /* for all that follows */
    enum loan_state {
        LOAN_NONE,   /* the connection is the loop's */
        LOAN_SERVES, /* the host is at work for a request */
        LOAN_WAITS,  /* it waits for the next */
        LOAN_BACK,   /* it has posted that it does so no more */
        LOAN_OVER,   /* the loop has taken the connection back, and left the errand to the host */
    } state;
    int fd;
    int error;            /* a negative errno: the connection is broken */
    bool failed_to_send;  /* by what was to be sent */
    struct buffer unread; /* what came in: the request at hand, or what the loop is to look at */
    struct buffer unsent; /* what the loop is to send */
    uint64_t calls;       /* taken from the connection by the host */
    uint64_t bytes_in, bytes_out;
    nsec began;             /* when the last of the calls came in */
    char ident[IDENT_SIZE]; /* of the guest, or of what visits; does not change */
    unsigned proxies;       /* whose the client has, as call.h tells; likewise */

    /* The loop's. */
    struct list link; /* in the row of all that are lent */
    uint64_t seen;    /* how many calls there were at the last look */
};

struct errand {
    struct sm_request asked; /* what the host sees */
    struct post post;        /* under way once it is answered */
    struct guests *guests;   /* outlive the errand */
    struct call *call;       /* of the loop's thread; NULL once it has ended */
    struct buffer message;   /* what `asked` points to */
    void **shown;            /* likewise; owned */
    struct buffer value;     /* likewise */
    struct object *visits;   /* borrowed from the references below; NULL: none */
    struct ref **refs;       /* owned, one reference each: what must live until the answer */
    size_t refs_len;
    struct loan loan;

    /* The answer, written by the thread that gives it. */
    void (*answer)(struct errand *errand, struct call *call);
    bool failed; /* memory ran out for what follows */
    struct buffer reply;
    struct buffer brought;  /* the value of what visits, as it is now */
    bool unchanged;         /* that is as it was */
    char *typeid;           /* owned */
    char **exposed;         /* owned */
    void *guest;            /* a reference of the host's */
    struct brought *brings; /* owned: descriptors: see descriptor.c */
    size_t brings_len;
};

/* NULL after answering the call. The objects whose proxies the request holds live until the answer.
 */
struct errand *errand_new(struct guests *guests, struct call *call, enum sm_request_kind kind);

/* The same, about a value of the call's request, which the host gets pickled beside the request. */
struct errand *errand_about(struct guests *guests, struct call *call, enum sm_request_kind kind,
                            struct sm_value value);

/* Hand a request to the host, whose it is then. */
void errand_serve(struct errand *errand, struct call *call);

/* Post the answer, which `answer` gives to the call on the loop, if that has not ended. */
void errand_answer(struct errand *errand, void (*answer)(struct errand *errand, struct call *call));

/* Serve the request again, from its beginning. */
void errand_serve_again(struct errand *errand, struct call *call);

/* Let go of the objects that were kept for the host. Runs on the loop. */
void errand_drop_refs(struct errand *errand);

void errand_free(struct errand *errand);

/* Lend the connection along with this request for a guest or a visit, if that is of use. */
void errand_lend(struct errand *errand, struct session *session);

#endif
