/* SPDX-License-Identifier: MIT */
/*
 * syncmanager._core: the C library as Python sees it. client.c has the types that call a manager,
 * call.c makes the calls, proxy.c is what proxies and their methods are, words.c has those that
 * call in shared memory, server.c those that are a manager; the rest of the package, in Python,
 * makes multiprocessing's classes of them.
 */
#include "core.h"

#include <syncmanager.h>

unsigned running_python(void)
{
    PyObject *version = PySys_GetObject("version_info"); /* borrowed */
    PyObject *minor = version ? PySequence_GetItem(version, 1) : NULL;
    long n = minor ? PyLong_AsLong(minor) : 15;

    Py_XDECREF(minor);
    return (unsigned)(n < 8 ? 8 : n > 15 ? 15 : n);
}

/*
 * What the types need of Python is found once, for all: objects of the interpreter that imports
 * this first. Another one may when that has ended.
 */
static PyObject *first_module;  /* borrowed; NULL: there is none */
static PyObject *first_modules; /* that interpreter's sys.modules, to tell it by; borrowed */

static int claim(PyObject *module)
{
    PyObject *modules = PyImport_GetModuleDict();

    if (first_module && first_modules != modules) {
        PyErr_SetString(PyExc_ImportError,
                        "syncmanager._core is imported by another interpreter of this process");
        return -1;
    }
    first_module = module;
    first_modules = modules;
    return 0;
}

static void core_free(void *module)
{
    if (first_module != module)
        return;
    call_forget();
    client_forget();
    proxy_forget();
    words_forget();
    first_module = NULL;
}

bool core_lives(void)
{
    if (!first_module)
        PyErr_SetString(PyExc_RuntimeError, "syncmanager._core is no more");
    return first_module;
}

PyObject *import(const char *module, const char *name)
{
    PyObject *from = PyImport_ImportModule(module);
    PyObject *object = from ? PyObject_GetAttrString(from, name) : NULL;

    Py_XDECREF(from);
    return object;
}

PyObject *tuple_of(PyObject *first, PyObject *const *items, Py_ssize_t len)
{
    Py_ssize_t before = first != NULL;
    PyObject *tuple = PyTuple_New(before + len);

    if (tuple && first) {
        Py_INCREF(first);
        PyTuple_SetItem(tuple, 0, first);
    }
    for (Py_ssize_t i = 0; tuple && i < len; i++) {
        Py_INCREF(items[i]);
        PyTuple_SetItem(tuple, before + i, items[i]);
    }
    return tuple;
}

int add_object(PyObject *module, const char *name, PyObject *object)
{
    if (object && PyModule_AddObject(module, name, object) == 0)
        return 0;
    Py_XDECREF(object);
    return -1;
}

static int core_exec(PyObject *module)
{
    if (claim(module) < 0)
        return -1;
    if (PyModule_AddStringConstant(module, "__version__", sm_version()) < 0)
        return -1;
    if (call_add_error(module) < 0)
        return -1;
    if (client_add_types(module) < 0)
        return -1;
    if (proxy_add_types(module) < 0)
        return -1;
    if (words_add_types(module) < 0)
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
    .m_free = core_free,
};

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&core_module);
}
