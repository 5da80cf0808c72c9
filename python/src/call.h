/* SPDX-License-Identifier: MIT */
/* Calls of managers and their objects. */
#ifndef PYTHON_CALL_H
#define PYTHON_CALL_H

#include "core.h"

struct sm_manager;

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
 * Call a method of the proxy's object; where that is NULL, a function of the manager. Returns what
 * it returned, with *ret_kind as it was; or what else its answer brought, with *ret_kind a new
 * reference to the answer's kind; or NULL with an exception, a _core.Error where no answer came.
 */
PyObject *call_manager(struct sm_manager *manager, struct sm_proxy *proxy,
                       const struct invocation *call, PyObject **ret_kind);

/* Raise the library's last error. Returns NULL. */
PyObject *raise_error(void);

/* The exception that is set, if it is a _core.Error; else NULL. */
PyObject *take_error(void);

/* Whether this thread pickles a request to that manager, or unpickles an answer of it. */
bool is_at_hand(const struct sm_manager *manager);

#endif
