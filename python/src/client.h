/* SPDX-License-Identifier: MIT */
/* Calls of a manager's objects. */
#ifndef PYTHON_CLIENT_H
#define PYTHON_CLIENT_H

#include "core.h"

/* What is called, and with what; all borrowed. */
struct invocation {
    PyObject *name;
    PyObject *utf8;       /* the same as bytes; or NULL */
    PyObject *args;       /* the arguments in one object; NULL: those that follow */
    PyObject *const *arg; /* `len` of them */
    Py_ssize_t len;
    PyObject *kwds; /* NULL: none */
};

/*
 * Call a method of a Handle's object. Returns what it returned, with *ret_kind as it was; or what
 * else its answer brought, with *ret_kind a new reference to the answer's kind; or NULL with an
 * exception, a _core.Error where no answer came.
 */
PyObject *handle_call(PyObject *handle, const struct invocation *call, PyObject **ret_kind);

/* The exception that is set, if it is a _core.Error; else NULL. */
PyObject *take_error(void);

#endif
