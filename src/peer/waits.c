/* SPDX-License-Identifier: MIT */
/*
 * A client waits for one lock at a time, and a lock has one holder, so from each waiter there is
 * one way: it ends at a client that does not wait, runs into the way of an earlier walk, whose
 * circle has been found, or comes back to itself. All walks together look at each waiter twice at
 * most.
 */
#include "peer/waits.h"

struct waiter *waits_walk(struct waiter *from, size_t turn)
{
    while (from && !from->turn) {
        from->turn = turn;
        from = from->holder;
    }
    return from && from->turn == turn ? from : NULL;
}
