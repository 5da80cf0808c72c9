/* SPDX-License-Identifier: MIT */
/* Objects of the server's own whose calls need the host. */
#ifndef PLACE_HOST_COPY_H
#define PLACE_HOST_COPY_H

#include "object/object.h"

struct host;

/*
 * A call of an object goes to the host: the copy that it is for, new or not. A new one's
 * `value` is what the object is, pickled. NULL when memory runs out. host_copy_leave() must follow.
 */
struct host_copy *host_copy_join(struct host *host, struct object *object, struct buffer *value);

uint64_t host_copy_number(const struct host_copy *copy);

/* The call is over; `value`, pickled, is what the host has of the object now; empty: not known. */
void host_copy_leave(struct host *host, struct object *object, const struct buffer *value,
                     bool unchanged);

/* The object is back, or goes: the host's copy is of no use any more. */
void host_copy_forget(struct host *host, struct object *object);

#endif
