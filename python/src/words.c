/* SPDX-License-Identifier: MIT */
/*
 * Acquirer, Flag and Number: what proxies of locks, of events and of Counters derive from before
 * they derive from the standard library's, or from what there is in their place. A method first
 * tries what it is to do in the memory that the manager shares, without leaving C. Whatever else
 * there is to it (arguments that are not plain, waiting, errors, proxies that do not call through
 * C, a class with a _callmethod of its own) is left to the other class's method of that name, which
 * calls _callmethod().
 */
#include "core.h"

#include <structmember.h>
#include <syncmanager.h>

/* Of the limited API only from 3.10 on, though methods are called so since 3.7. */
#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif

/* What takes longer is an error of its own. */
#define TIMEOUT_PLAIN 1e6

/* A proxy, as far as C has it. */
struct shared {
    PyObject ob_base;
    PyObject *handle; /* owned; BaseProxy._handle, which refers to nothing: no cycle has it */
};

/* Owned, as long as the module lives; all NULL before and after. */
static struct {
    PyObject *callmethod_name, *dict_name;
    PyObject *callmethod;       /* BaseProxy's; NULL until there is one */
    PyObject *acquirer, *event; /* the standard classes */
    PyObject *counter;          /* the package's; NULL until there is one */
} words;

/* Attributes are found as in any object: in the class, or else in the proxy's own dict. */
static bool is_plain_class(PyTypeObject *class)
{
    PyObject *callmethod;

    if (PyType_GetSlot(class, Py_tp_getattro) != (void *)PyObject_GenericGetAttr)
        return false;
    callmethod = PyObject_GetAttr((PyObject *)class, words.callmethod_name);
    Py_XDECREF(callmethod);
    return callmethod && callmethod == words.callmethod;
}

static bool has_own_callmethod(struct shared *self)
{
    PyObject *dict = PyObject_GetAttr((PyObject *)self, words.dict_name);
    bool has = dict && PyDict_Check(dict) && PyDict_GetItemWithError(dict, words.callmethod_name);

    Py_XDECREF(dict);
    return has;
}

/* The proxy that a method may do its work on, if nobody has to be asked first; else NULL. */
static struct sm_proxy *at_once(struct shared *self)
{
    struct sm_proxy *proxy = words.callmethod ? proxy_of_handle(self->handle) : NULL;

    if (proxy && is_plain_class(Py_TYPE(self)) && !has_own_callmethod(self) && !PyErr_Occurred())
        return proxy;
    PyErr_Clear();
    return NULL;
}

/* The standard class's method, called with the same arguments. */
static PyObject *ordinary(PyObject *class, const char *name, PyObject *self, PyObject *const *args,
                          Py_ssize_t n, PyObject *kwnames)
{
    Py_ssize_t kwds_len = kwnames ? PyTuple_Size(kwnames) : 0;
    PyObject *method, *all, *kwds, *result = NULL;

    if (!class) {
        PyErr_SetString(PyExc_RuntimeError, "syncmanager._core is no more");
        return NULL;
    }
    method = PyObject_GetAttrString(class, name);
    all = PyTuple_New(n + 1);
    kwds = kwds_len ? PyDict_New() : NULL;
    if (!method || !all || (kwds_len && !kwds))
        goto out;
    Py_INCREF(self);
    PyTuple_SetItem(all, 0, self);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_INCREF(args[i]);
        PyTuple_SetItem(all, i + 1, args[i]);
    }
    for (Py_ssize_t i = 0; i < kwds_len; i++) {
        if (PyDict_SetItem(kwds, PyTuple_GetItem(kwnames, i), args[n + i]) < 0)
            goto out;
    }
    result = PyObject_Call(method, all, kwds);
out:
    Py_XDECREF(method);
    Py_XDECREF(all);
    Py_XDECREF(kwds);
    return result;
}

/* A timeout with which a lock that is free is simply taken. */
static bool is_plain_timeout(PyObject *timeout)
{
    double seconds;

    if (timeout == Py_None)
        return true;
    if (!PyFloat_CheckExact(timeout) && !PyLong_CheckExact(timeout))
        return false;
    seconds = PyFloat_AsDouble(timeout);
    if (seconds == -1 && PyErr_Occurred())
        PyErr_Clear();
    return seconds >= 0 && seconds <= TIMEOUT_PLAIN;
}

/* (), (True), (False), (True, plain): not those that are errors, whatever the lock is. */
static bool is_plain_wait(PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
    if (n == 0)
        return !kwnames;
    if (kwnames || n > 2)
        return false;
    if (n == 1)
        return PyBool_Check(args[0]);
    return args[1] == Py_None ? PyBool_Check(args[0])
                              : args[0] == Py_True && is_plain_timeout(args[1]);
}

static PyObject *acquirer_acquire(struct shared *self, PyObject *const *args, Py_ssize_t n,
                                  PyObject *kwnames)
{
    if (is_plain_wait(args, n, kwnames)) {
        struct sm_proxy *proxy = at_once(self);

        if (proxy && sm_acquire_in_memory(proxy) == SM_OK)
            Py_RETURN_TRUE;
    }
    return ordinary(words.acquirer, "acquire", (PyObject *)self, args, n, kwnames);
}

