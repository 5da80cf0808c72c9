/* SPDX-License-Identifier: MIT */
/*
 * Acquirer, Flag and Number: what proxies of locks, of events and of Counters derive from before
 * they derive from the standard library's, or from what there is in their place. A method first
 * tries what it is to do in the memory that the manager shares, without leaving C. Whatever else
 * there is to it (arguments that are not plain, waiting, errors, proxies that do not call through
 * C, a class with a _callmethod of its own) is left to the other class's method of that name, which
 * calls _callmethod().
 */
#include "proxy.h"

#include <syncmanager.h>

/* What takes longer is an error of its own. */
#define TIMEOUT_PLAIN 1e6

/* Owned, as long as the module lives. */
static struct {
    PyObject *acquirer, *event; /* the standard classes */
    PyObject *counter;          /* the package's; NULL until there is one */
} words;

/* The proxy that a method may do its work on, if nobody has to be asked first; else NULL. */
static struct sm_proxy *at_once(struct proxy *self)
{
    PyObject *handle = proxy_handle(self);
    struct sm_proxy *proxy = proxy_of_handle(handle);

    if (!handle)
        PyErr_Clear();  /* the standard class's method will meet it, too */
    Py_XDECREF(handle); /* the proxy has it */
    return proxy;
}

/* The standard class's method, called with the same arguments. */
static PyObject *ordinary(PyObject *class, const char *name, struct proxy *self,
                          PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
    PyObject *method = core_lives() ? PyObject_GetAttrString(class, name) : NULL;
    PyObject *result = method ? call_function(method, (PyObject *)self, args, n, kwnames) : NULL;

    Py_XDECREF(method);
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

static PyObject *acquirer_acquire(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                                  PyObject *kwnames)
{
    if (is_plain_wait(args, n, kwnames)) {
        struct sm_proxy *proxy = at_once(self);

        if (proxy && sm_acquire_in_memory(proxy) == SM_OK)
            Py_RETURN_TRUE;
    }
    return ordinary(words.acquirer, "acquire", self, args, n, kwnames);
}

static PyObject *acquirer_enter(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                                PyObject *kwnames)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;

    if (proxy && sm_acquire_in_memory(proxy) == SM_OK)
        Py_RETURN_TRUE;
    return ordinary(words.acquirer, "__enter__", self, args, n, kwnames);
}

static bool release_at_once(struct proxy *self)
{
    struct sm_proxy *proxy = at_once(self);

    return proxy && sm_release_in_memory(proxy) == SM_OK;
}

static PyObject *acquirer_release(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                                  PyObject *kwnames)
{
    if (n == 0 && !kwnames && release_at_once(self))
        Py_RETURN_NONE;
    return ordinary(words.acquirer, "release", self, args, n, kwnames);
}

static PyObject *acquirer_exit(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                               PyObject *kwnames)
{
    if (n == 3 && !kwnames && release_at_once(self))
        Py_RETURN_NONE;
    return ordinary(words.acquirer, "__exit__", self, args, n, kwnames);
}

static PyObject *flag_is_set(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                             PyObject *kwnames)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;
    bool is;

    if (proxy && sm_event_is_set_in_memory(proxy, &is) == SM_OK)
        return PyBool_FromLong(is);
    return ordinary(words.event, "is_set", self, args, n, kwnames);
}

static PyObject *set_flag(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                          PyObject *kwnames, bool value)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;

    if (proxy && sm_event_set_in_memory(proxy, value) == SM_OK)
        Py_RETURN_NONE;
    return ordinary(words.event, value ? "set" : "clear", self, args, n, kwnames);
}

static PyObject *flag_set(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                          PyObject *kwnames)
{
    return set_flag(self, args, n, kwnames, true);
}

static PyObject *flag_clear(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                            PyObject *kwnames)
{
    return set_flag(self, args, n, kwnames, false);
}

