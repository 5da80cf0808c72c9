/* SPDX-License-Identifier: MIT */
/* The set type, between its files. */
#ifndef TYPES_SET_H
#define TYPES_SET_H

#include "types/keys_call.h"

struct set {
    struct object object;
    struct keys keys;
};

static inline struct keys *set_keys(struct object *self)
{
    return &container_of(self, struct set, object)->keys;
}

/* Add the elements of anything iterable. False: the call has been answered. */
bool set_include(struct keys *k, struct call *call, struct sm_value iterable, const char *role);

/*
 * Add the elements of an iterable that are in `in`, as the iterable spells them. From 3.11 on what
 * follows when all of `in` have been met is not looked at. False: the call has been answered.
 */
bool set_include_common(struct keys *k, struct call *call, struct sm_value iterable,
                        const struct keys *in);

/* set_ops.c: sets combined */
void set_and(struct object *self, struct call *call);
void set_or(struct object *self, struct call *call);
void set_sub(struct object *self, struct call *call);
void set_xor(struct object *self, struct call *call);
void set_rand(struct object *self, struct call *call);
void set_ror(struct object *self, struct call *call);
void set_rsub(struct object *self, struct call *call);
void set_rxor(struct object *self, struct call *call);
void set_iand(struct object *self, struct call *call);
void set_ior(struct object *self, struct call *call);
void set_isub(struct object *self, struct call *call);
void set_ixor(struct object *self, struct call *call);
void set_intersection(struct object *self, struct call *call);
void set_union(struct object *self, struct call *call);
void set_difference(struct object *self, struct call *call);
void set_symmetric_difference(struct object *self, struct call *call);
void set_intersection_update(struct object *self, struct call *call);
void set_update(struct object *self, struct call *call);
void set_difference_update(struct object *self, struct call *call);
void set_symmetric_difference_update(struct object *self, struct call *call);

/* set_compare.c: sets compared */
void set_ge(struct object *self, struct call *call);
void set_gt(struct object *self, struct call *call);
void set_le(struct object *self, struct call *call);
void set_lt(struct object *self, struct call *call);
void set_isdisjoint(struct object *self, struct call *call);
void set_issubset(struct object *self, struct call *call);
void set_issuperset(struct object *self, struct call *call);

/*
 * The operand of an operator: the elements of a set or frozenset. False: it is something else, and
 * the call has been answered with NotImplemented, or with an error.
 */
bool set_operand(struct call *call, struct keys *ret);

#endif