static PyObject *acquirer_enter(struct shared *self, PyObject *const *args, Py_ssize_t n,
                                PyObject *kwnames)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;

    if (proxy && sm_acquire_in_memory(proxy) == SM_OK)
        Py_RETURN_TRUE;
    return ordinary(words.acquirer, "__enter__", (PyObject *)self, args, n, kwnames);
}

static bool release_at_once(struct shared *self)
{
    struct sm_proxy *proxy = at_once(self);

    return proxy && sm_release_in_memory(proxy) == SM_OK;
}

static PyObject *acquirer_release(struct shared *self, PyObject *const *args, Py_ssize_t n,
                                  PyObject *kwnames)
{
    if (n == 0 && !kwnames && release_at_once(self))
        Py_RETURN_NONE;
    return ordinary(words.acquirer, "release", (PyObject *)self, args, n, kwnames);
}

static PyObject *acquirer_exit(struct shared *self, PyObject *const *args, Py_ssize_t n,
                               PyObject *kwnames)
{
    if (n == 3 && !kwnames && release_at_once(self))
        Py_RETURN_NONE;
    return ordinary(words.acquirer, "__exit__", (PyObject *)self, args, n, kwnames);
}

static PyObject *flag_is_set(struct shared *self, PyObject *const *args, Py_ssize_t n,
                             PyObject *kwnames)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;
    bool is;

    if (proxy && sm_event_is_set_in_memory(proxy, &is) == SM_OK)
        return PyBool_FromLong(is);
    return ordinary(words.event, "is_set", (PyObject *)self, args, n, kwnames);
}

static PyObject *set_flag(struct shared *self, PyObject *const *args, Py_ssize_t n,
                          PyObject *kwnames, bool value)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;

    if (proxy && sm_event_set_in_memory(proxy, value) == SM_OK)
        Py_RETURN_NONE;
    return ordinary(words.event, value ? "set" : "clear", (PyObject *)self, args, n, kwnames);
}

static PyObject *flag_set(struct shared *self, PyObject *const *args, Py_ssize_t n,
                          PyObject *kwnames)
{
    return set_flag(self, args, n, kwnames, true);
}

static PyObject *flag_clear(struct shared *self, PyObject *const *args, Py_ssize_t n,
                            PyObject *kwnames)
{
    return set_flag(self, args, n, kwnames, false);
}

static PyObject *flag_wait(struct shared *self, PyObject *const *args, Py_ssize_t n,
                           PyObject *kwnames)
{
    bool plain = !kwnames && (n == 0 || (n == 1 && is_plain_timeout(args[0])));
    struct sm_proxy *proxy = plain ? at_once(self) : NULL;
    bool is = false;

    if (proxy && sm_event_is_set_in_memory(proxy, &is) == SM_OK && is)
        Py_RETURN_TRUE;
    return ordinary(words.event, "wait", (PyObject *)self, args, n, kwnames);
}

/* An int that fits; else whoever is asked raises, or asks the argument. */
static bool is_plain_number(PyObject *n, int64_t *ret)
{
    int overflow;
    long long number;

    if (!PyLong_CheckExact(n))
        return false;
    number = PyLong_AsLongLongAndOverflow(n, &overflow);
    *ret = number;
    return !overflow;
}

static PyObject *number_add(struct shared *self, PyObject *const *args, Py_ssize_t n,
                            PyObject *kwnames)
{
    int64_t more = 1, sum;

    if (!kwnames && (n == 0 || (n == 1 && is_plain_number(args[0], &more)))) {
        struct sm_proxy *proxy = at_once(self);

        if (proxy && sm_counter_add_in_memory(proxy, more, &sum) == SM_OK)
            return PyLong_FromLongLong(sum);
    }
    return ordinary(words.counter, "add", (PyObject *)self, args, n, kwnames);
}

static PyObject *number_get(struct shared *self, PyObject *const *args, Py_ssize_t n,
                            PyObject *kwnames)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;
    int64_t value;

    if (proxy && sm_counter_get_in_memory(proxy, &value) == SM_OK)
        return PyLong_FromLongLong(value);
    return ordinary(words.counter, "get", (PyObject *)self, args, n, kwnames);
}

static PyObject *number_compare_and_set(struct shared *self, PyObject *const *args, Py_ssize_t n,
                                        PyObject *kwnames)
{
    int64_t old, value;
    bool was_old;

    if (!kwnames && n == 2 && is_plain_number(args[0], &old) && is_plain_number(args[1], &value)) {
        struct sm_proxy *proxy = at_once(self);

        if (proxy && sm_counter_compare_and_set_in_memory(proxy, old, value, &was_old) == SM_OK)
            return PyBool_FromLong(was_old);
    }
    return ordinary(words.counter, "compare_and_set", (PyObject *)self, args, n, kwnames);
}

/*
 * What Python's classes derive from this has a dict, and is the garbage collector's: their dealloc
 * and traverse see to that. Since 3.8 they leave the reference to the class to the base's dealloc,
 * if the base is no static type.
 */
