/* SPDX-License-Identifier: MIT */
/* The parts of value_iterate(). */
#ifndef VALUE_ITERATE_H
#define VALUE_ITERATE_H

#include "value/known.h"

/* value_iterate(), with so many levels of iterators that give what others give. */
int iterate_within(struct tree *tree, struct sm_value v, unsigned levels, struct sm_value *ret);

/* The same of such an iterator. */
int iterate_lazy(struct tree *tree, enum known_class class, const struct sm_object *object,
                 unsigned levels, struct sm_value *ret);

#endif
