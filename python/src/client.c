/* SPDX-License-Identifier: MIT */
/*
 * The types that call a manager: Manager, a manager that is reached, and Handle, a reference to one
 * of its objects. Both are shells around the library's handles; call.c makes the calls.
 */
#include "client.h"

#include <syncmanager.h>

struct manager {
    PyObject ob_base;
    struct sm_manager *manager;
};

struct handle {
    PyObject ob_base;
    struct sm_proxy *proxy;     /* NULL: it was not made */
    struct sm_manager *manager; /* the proxy's, which keeps it */
};

/* Owned, as long as the module lives. */
static PyTypeObject *handle_type;

/* While something is given back signals wait: whatever they raise would have nowhere to go. */
static _Thread_local bool giving_back;

static int look_for_signals(void *context)
{
    PyGILState_STATE state;
    int r;

    (void)context;
    if (giving_back)
        return 0;
    state = PyGILState_Ensure();
    r = PyErr_CheckSignals();
    PyGILState_Release(state);
    return r;
}

static int manager_init(struct manager *self, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"address", "authkey",         "keepalive_ms", "sockets_only",
                            "tls_ca",  "tls_certificate", "tls_key",      NULL};
    struct sm_manager_options options = {.look = look_for_signals,
                                         .python_minor = running_python()};
    const char *address, *key;
    PyThreadState *state;
    Py_ssize_t key_len;
    int sockets_only = 0, r;

    if (!core_lives() ||
        !PyArg_ParseTupleAndKeywords(args, kwds, "sy#|Ipzzz", names, &address, &key, &key_len,
                                     &options.keepalive_ms, &sockets_only, &options.tls_ca,
                                     &options.tls_certificate, &options.tls_key))
        return -1;
    options.sockets_only = sockets_only;
    options.authkey = key;
    options.authkey_len = (size_t)key_len;
    state = PyEval_SaveThread();
    sm_manager_free(self->manager);
    self->manager = NULL;
    r = sm_manager_at(address, &options, &self->manager);
    PyEval_RestoreThread(state);
    return r < 0 ? (raise_error(), -1) : 0;
}

static void manager_dealloc(struct manager *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc tp_free = (freefunc)PyType_GetSlot(type, Py_tp_free);

    sm_manager_free(self->manager);
    tp_free(self);
    Py_DECREF(type);
}

static PyObject *manager_call(struct manager *self, PyObject *arguments)
{
    struct invocation call = {0};
    PyObject *kind = NULL, *payload, *answer;

    if (!PyArg_ParseTuple(arguments, "O|OO", &call.name, &call.args, &call.kwds))
        return NULL;
    payload = call_manager(self->manager, NULL, &call, &kind);
    if (kind)
        answer = PyTuple_Pack(2, kind, payload);
    else
        answer = payload ? Py_BuildValue("sO", "#RETURN", payload) : NULL;
    Py_XDECREF(kind);
    Py_XDECREF(payload);
    return answer;
}

static struct handle *handle_new(struct manager *manager)
{
    struct handle *handle;

    if (!core_lives())
        return NULL;
    handle = (struct handle *)PyType_GenericNew(handle_type, NULL, NULL);
    if (handle)
        handle->manager = manager->manager;
    return handle;
}

static PyObject *manager_adopt(struct manager *self, PyObject *args)
{
    struct handle *handle;
    const char *typeid_, *ident;
    int r;

    if (!PyArg_ParseTuple(args, "ss", &typeid_, &ident))
        return NULL;
    handle = handle_new(self);
    if (!handle)
        return NULL;
    r = sm_proxy_adopt(self->manager, typeid_, ident, &handle->proxy);
    if (r < 0) {
        Py_DECREF(handle);
        return raise_error();
    }
    return (PyObject *)handle;
}

