/* SPDX-License-Identifier: MIT */
/* What the files of the extension share. Include this first: it includes Python.h. */
#ifndef PYTHON_CORE_H
#define PYTHON_CORE_H

/* Nothing newer than 3.8 has, so that one build serves every later CPython. */
#define Py_LIMITED_API 0x03080000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

PyMODINIT_FUNC PyInit__core(void);

/*
 * For every type. 3.8 and 3.9 find attributes of such types, and of all that derive from them,
 * through a cache; the headers of later ones have no such flag in the default.
 */
#define TYPE_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VERSION_TAG)

struct sm_proxy;

/* What a Handle is of; NULL for other objects. */
struct sm_proxy *proxy_of_handle(PyObject *handle);

/* Each adds what it has to the module. 0, or -1 with an exception set. */
int call_add_error(PyObject *module);
int client_add_types(PyObject *module);
int proxy_add_types(PyObject *module);
int server_add_types(PyObject *module);
int words_add_types(PyObject *module);

/* The module is no more: give back what the function above has found. */
void call_forget(void);
void client_forget(void);
void proxy_forget(void);
void words_forget(void);

/* Whether the module is there; else an exception is set. */
bool core_lives(void);

/* What a module has by that name: a new reference, or NULL with an exception. */
PyObject *import(const char *module, const char *name);

/* A new tuple of what is first, unless that is NULL, and of the items. */
PyObject *tuple_of(PyObject *first, PyObject *const *items, Py_ssize_t len);

/* Add an object, which may be NULL with an exception; the reference is taken over. 0 or -1. */
int add_object(PyObject *module, const char *name, PyObject *object);

/* The minor version of the Python 3 that runs, as far as the library knows versions. */
unsigned running_python(void);

#endif