static void shared_dealloc(struct shared *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc tp_free = (freefunc)PyType_GetSlot(type, Py_tp_free);

    Py_CLEAR(self->handle);
    tp_free(self);
    Py_DECREF(type);
}

static PyObject *remember(PyObject *unused, PyObject *base)
{
    PyObject *callmethod = PyObject_GetAttr(base, words.callmethod_name);

    (void)unused;
    if (!callmethod)
        return NULL;
    Py_XDECREF(words.callmethod);
    words.callmethod = callmethod;
    Py_RETURN_NONE;
}

static PyObject *remember_counter(PyObject *unused, PyObject *class)
{
    (void)unused;
    Py_INCREF(class);
    Py_XDECREF(words.counter);
    words.counter = class;
    Py_RETURN_NONE;
}

static PyMemberDef shared_members[] = {
    {"_handle", T_OBJECT, offsetof(struct shared, handle), 0, NULL},
    {0},
};

#define METHOD(name, function, doc)                                                                \
    {                                                                                              \
        name, (PyCFunction)(void (*)(void))function, METH_FASTCALL | METH_KEYWORDS, PyDoc_STR(doc) \
    }

static PyMethodDef acquirer_methods[] = {
    METHOD("acquire", acquirer_acquire, "acquire($self, blocking=True, timeout=None)\n--\n\n"),
    METHOD("release", acquirer_release, "release($self)\n--\n\n"),
    METHOD("__exit__", acquirer_exit, "__exit__($self, exc_type, exc_val, exc_tb)\n--\n\n"),
    METHOD("__enter__", acquirer_enter, "__enter__($self)\n--\n\n"),
    {0},
};

static PyMethodDef flag_methods[] = {
    METHOD("is_set", flag_is_set, "is_set($self)\n--\n\n"),
    METHOD("set", flag_set, "set($self)\n--\n\n"),
    METHOD("clear", flag_clear, "clear($self)\n--\n\n"),
    METHOD("wait", flag_wait, "wait($self, timeout=None)\n--\n\n"),
    {0},
};

static PyMethodDef number_methods[] = {
    METHOD("add", number_add, "add($self, n=1)\n--\n\nAdd to it; the sum."),
    METHOD("compare_and_set", number_compare_and_set,
           "compare_and_set($self, old, new)\n--\n\nIf it counts `old`, let it count `new`; "
           "whether it did."),
    METHOD("get", number_get, "get($self)\n--\n\nWhat it counts."),
    {0},
};

static PyMethodDef functions[] = {
    {"calls_by", remember, METH_O,
     PyDoc_STR("calls_by(class)\n--\n\nClasses that have the _callmethod of this one may call in "
               "shared memory instead.")},
    {"counts_by", remember_counter, METH_O,
     PyDoc_STR("counts_by(class)\n--\n\nThe class whose methods do what those of Number cannot.")},
    {0},
};

#define SLOTS(methods)                                                                             \
    {                                                                                              \
        {Py_tp_new, (void *)PyType_GenericNew}, {Py_tp_dealloc, (void *)shared_dealloc},           \
            {Py_tp_members, shared_members}, {Py_tp_methods, methods},                             \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static PyType_Slot acquirer_slots[] = SLOTS(acquirer_methods);
static PyType_Slot flag_slots[] = SLOTS(flag_methods);
static PyType_Slot number_slots[] = SLOTS(number_methods);

static PyType_Spec acquirer_spec = {
    .name = "syncmanager._core.Acquirer",
    .basicsize = sizeof(struct shared),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = acquirer_slots,
};

static PyType_Spec flag_spec = {
    .name = "syncmanager._core.Flag",
    .basicsize = sizeof(struct shared),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = flag_slots,
};

static PyType_Spec number_spec = {
    .name = "syncmanager._core.Number",
    .basicsize = sizeof(struct shared),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = number_slots,
};

static int add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);

    if (type && PyModule_AddObject(module, name, type) == 0)
        return 0;
    Py_XDECREF(type);
    return -1;
}

int words_add_types(PyObject *module)
{
    PyObject *standard = PyImport_ImportModule("multiprocessing.managers");

    words.callmethod_name = PyUnicode_InternFromString("_callmethod");
    words.dict_name = PyUnicode_InternFromString("__dict__");
    if (standard) {
        words.acquirer = PyObject_GetAttrString(standard, "AcquirerProxy");
        words.event = PyObject_GetAttrString(standard, "EventProxy");
    }
    Py_XDECREF(standard);
    if (!words.callmethod_name || !words.dict_name || !words.acquirer || !words.event)
        return -1;
    if (add_type(module, "Acquirer", &acquirer_spec) < 0 ||
        add_type(module, "Flag", &flag_spec) < 0 || add_type(module, "Number", &number_spec) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}

void words_forget(void)
{
    Py_CLEAR(words.callmethod_name);
    Py_CLEAR(words.dict_name);
    Py_CLEAR(words.callmethod);
    Py_CLEAR(words.acquirer);
    Py_CLEAR(words.event);
    Py_CLEAR(words.counter);
}
