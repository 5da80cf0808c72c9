/* SPDX-License-Identifier: MIT */
/* What takes long is done aside, on threads of its own, while the loop serves everybody else. */
#ifndef PLACE_ASIDE_H
#define PLACE_ASIDE_H

#include "object/place.h"
#include "object/waitq.h"

struct posts;

struct asides {
    struct place place;
    struct posts *posts;   /* outlive the asides */
    uint64_t max_memory;   /* bytes, that a thread may come to see in use */
    struct waitq waiters;  /* the calls that are aside, or wait for an object that is */
    struct aside *at_hand; /* the one whose request is served right now, on the loop */
    struct list queue;     /* those that are to run, in their order */
    struct list running;   /* those that do, or have, and are not back yet */
    size_t running_len;
};

/* A place for calls that need time, from now on. */
void asides_init(struct asides *asides, struct registry *registry, struct posts *posts,
                 uint64_t max_memory);

/* Nothing is done aside any more. What is under way there is waited for. */
void asides_end(struct asides *asides);

#endif
