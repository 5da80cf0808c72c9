/* SPDX-License-Identifier: MIT */
/* ==, hash() and < on values, across kinds as Python has them. */
#ifndef VALUE_COMPARE_H
#define VALUE_COMPARE_H

#include "syncmanager/value.h"

/*
 * Whether a == b. 1 == 1.0 == True; sets and dicts regardless of order; objects of unknown classes
 * when they are made alike; a proxy or a NaN equals only itself. Returns 1, 0, or
 *   -ELOOP  too deep, or more steps than any honest comparison takes: RecursionError
 *   -ENOMEM
 */
int value_equal(struct sm_value a, struct sm_value b);

#define HASH_UNHASHABLE 1

/*
 * hash(v), in that equal values hash alike. Returns 0, -ELOOP, -ENOMEM, or HASH_UNHASHABLE: then
 * *ret_unhashable is the value that is to blame, v or one inside it.
 */
int value_hash(struct sm_value v, uint64_t *ret, struct sm_value *ret_unhashable);

/*
 * Whether a < b, for sort(). Returns 1, 0, -ELOOP, -ENOMEM, or -EINVAL when Python would raise
 * TypeError: then *ret_a and *ret_b are the pair that cannot be ordered.
 */
int value_less(struct sm_value a, struct sm_value b, struct sm_value *ret_a,
               struct sm_value *ret_b);

/* The name of type(v), as Python's messages have it: "int", "Fraction", "decimal.Decimal". */
struct sm_value value_type_name(struct sm_value v);

/* bool(v) for what is known; objects of unknown classes are true. */
bool value_truth(struct sm_value v);

#endif
