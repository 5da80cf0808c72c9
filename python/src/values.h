/* SPDX-License-Identifier: MIT */
/* Python's objects as the library's values, and back: those that are simple. */
#ifndef PYTHON_VALUES_H
#define PYTHON_VALUES_H

#include "core.h"

#include <syncmanager.h>

/* More than this is left to pickle, which is as fast then. */
#define CODED_VALUES 48
#define CODED_CONTAINERS 12

/* What a coded object is made of; objects that it borrows from outlive it. */
struct coded {
    struct sm_value value[CODED_VALUES];
    struct sm_items items[CODED_CONTAINERS];
    PyObject *container[CODED_CONTAINERS]; /* what each of `items` was made of; borrowed */
    PyObject *held[CODED_VALUES];          /* one reference each */
    struct sm_object slice;                /* the one that there may be */
    struct sm_items bounds;                /* its arguments */
    size_t values, containers, helds;
    bool has_slice;
};

void coded_init(struct coded *coded);
void coded_deinit(struct coded *coded);

/* Code an object. Returns whether it is simple; if not, no exception is set. */
bool coded_add(struct coded *coded, PyObject *object, struct sm_value *ret);

/* The same for a tuple of these objects. */
bool coded_add_tuple(struct coded *coded, PyObject *const *objects, size_t len,
                     struct sm_value *ret);

/*
 * The object that a decoded value is. Returns a new reference, or NULL: with an exception set, or
 * without one where the value is not simple.
 */
PyObject *object_from_value(struct sm_value v);

#endif
