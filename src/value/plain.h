/* SPDX-License-Identifier: MIT */
/*
 * Plain forms that no Python value is equal to: a tuple of something that is no value, the name of
 * the class, and what instances are told apart by.
 */
#ifndef VALUE_PLAIN_H
#define VALUE_PLAIN_H

#include "value/known.h"
#include "value/walk.h"

/* Make one with room for `len` parts. Returns 0 or -ENOMEM. */
int plain_tuple(struct tree *tree, const char *class, size_t len, struct sm_value **ret_parts,
                struct sm_value *ret);

/* The parts of one of this class (any, if NULL), or NULL. */
const struct sm_value *plain_parts(struct sm_value v, const char *class);

/* Whether both are of the same class, one whose instances are ordered as their parts are. */
bool plain_ordered(struct sm_value a, struct sm_value b);

/* How many steps it took to make the plain forms in `scratch`, where nothing else is. */
static inline size_t plain_steps(const struct tree *scratch)
{
    return scratch->walked + scratch->arena.used / WALK_BYTES_FILLED;
}

#endif
