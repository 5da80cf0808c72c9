/* SPDX-License-Identifier: MIT */
/* Bounds for walking a value: comparison, hashing and ordering share them. */
#ifndef VALUE_WALK_H
#define VALUE_WALK_H

#include "base/limits.h"
#include "syncmanager/value.h"
#include "value/unknown.h"

#include <errno.h>

struct walk {
    size_t steps;
    unsigned depth;
    enum unknown unknown;
};

/* Whether a walk must not go by how v is made. */
static inline bool walk_asks(const struct walk *walk, struct sm_value v)
{
    return walk->unknown == UNKNOWN_ASK && (v.kind == SM_KIND_OBJECT || v.kind == SM_KIND_GLOBAL) &&
           value_is_unknown(v);
}

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

/* Count `steps` more for a step on a long value: the bound is made for steps on short ones. */
static inline void walk_charge(struct walk *walk, size_t steps)
{
    walk->steps += steps;
}

/* How many bytes are hashed, compared, or allocated and filled in the time of one step. */
#define WALK_BYTES_HASHED 64
#define WALK_BYTES_COMPARED 512
#define WALK_BYTES_FILLED 256

/*
 * Begin another of a row of walks that are bounded together, over a value of `size` bytes: as many
 * steps are free, which is enough wherever parts are not shared.
 */
static inline void walk_again(struct walk *walk, size_t size)
{
    walk->steps -= size < walk->steps ? size : walk->steps;
    walk->depth = 0;
}

/* value_equal() as part of a walk: 1, 0, or a negative errno, -ENOTSUP as walk.unknown has it. */
int walk_equal(struct walk *walk, struct sm_value a, struct sm_value b);

/* value_less() and value_hash() as part of a walk. */
int walk_less(struct walk *walk, struct sm_value a, struct sm_value b, struct sm_value *ret_a,
              struct sm_value *ret_b);
int walk_key_hash(struct walk *walk, struct sm_value v, uint64_t *ret,
                  struct sm_value *ret_unhashable);

/*
 * A hash under which what is equal is alike, for values of every kind, unhashable ones too: what a
 * table of any values needs. Returns 0, -ELOOP, -ENOMEM or -ENOTSUP.
 */
int walk_hash(struct walk *walk, struct sm_value v, uint64_t *ret);

#endif
