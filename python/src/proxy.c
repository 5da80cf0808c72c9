/* SPDX-License-Identifier: MIT */
/*
 * Proxy, which all proxies derive from, and Method, which their methods are.
 *
 * A Method has a function of Python's, which says all that it is: what it is named, which arguments
 * it takes, what it does. C does the same without it where the arguments are plain and the proxy's
 * _callmethod is the package's own. Everything else is the function's.
 *
 * _callmethod is a Method itself, one without a name. Each call looks it up on the proxy, as the
 * function would, so that one of a subclass or of the proxy's own is called. The package's is then
 * found as a Bound, by which C knows it, and by anybody else as what a function is found as.
 */
#include "proxy.h"

#include "client.h"

#include <stdbool.h>
#include <structmember.h>

/* Not of the limited API, or only from 3.12 on; what they mean is the same since 3.8. */
#define METHOD_DESCRIPTOR (1UL << 17)
#define HAVE_VECTORCALL (1UL << 11)
#define ARGUMENTS_OFFSET ((size_t)1 << (8 * sizeof(size_t) - 1))

/* Where 3.8 calls with a tuple: more arguments than that are not plain. */
#define TUPLE_MAX 8

typedef PyObject *(*vectorcall_fn)(PyObject *self, PyObject *const *args, size_t n,
                                   PyObject *kwnames);

struct method {
    PyObject ob_base;
    vectorcall_fn vectorcall;
    PyObject *function;     /* owned */
    PyObject *name;         /* owned: what it calls in the manager, as str; NULL: _callmethod */
    PyObject *utf8;         /* owned: the same as bytes */
    PyObject *otherwise;    /* owned: the argument where none is given; or NULL */
    Py_ssize_t least, most; /* so many arguments are plain */
    int is_public;          /* only if the first one is a name that does not begin with "_" */
};

/* What C finds a proxy's _callmethod as. */
struct bound {
    PyObject ob_base;
    PyObject *self;   /* owned */
    PyObject *method; /* owned; NULL: it was not found */
};

/* Owned, as long as the module lives. */
static struct {
    PyObject *callmethod;  /* '_callmethod' */
    PyObject *method_type; /* types.MethodType */
    PyTypeObject *proxy, *bound;
    struct bound *spare; /* for the next look; or NULL */
} own;

/* With what C looks for _callmethod now; borrowed, or NULL. */
static struct bound *looking;

static bool is_proxy(PyObject *object)
{
    return PyObject_TypeCheck(object, own.proxy);
}

static struct bound *bound_take(PyObject *self)
{
    struct bound *bound = own.spare ? own.spare : PyObject_New(struct bound, own.bound);

    own.spare = NULL;
    if (!bound)
        return NULL;
    Py_INCREF(self);
    bound->self = self;
    bound->method = NULL;
    return bound;
}

/* A property in the place of _callmethod may have kept it. */
static void bound_give_back(struct bound *bound)
{
    if (own.spare || Py_REFCNT(bound) > 1) {
        Py_DECREF(bound);
        return;
    }
    Py_CLEAR(bound->self);
    Py_CLEAR(bound->method);
    own.spare = bound;
}

PyObject *proxy_handle(struct proxy *self)
{
    PyObject *callmethod, *handle;
    struct bound *bound;

    if (!core_lives())
        return NULL;
    bound = bound_take((PyObject *)self);
    if (!bound)
        return NULL;
    looking = bound;
    callmethod = PyObject_GetAttr((PyObject *)self, own.callmethod);
    looking = NULL;
    handle = callmethod == (PyObject *)bound && self->handle != Py_None ? self->handle : NULL;
    Py_XINCREF(handle);
    Py_XDECREF(callmethod);
    bound_give_back(bound);
    return handle;
}

/* The dict of keywords and values as a method is called with them. */
static PyObject *keywords(PyObject *const *values, PyObject *kwnames)
{
    PyObject *kwds = PyDict_New();
    Py_ssize_t len = PyTuple_Size(kwnames);

    for (Py_ssize_t i = 0; kwds && i < len; i++) {
        if (PyDict_SetItem(kwds, PyTuple_GetItem(kwnames, i), values[i]) < 0)
            Py_CLEAR(kwds);
    }
    return kwds;
}

PyObject *call_function(PyObject *function, PyObject *first, PyObject *const *args, Py_ssize_t n,
                        PyObject *kwnames)
{
    PyObject *all = tuple_of(first, args, n), *kwds = kwnames ? keywords(args + n, kwnames) : NULL;
    PyObject *result = NULL;

    if (all && (!kwnames || kwds))
        result = PyObject_Call(function, all, kwds);
    Py_XDECREF(all);
    Py_XDECREF(kwds);
    return result;
}

/* Call, and have the proxy see to an answer that is no value. */
static PyObject *call_object(PyObject *self, PyObject *handle, const struct invocation *call)
{
    PyObject *kind = NULL, *result = NULL, *payload = handle_call(handle, call, &kind);

    if (payload && !kind)
        return payload;
    if (!payload && (payload = take_error())) {
        kind = Py_None;
        Py_INCREF(kind);
    }
    if (payload)
        result = PyObject_CallMethod(self, "_take_answer", "OOO", call->name, kind, payload);
    Py_XDECREF(kind);
    Py_XDECREF(payload);
    return result;
}