static PyObject *flag_wait(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                           PyObject *kwnames)
{
    bool plain = !kwnames && (n == 0 || (n == 1 && is_plain_timeout(args[0])));
    struct sm_proxy *proxy = plain ? at_once(self) : NULL;
    bool is = false;

    if (proxy && sm_event_is_set_in_memory(proxy, &is) == SM_OK && is)
        Py_RETURN_TRUE;
    return ordinary(words.event, "wait", self, args, n, kwnames);
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

static PyObject *number_add(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                            PyObject *kwnames)
{
    int64_t more = 1, sum;

    if (!kwnames && (n == 0 || (n == 1 && is_plain_number(args[0], &more)))) {
        struct sm_proxy *proxy = at_once(self);

        if (proxy && sm_counter_add_in_memory(proxy, more, &sum) == SM_OK)
            return PyLong_FromLongLong(sum);
    }
    return ordinary(words.counter, "add", self, args, n, kwnames);
}

static PyObject *number_get(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                            PyObject *kwnames)
{
    struct sm_proxy *proxy = n == 0 && !kwnames ? at_once(self) : NULL;
    int64_t value;

    if (proxy && sm_counter_get_in_memory(proxy, &value) == SM_OK)
        return PyLong_FromLongLong(value);
    return ordinary(words.counter, "get", self, args, n, kwnames);
}

static PyObject *number_compare_and_set(struct proxy *self, PyObject *const *args, Py_ssize_t n,
                                        PyObject *kwnames)
{
    int64_t old, value;
    bool was_old;

    if (!kwnames && n == 2 && is_plain_number(args[0], &old) && is_plain_number(args[1], &value)) {
        struct sm_proxy *proxy = at_once(self);

        if (proxy && sm_counter_compare_and_set_in_memory(proxy, old, value, &was_old) == SM_OK)
            return PyBool_FromLong(was_old);
    }
    return ordinary(words.counter, "compare_and_set", self, args, n, kwnames);
}

static PyObject *remember_counter(PyObject *unused, PyObject *class)
{
    (void)unused;
    Py_INCREF(class);
    Py_XDECREF(words.counter);
    words.counter = class;
    Py_RETURN_NONE;
}

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
    {"counts_by", remember_counter, METH_O,
     PyDoc_STR("counts_by(class)\n--\n\nThe class whose methods do what those of Number cannot.")},
    {0},
};

#define SLOTS(methods)                                                                             \
    {                                                                                              \
        {Py_tp_dealloc, (void *)proxy_dealloc}, {Py_tp_methods, methods},                          \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

static PyType_Slot acquirer_slots[] = SLOTS(acquirer_methods);
static PyType_Slot flag_slots[] = SLOTS(flag_methods);
static PyType_Slot number_slots[] = SLOTS(number_methods);

static PyType_Spec acquirer_spec = {
    .name = "syncmanager._core.Acquirer",
    .basicsize = sizeof(struct proxy),
    .flags = TYPE_FLAGS | Py_TPFLAGS_BASETYPE,
    .slots = acquirer_slots,
};

static PyType_Spec flag_spec = {
    .name = "syncmanager._core.Flag",
    .basicsize = sizeof(struct proxy),
    .flags = TYPE_FLAGS | Py_TPFLAGS_BASETYPE,
    .slots = flag_slots,
};

static PyType_Spec number_spec = {
    .name = "syncmanager._core.Number",
    .basicsize = sizeof(struct proxy),
    .flags = TYPE_FLAGS | Py_TPFLAGS_BASETYPE,
    .slots = number_slots,
};

int words_add_types(PyObject *module)
{
    words.acquirer = import("multiprocessing.managers", "AcquirerProxy");
    words.event = import("multiprocessing.managers", "EventProxy");
    if (!words.acquirer || !words.event)
        return -1;
    if (add_object(module, "Acquirer", proxy_type_new(&acquirer_spec)) < 0 ||
        add_object(module, "Flag", proxy_type_new(&flag_spec)) < 0 ||
        add_object(module, "Number", proxy_type_new(&number_spec)) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}

void words_forget(void)
{
    Py_CLEAR(words.acquirer);
    Py_CLEAR(words.event);
    Py_CLEAR(words.counter);
}
