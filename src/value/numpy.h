/* SPDX-License-Identifier: MIT */
/*
 * numpy's scalars, such as numpy.int64(5): a pickle has their dtype and their bytes, so that they
 * can be read as the numbers and texts that they are.
 */
#ifndef VALUE_NUMPY_H
#define VALUE_NUMPY_H

#include "value/tree.h"

struct numpy {
    char
        kind; /* as a dtype has it: b bool, i int, u unsigned, f float, c complex, U str, S bytes */
    size_t size;          /* bytes of the whole */
    bool swapped;         /* they are not in this machine's order */
    bool since_2;         /* numpy 2 made it */
    const uint8_t *bytes; /* borrowed */
};

/*
 * Read a scalar. False for what is none, and where its kind, its size or its recipe is an odd one:
 * long doubles, dates, records.
 */
bool numpy_read(struct sm_value v, struct numpy *ret);

/* A float, or the first or second part of a complex number. */
double numpy_float(const struct numpy *scalar, size_t part);

bool numpy_is_nan(const struct numpy *scalar);

/* Its class, as messages have it. */
struct sm_value numpy_type_name(const struct numpy *scalar);

/* The number or text that it is equal to, in the tree; of a complex number, what is below. */
#define NUMPY_COMPLEX 2
int numpy_plain(struct tree *tree, const struct numpy *scalar, struct sm_value *ret);

/*
 * Where a scalar and another number are compared, numpy rounds them before: an int to a float,
 * where the other is one, and since numpy 2 a number of Python's to a narrow float. `plain_a` and
 * `plain_b` are what a and b are equal to.
 */
void numpy_round(struct sm_value a, struct sm_value b, struct sm_value *plain_a,
                 struct sm_value *plain_b);

/* A number rounded to a float of so many bytes: 2, 4 or 8. */
double numpy_narrow(double number, size_t size);

#endif
