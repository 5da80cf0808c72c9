/* SPDX-License-Identifier: MIT */
/* Who waits for whom: clients that wait for each other in a circle never go on. */
#ifndef PEER_WAITS_H
#define PEER_WAITS_H

#include <stddef.h>

struct waiter {
    struct waiter *holder; /* who has what it waits for; NULL: nobody, or it does not wait */
    size_t turn;           /* the walk that came by last; 0: none yet */
};

/*
 * Walk from a waiter to the holder of what it waits for, and on. Returns one of the circle that the
 * walk comes round in, unless an earlier walk did, or none. `turn` counts the walks, from 1.
 */
struct waiter *waits_walk(struct waiter *from, size_t turn);

#endif
