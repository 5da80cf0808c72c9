/* SPDX-License-Identifier: MIT */
/* Objects and calls that a host outside the server serves. */
#ifndef SERVER_GUEST_H
#define SERVER_GUEST_H

#include "base/map.h"
#include "object/call.h"
#include "object/waitq.h"
#include "syncmanager/guest.h"

struct peer;

struct guests {
    const struct sm_host *host; /* outlives the server; NULL: none */
    void *context;
    struct map objects;   /* struct guest_object, by their guest; borrowed */
    struct waitq waiters; /* the calls that the host is to answer */
    uint64_t visits;      /* the number of the last */
};

void guests_init(struct guests *guests);
void guests_deinit(struct guests *guests);

/* The guest that an object is, or NULL. */
void *guest_of(const struct object *object);

/* Let the host answer debug_info(), asked by the pickled request in `message`. */
void guest_debug_info(struct call *call, const struct buffer *message,
                      struct object *const *objects, size_t objects_len);

/* The peer's requests have come to an end. Harmless when it had none. */
void guest_end_session(struct peer *peer);

#endif