static PyObject *manager_take(struct manager *self, PyObject *args)
{
    PyThreadState *state;
    struct handle *handle;
    const char *typeid_, *ident;
    int received, r;

    if (!PyArg_ParseTuple(args, "ssp", &typeid_, &ident, &received))
        return NULL;
    handle = handle_new(self);
    if (!handle)
        return NULL;
    received = received && !is_at_hand(self->manager);
    state = PyEval_SaveThread();
    r = sm_proxy_take(self->manager, typeid_, ident, received, &handle->proxy);
    PyEval_RestoreThread(state);
    if (r == SM_OK && !PyErr_Occurred())
        return (PyObject *)handle;
    if (r < 0)
        raise_error();
    Py_DECREF(handle);
    return NULL;
}

static PyObject *manager_forked(struct manager *self, PyObject *unused)
{
    (void)unused;
    sm_manager_forked(self->manager);
    Py_RETURN_NONE;
}

static PyObject *manager_address(struct manager *self, void *unused)
{
    (void)unused;
    return PyUnicode_DecodeFSDefault(sm_manager_address(self->manager));
}

/* What gives something back may wait for the manager, and is not to be interrupted. */
static void give_back(struct handle *self, void (*how)(struct sm_proxy *proxy))
{
    PyThreadState *state = PyEval_SaveThread();

    giving_back = true;
    how(self->proxy);
    giving_back = false;
    PyEval_RestoreThread(state);
}

static void handle_dealloc(struct handle *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc tp_free = (freefunc)PyType_GetSlot(type, Py_tp_free);
    PyObject *error, *value, *traceback;

    PyErr_Fetch(&error, &value, &traceback);
    give_back(self, sm_proxy_free);
    PyErr_Restore(error, value, traceback);
    tp_free(self);
    Py_DECREF(type);
}

PyObject *handle_call(PyObject *object, const struct invocation *call, PyObject **ret_kind)
{
    struct handle *handle = (struct handle *)object;

    return call_manager(handle->manager, handle->proxy, call, ret_kind);
}

struct sm_proxy *proxy_of_handle(PyObject *handle)
{
    if (!handle || Py_TYPE(handle) != handle_type)
        return NULL;
    return ((struct handle *)handle)->proxy;
}

static void release_soon(struct sm_proxy *proxy)
{
    sm_proxy_release(proxy, false);
}

static void release_now(struct sm_proxy *proxy)
{
    sm_proxy_release(proxy, true);
}

static PyObject *handle_release(struct handle *self, PyObject *args)
{
    unsigned sent = 0;
    int wait;

    if (!PyArg_ParseTuple(args, "p|I", &wait, &sent))
        return NULL;
    sm_proxy_sent(self->proxy, sent);
    give_back(self, wait ? release_now : release_soon);
    Py_RETURN_NONE;
}

static PyObject *handle_pickled(struct handle *self, PyObject *unused)
{
    (void)unused;
    if (!is_at_hand(self->manager))
        sm_proxy_sent(self->proxy, 1);
    Py_RETURN_NONE;
}

static PyObject *handle_forget(struct handle *self, PyObject *unused)
{
    (void)unused;
    sm_proxy_forget(self->proxy);
    Py_RETURN_NONE;
}

static PyObject *handle_ident(struct handle *self, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(sm_proxy_ident(self->proxy));
}

static PyMethodDef manager_methods[] = {
    {"call", (PyCFunction)(void (*)(void))manager_call, METH_VARARGS,
     PyDoc_STR("call(name, args=(), kwds={})\n--\n\n"
               "Call a function of the manager itself: the answer's kind and its payload.")},
    {"adopt", (PyCFunction)(void (*)(void))manager_adopt, METH_VARARGS,
     PyDoc_STR("adopt(typeid, ident)\n--\n\n"
               "A Handle with the reference that an answer of the manager has given us.")},
    {"take", (PyCFunction)(void (*)(void))manager_take, METH_VARARGS,
     PyDoc_STR(
         "take(typeid, ident, received)\n--\n\n"
         "A Handle with a reference of its own, for a proxy that was made here, or received.")},
    {"forked", (PyCFunction)(void (*)(void))manager_forked, METH_NOARGS,
     PyDoc_STR("forked()\n--\n\n"
               "In a forked child: close what is the parent's.")},
    {0},
};

