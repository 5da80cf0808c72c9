/* SPDX-License-Identifier: MIT */
/*
 * syncmanager._core: the C library as Python sees it. client.c has the types that call a manager,
 * server.c those that are one; the rest of the package, in Python, makes multiprocessing's classes
 * of them.
 */
#include "core.h"

#include <syncmanager.h>

unsigned running_python(void)
{
    PyObject *version = PySys_GetObject("version_info"); /* borrowed */
    PyObject *minor = version ? PySequence_GetItem(version, 1) : NULL;
    long n = minor ? PyLong_AsLong(minor) : 14;

    Py_XDECREF(minor);
    return (unsigned)(n < 8 ? 8 : n > 14 ? 14 : n);
}

static int core_exec(PyObject *module)
{
    if (PyModule_AddStringConstant(module, "__version__", sm_version()) < 0)
        return -1;
    if (client_add_types(module) < 0)
        return -1;
    return server_add_types(module);
}

static PyModuleDef_Slot core_slots[] = {
    {Py_mod_exec, core_exec},
    {0},
};

static struct PyModuleDef core_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "syncmanager._core",
    .m_doc = "The C library of shared objects: managers and servers.",
    .m_slots = core_slots,
};

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&core_module);
}
