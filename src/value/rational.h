/* SPDX-License-Identifier: MIT */
/* Decimal and Fraction as the exact numbers they are. */
#ifndef VALUE_RATIONAL_H
#define VALUE_RATIONAL_H

#include "value/tree.h"

/*
 * The plain form (see value_plain()) of decimal.Decimal(text) and fractions.Fraction(...), from
 * their arguments: an int or float where one is equal to it, else a tuple of numerator and
 * denominator that no other value is equal to. Returns 1, 0 when the arguments are not understood
 * or the number has more digits than are reckoned with, or -ENOMEM.
 */
int rational_from_decimal(struct tree *tree, const struct sm_items *args, struct sm_value *ret);
int rational_from_fraction(struct tree *tree, const struct sm_items *args, struct sm_value *ret);

/* Whether v is a number, or such a tuple. */
bool rational_is(struct sm_value v);

/* Compare two of these, as number_compare(); or RATIONAL_FAILED when memory runs out. */
#define RATIONAL_FAILED (-2)
int rational_compare(struct sm_value a, struct sm_value b);

#endif
