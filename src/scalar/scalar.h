/* SPDX-License-Identifier: MIT */
/* Python's immutable values as shared objects: each type is a table in a file of its own. */
#ifndef SCALAR_SCALAR_H
#define SCALAR_SCALAR_H

#include "object/object.h"

extern const struct object_type bool_type;
extern const struct object_type bytes_type;
extern const struct object_type complex_type;
extern const struct object_type float_type;
extern const struct object_type int_type;
extern const struct object_type none_type;
extern const struct object_type str_type;
extern const struct object_type tuple_type;

#endif
