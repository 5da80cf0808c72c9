/* SPDX-License-Identifier: MIT */
/* Objects of the server's own whose calls need the host. */
#ifndef PLACE_HOST_COPY_H
#define PLACE_HOST_COPY_H

#include "object/object.h"

struct guests;

/*
 * A call of an object goes to the host: the visit that it belongs to, new or not. A new one's
 * `value` is what the object is, pickled. NULL when memory runs out. visit_leave() must follow.
 */
struct visit *visit_join(struct guests *guests, struct object *object, struct buffer *value);

uint64_t visit_number(const struct visit *visit);

/* The call is over; `value`, pickled, is what the host has of the object now; empty: not known. */
void visit_leave(struct guests *guests, struct object *object, const struct buffer *value,
                 bool unchanged);

/* The object is back, or goes: what the host has of it is of no use any more. */
void visit_forget(struct guests *guests, struct object *object);

#endif
