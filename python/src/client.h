/* SPDX-License-Identifier: MIT */
/* Handles, as proxies have them. */
#ifndef PYTHON_CLIENT_H
#define PYTHON_CLIENT_H

#include "call.h"

/* Call a method of a Handle's object, as call_manager() does. */
PyObject *handle_call(PyObject *handle, const struct invocation *call, PyObject **ret_kind);

#endif
