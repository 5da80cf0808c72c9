/* SPDX-License-Identifier: MIT */
/* Walking values within bounds: what comparison, hashing and ordering share. */
#ifndef VALUE_WALK_H
#define VALUE_WALK_H

#include "base/limits.h"
#include "syncmanager/value.h"

#include <errno.h>

struct walk {
    size_t steps;
    unsigned depth;
};

/* Take one step down. Returns 0, or -ELOOP past a bound. */
static inline int walk_enter(struct walk *walk)
{
    if (walk->depth >= LIMIT_DEPTH || walk->steps >= LIMIT_WALK_STEPS)
        return -ELOOP;
    walk->depth++;
    walk->steps++;
    return 0;
}

static inline void walk_leave(struct walk *walk)
{
    walk->depth--;
}

/* value_equal() as part of a walk: 1, 0, or a negative errno. */
int walk_equal(struct walk *walk, struct sm_value a, struct sm_value b);

/*
 * A hash under which what is equal is alike, for values of every kind, unhashable ones too: what a
 * table of any values needs. Returns 0, -ELOOP or -ENOMEM.
 */
int walk_hash(struct walk *walk, struct sm_value v, uint64_t *ret);

#endif