static bool is_public_name(PyObject *name)
{
    return PyUnicode_CheckExact(name) && PyUnicode_GetLength(name) > 0 &&
           PyUnicode_ReadChar(name, 0) != '_';
}

static bool is_plain(const struct method *m, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
    if (kwnames && m->most != PY_SSIZE_T_MAX)
        return false;
    return n >= m->least && n <= m->most && (!m->is_public || is_public_name(args[0]));
}

/* A method of a proxy that calls the one of its name in the manager. */
static PyObject *call_named(PyObject *object, PyObject *const *args, size_t nargs,
                            PyObject *kwnames)
{
    Py_ssize_t n = (Py_ssize_t)(nargs & ~ARGUMENTS_OFFSET);
    struct method *m = (struct method *)object;
    struct invocation call = {.name = m->name, .utf8 = m->utf8, .arg = args + 1, .len = n - 1};
    PyObject *handle = NULL, *kwds = NULL, *result;

    if (!core_lives())
        return NULL;
    if (n && is_plain(m, args + 1, n - 1, kwnames) && is_proxy(args[0])) {
        handle = proxy_handle((struct proxy *)args[0]);
        if (!handle && PyErr_Occurred())
            return NULL;
    }
    if (!handle)
        return call_function(m->function, NULL, args, n, kwnames);
    if (m->otherwise && !call.len) {
        call.arg = &m->otherwise;
        call.len = 1;
    }
    if (kwnames)
        call.kwds = kwds = keywords(args + n, kwnames);
    result = !kwnames || kwds ? call_object(args[0], handle, &call) : NULL;
    Py_XDECREF(kwds);
    Py_DECREF(handle);
    return result;
}

/* _callmethod(self, methodname, args=(), kwds={}) */
static PyObject *call_callmethod(PyObject *object, PyObject *const *args, size_t nargs,
                                 PyObject *kwnames)
{
    Py_ssize_t n = (Py_ssize_t)(nargs & ~ARGUMENTS_OFFSET);
    struct invocation call = {0};
    PyObject *handle = NULL, *result;

    if (!core_lives())
        return NULL;
    if (!kwnames && n >= 2 && n <= 4 && is_proxy(args[0]))
        handle = ((struct proxy *)args[0])->handle;
    if (!handle || handle == Py_None)
        return call_function(((struct method *)object)->function, NULL, args, n, kwnames);
    call.name = args[1];
    call.args = n > 2 ? args[2] : NULL;
    call.kwds = n > 3 ? args[3] : NULL;
    Py_INCREF(handle);
    result = call_object(args[0], handle, &call);
    Py_DECREF(handle);
    return result;
}

static PyObject *method_call(struct method *self, PyObject *args, PyObject *kwds)
{
    PyObject *arg[TUPLE_MAX];
    Py_ssize_t n = PyTuple_Size(args);

    if (n > TUPLE_MAX || (kwds && PyDict_Size(kwds)))
        return PyObject_Call(self->function, args, kwds);
    for (Py_ssize_t i = 0; i < n; i++)
        arg[i] = PyTuple_GetItem(args, i);
    return self->vectorcall((PyObject *)self, arg, (size_t)n, NULL);
}

static PyObject *method_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"function", "name", "least", "most", "otherwise", "public", NULL};
    PyObject *function, *name, *otherwise = NULL;
    Py_ssize_t least = 0, most = PY_SSIZE_T_MAX;
    struct method *self;
    int is_public = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwds, "OO|nnOp", names, &function, &name, &least, &most,
                                     &otherwise, &is_public))
        return NULL;
    self = (struct method *)PyType_GenericAlloc(type, 0);
    if (!self)
        return NULL;
    self->vectorcall = name == Py_None ? call_callmethod : call_named;
    self->least = least;
    self->most = most;
    self->is_public = is_public;
    Py_INCREF(function);
    self->function = function;
    Py_XINCREF(otherwise);
    self->otherwise = otherwise;
    if (name != Py_None) {
        Py_INCREF(name);
        self->name = name;
        self->utf8 = PyUnicode_AsUTF8String(name);
        if (!self->utf8)
            Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int method_traverse(struct method *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->function);
    Py_VISIT(self->otherwise);
    return 0;
}

static int method_clear(struct method *self)
{
    Py_CLEAR(self->function);
    Py_CLEAR(self->otherwise);
    return 0;
}

