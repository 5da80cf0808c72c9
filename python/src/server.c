/* SPDX-License-Identifier: MIT */
/*
 * The types that are a manager.
 */
#include "core.h"

int server_add_types(PyObject *module)
{
    (void)module;
    return 0;
}