static PyGetSetDef manager_getset[] = {
    {"address", (getter)manager_address, NULL, PyDoc_STR("Where it is, as the library says it."),
     NULL},
    {0},
};

static PyType_Slot manager_slots[] = {
    {Py_tp_doc, PyDoc_STR("Manager(address, authkey)\n--\n\n"
                          "A manager; its first call connects, each thread on its own.")},
    {Py_tp_init, (void *)manager_init},
    {Py_tp_new, (void *)PyType_GenericNew},
    {Py_tp_dealloc, (void *)manager_dealloc},
    {Py_tp_methods, manager_methods},
    {Py_tp_getset, manager_getset},
    {0},
};

static PyType_Spec manager_spec = {
    .name = "syncmanager._core.Manager",
    .basicsize = sizeof(struct manager),
    .flags = TYPE_FLAGS | Py_TPFLAGS_BASETYPE,
    .slots = manager_slots,
};

static PyMethodDef handle_methods[] = {
    {"release", (PyCFunction)(void (*)(void))handle_release, METH_VARARGS,
     PyDoc_STR("release(wait, sent=0)\n--\n\nGive the reference back, before this thread's next "
               "call at the latest; a call after that takes another. The proxy was sent so often, "
               "beside what pickled() has counted.")},
    {"pickled", (PyCFunction)(void (*)(void))handle_pickled, METH_NOARGS,
     PyDoc_STR("pickled()\n--\n\nThe proxy is being pickled, for whoever unpickles it.")},
    {"forget", (PyCFunction)(void (*)(void))handle_forget, METH_NOARGS,
     PyDoc_STR("forget()\n--\n\nThe same for a manager that has ended: it is told nothing.")},
    {0},
};

static PyGetSetDef handle_getset[] = {
    {"ident", (getter)handle_ident, NULL, PyDoc_STR("The object's name in the manager."), NULL},
    {0},
};

static PyType_Slot handle_slots[] = {
    {Py_tp_doc, PyDoc_STR("A reference to an object of a manager; given back at the latest when "
                          "this goes.")},
    {Py_tp_dealloc, (void *)handle_dealloc},
    {Py_tp_methods, handle_methods},
    {Py_tp_getset, handle_getset},
    {0},
};

static PyType_Spec handle_spec = {
    .name = "syncmanager._core.Handle",
    .basicsize = sizeof(struct handle),
    .flags = TYPE_FLAGS,
    .slots = handle_slots,
};

static int add_constants(PyObject *module)
{
    static const struct {
        const char *name;
        int status;
    } statuses[] = {
        {"EARG", SM_EARG},           {"ESYSTEM", SM_ESYSTEM},           {"ERAISED", SM_ERAISED},
        {"ETIMEDOUT", SM_ETIMEDOUT}, {"ECLOSED", SM_ECLOSED},           {"EREFUSED", SM_EREFUSED},
        {"EPROTOCOL", SM_EPROTOCOL}, {"EINTERRUPTED", SM_EINTERRUPTED}, {"ETLS", SM_ETLS},
    };

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (PyModule_AddIntConstant(module, statuses[i].name, statuses[i].status) < 0)
            return -1;
    }
    return 0;
}

int client_add_types(PyObject *module)
{
    handle_type = (PyTypeObject *)PyType_FromSpec(&handle_spec);
    if (!handle_type)
        return -1;
    Py_INCREF(handle_type);
    if (add_object(module, "Handle", (PyObject *)handle_type) < 0 ||
        add_object(module, "Manager", PyType_FromSpec(&manager_spec)) < 0)
        return -1;
    return add_constants(module);
}

void client_forget(void)
{
    Py_CLEAR(handle_type);
}