static void method_dealloc(struct method *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    method_clear(self);
    Py_CLEAR(self->name);
    Py_CLEAR(self->utf8);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/* What a function would be found as. */
static PyObject *function_bound(PyObject *function, PyObject *self)
{
    return core_lives() ? PyObject_CallFunctionObjArgs(own.method_type, function, self, NULL)
                        : NULL;
}

static PyObject *method_get(struct method *self, PyObject *object, PyObject *type)
{
    struct bound *bound = looking;

    (void)type;
    if (!object || object == Py_None) {
        Py_INCREF(self);
        return (PyObject *)self;
    }
    if (self->name || !bound || bound->self != object)
        return function_bound((PyObject *)self, object);
    looking = NULL;
    Py_INCREF(self);
    bound->method = (PyObject *)self;
    Py_INCREF(bound);
    return (PyObject *)bound;
}

/* It shows itself as its function. These two attributes the type has, too. */
static PyObject *method_getattro(struct method *self, PyObject *name)
{
    PyObject *value;

    if (!PyUnicode_CompareWithASCIIString(name, "__doc__") ||
        !PyUnicode_CompareWithASCIIString(name, "__module__"))
        return PyObject_GetAttr(self->function, name);
    if (!PyUnicode_CompareWithASCIIString(name, "__wrapped__")) { /* for its signature */
        Py_INCREF(self->function);
        return self->function;
    }
    value = PyObject_GenericGetAttr((PyObject *)self, name);
    if (value || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return value;
    PyErr_Clear();
    return PyObject_GetAttr(self->function, name);
}

static PyMemberDef method_members[] = {
    /* Since 3.9 types have it by this name. */
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(struct method, vectorcall), READONLY, NULL},
    {0},
};

static PyType_Slot method_slots[] = {
    {Py_tp_new, (void *)method_new},
    {Py_tp_dealloc, (void *)method_dealloc},
    {Py_tp_traverse, (void *)method_traverse},
    {Py_tp_clear, (void *)method_clear},
    {Py_tp_call, (void *)method_call},
    {Py_tp_descr_get, (void *)method_get},
    {Py_tp_getattro, (void *)method_getattro},
    {Py_tp_members, method_members},
    {0},
};

static PyType_Spec method_spec = {
    .name = "syncmanager._core.Method",
    .basicsize = sizeof(struct method),
    .flags = TYPE_FLAGS | Py_TPFLAGS_HAVE_GC | METHOD_DESCRIPTOR,
    .slots = method_slots,
};

/* A property in the place of _callmethod may call it. */
static PyObject *bound_call(struct bound *self, PyObject *args, PyObject *kwds)
{
    PyObject *method = function_bound(self->method, self->self);
    PyObject *result = method ? PyObject_Call(method, args, kwds) : NULL;

    Py_XDECREF(method);
    return result;
}

static void bound_dealloc(struct bound *self)
{
    PyTypeObject *type = Py_TYPE(self);

    Py_XDECREF(self->self);
    Py_XDECREF(self->method);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyType_Slot bound_slots[] = {
    {Py_tp_dealloc, (void *)bound_dealloc},
    {Py_tp_call, (void *)bound_call},
    {0},
};

static PyType_Spec bound_spec = {
    .name = "syncmanager._core.Bound",
    .basicsize = sizeof(struct bound),
    .flags = TYPE_FLAGS,
    .slots = bound_slots,
};

/*
 * What Python's classes derive from this has a dict, and is the garbage collector's: their dealloc
 * and traverse see to that. Since 3.8 they leave the reference to the class to the base's dealloc,
 * if the base is no static type.
 */
void proxy_dealloc(struct proxy *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc tp_free = (freefunc)PyType_GetSlot(type, Py_tp_free);

    Py_CLEAR(self->handle);
    tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef proxy_members[] = {
    {"_handle", T_OBJECT, offsetof(struct proxy, handle), 0, NULL},
    {0},
};

static PyType_Slot proxy_slots[] = {
    {Py_tp_new, (void *)PyType_GenericNew},
    {Py_tp_dealloc, (void *)proxy_dealloc},
    {Py_tp_members, proxy_members},
    {0},
};

static PyType_Spec proxy_spec = {
    .name = "syncmanager._core.Proxy",
    .basicsize = sizeof(struct proxy),
    .flags = TYPE_FLAGS | Py_TPFLAGS_BASETYPE,
    .slots = proxy_slots,
};

PyObject *proxy_type_new(PyType_Spec *spec)
{
    PyObject *bases = PyTuple_Pack(1, own.proxy);
    PyObject *type = bases ? PyType_FromSpecWithBases(spec, bases) : NULL;

    Py_XDECREF(bases);
    return type;
}

int proxy_add_types(PyObject *module)
{
    PyObject *method;

    if (running_python() >= 9)
        method_spec.flags |= HAVE_VECTORCALL;
    own.callmethod = PyUnicode_InternFromString("_callmethod");
    own.method_type = import("types", "MethodType");
    own.proxy = (PyTypeObject *)PyType_FromSpec(&proxy_spec);
    own.bound = (PyTypeObject *)PyType_FromSpec(&bound_spec);
    if (!own.callmethod || !own.method_type || !own.proxy || !own.bound)
        return -1;
    Py_INCREF(own.proxy);
    if (add_object(module, "Proxy", (PyObject *)own.proxy) < 0)
        return -1;
    method = PyType_FromSpec(&method_spec);
    return add_object(module, "Method", method);
}

void proxy_forget(void)
{
    Py_CLEAR(own.callmethod);
    Py_CLEAR(own.method_type);
    Py_CLEAR(own.proxy);
    Py_CLEAR(own.bound);
    Py_CLEAR(own.spare);
}
