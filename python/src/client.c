/* SPDX-License-Identifier: MIT */
/*
 * The types that call a manager.
 */
#include "core.h"

int client_add_types(PyObject *module)
{
    (void)module;
    return 0;
}
