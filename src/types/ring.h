/* SPDX-License-Identifier: MIT */
/* Stored values in order of arrival, taken from the front. Zeroed memory is an empty ring. */
#ifndef TYPES_RING_H
#define TYPES_RING_H

#include "object/object.h"
#include "value/frozen.h"

struct slot {
    struct frozen item;
    uint64_t turn; /* its place in the order of arrival */
};

struct ring {
    struct slot *slots; /* owned; each item is too */
    size_t cap;         /* a power of two, or 0 */
    size_t head;        /* where the oldest is */
    size_t len;
};

/* Drop all items, and the memory. */
void ring_deinit(struct ring *ring);

/* Put an item last; it becomes the ring's. Returns 0 or -ENOMEM. */
int ring_push(struct ring *ring, struct slot slot);

/* Take the oldest item; there must be one. It becomes the caller's. */
struct slot ring_pop(struct ring *ring);

/* Put an item that was popped back to its place. Returns 0 or -ENOMEM. */
int ring_restore(struct ring *ring, struct slot slot);

void ring_measure(const struct ring *ring, struct extent *extent);

#endif
