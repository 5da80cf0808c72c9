/* SPDX-License-Identifier: MIT */
/* Proxies, as far as C has them. */
#ifndef PYTHON_PROXY_H
#define PYTHON_PROXY_H

#include "core.h"

/* Of the limited API only from 3.10 on, though methods are called so since 3.7. */
#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif

struct proxy {
    PyObject ob_base;
    PyObject *handle; /* owned; BaseProxy._handle, which refers to nothing: no cycle has it */
};

/* A type that proxies derive from. Returns a new reference, or NULL with an exception. */
PyObject *proxy_type_new(PyType_Spec *spec);

void proxy_dealloc(struct proxy *self);

/*
 * The Handle that a method of the proxy may call through at once: the proxy's _callmethod is the
 * package's own, and there is a Handle. Returns a new reference, or NULL: with an exception where
 * the look at _callmethod raised it.
 */
PyObject *proxy_handle(struct proxy *self);

/* Call a function of Python's as a method was called. `first`, unless NULL, comes first. */
PyObject *call_function(PyObject *function, PyObject *first, PyObject *const *args, Py_ssize_t n,
                        PyObject *kwnames);

#endif
