/* SPDX-License-Identifier: MIT */
/*
 * Bounds for walking a value. Comparison, hashing and ordering go through a value part by part;
 * each part is a step. A walk counts its steps and how deep it is, and fails past a bound: no value
 * that a peer makes keeps the manager busy for long.
 */
#ifndef VALUE_WALK_H
#define VALUE_WALK_H

#include "base/limits.h"
#include "syncmanager/value.h"
#include "value/unknown.h"

#include <errno.h>

struct walk {
    size_t steps;         /* taken so far */
    unsigned depth;       /* of the part at hand */
    enum unknown unknown; /* what is done about values of unknown classes */
};

/*
 * Whether Python is to be asked about v, as only the code of its class could tell. Else the walk
 * goes by how v is made.
 */
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

/*
 * Count more steps for a part that is long, such as a text. The bound takes each step to be short;
 * a long part takes the time of many.
 */
static inline void walk_charge(struct walk *walk, size_t steps)
{
    walk->steps += steps;
}

/* In the time of one step so many bytes are hashed, compared, or allocated and filled. */
#define WALK_BYTES_HASHED 64
#define WALK_BYTES_COMPARED 512
#define WALK_BYTES_FILLED 256

/*
 * Begin the next of several walks that share one bound. It goes over a value of `size` bytes, and
 * gets that many steps for nothing. A value has fewer parts than bytes, unless it refers to a part
 * more than once: so only such values use up the bound.
 */
static inline void walk_again(struct walk *walk, size_t size)
{
    walk->steps -= size < walk->steps ? size : walk->steps;
    walk->depth = 0;
}

/*
 * value_equal() as part of a walk. Returns 1, 0, or a negative errno, which is -ENOTSUP where
 * `walk->unknown` forbids to judge.
 */
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
