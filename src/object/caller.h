/* SPDX-License-Identifier: MIT */
/*
 * Who made a call, as those who carry it out see it: a connection, or a test. It owns the call, and
 * the buffer that the answer is written to.
 */
#ifndef OBJECT_CALLER_H
#define OBJECT_CALLER_H

#include "object/call.h"

struct decoded; /* see wire/message.h */

/* What was done on a caller's connection while a place had it: see `hand_over`. */
struct handed_back {
    bool answered;               /* the call at hand, on the connection; else it goes on */
    const struct buffer *unread; /* what came in and is the caller's to look at */
    const struct buffer *unsent; /* what the caller is to send */
    bool failed_to_send;         /* by what was to be sent */
    int error;                   /* a negative errno: the connection is broken; 0: it is not */
    uint64_t calls;              /* that were carried out there */
    nsec began;                  /* when the last of them came in */
    uint64_t bytes_in, bytes_out;
};

struct caller_ops {
    /* An answer stands in call->out. Once for each request. */
    void (*answered)(struct call *call);

    /* The call has been parked, or parked elsewhere. NULL: the caller does not care. */
    void (*parked)(struct call *call);

    /*
     * Carry the request out once more, from its beginning; the call is not parked any more.
     * `decoded` is what came of its message, in call->tree; NULL: call->message is to be decoded.
     */
    void (*again)(struct call *call, struct decoded *decoded);

    /* There will be no answer: end the connection. */
    void (*close)(struct call *call);

    /*
     * Leave the connection to a place, which reads and writes it while the call is parked there.
     * Returns its descriptor, or -1: it cannot be had, or not now.
     */
    int (*hand_over)(struct call *call);

    /* The connection is the caller's again. */
    void (*take_back)(struct call *call, const struct handed_back *back);
};

/* Of a call that nobody waits for: who made it looks at call->out. It must not be parked. */
extern const struct caller_ops caller_none;

#endif
