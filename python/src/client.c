/* SPDX-License-Identifier: MIT */
/*
 * The types that call a manager: Manager, a manager that is reached, and Handle, a reference to one
 * of its objects.
 *
 * Both are shells around the library's handles. What is done here besides: requests and answers are
 * turned from and into Python's objects, the GIL is released while the library waits, and signals
 * that come meanwhile are handled (look_for_signals). A handler that raises ends the call. If its
 * answer was there already the answer is returned, for there may be a lock or an item in it, and
 * the exception is raised as soon as the interpreter goes on, as if the signal had come then.
 *
 * Answers are pairs of a kind and a payload, as the protocol has them; the package makes results
 * and exceptions of them.
 */
#include "client.h"
#include "values.h"

#include <string.h>

/* Of the limited API only from 3.11 on, though the function that takes it is older. */
#ifndef PyBUF_READ
#define PyBUF_READ 0x100
#endif

/* Longer answers go to pickle.loads at once. */
#define DECODE_MAX 256

struct manager {
    PyObject ob_base;
    struct sm_manager *manager;
};

struct handle {
    PyObject ob_base;
    struct sm_proxy *proxy;     /* NULL: it was not made */
    struct sm_manager *manager; /* the proxy's, which keeps it */
};

/* What is needed of other modules, and our own types; there is one interpreter. */
static struct {
    PyObject *error;           /* _core.Error */
    PyObject *loads;           /* pickle.loads */
    PyObject *bytes_io;        /* io.BytesIO */
    PyObject *forking_pickler; /* multiprocessing.reduction.ForkingPickler */
    PyObject *returned;        /* '#RETURN' */
    PyTypeObject *handle_type;
} core;

/* While something is given back signals wait: whatever they raise would have nowhere to go. */
static _Thread_local bool giving_back;

/*
 * The manager whose request this thread pickles, or whose answer it unpickles, or NULL. That
 * manager's proxies are no news to it then: its own values hold them.
 */
static _Thread_local const struct sm_manager *at_hand;

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

/* An exception that came too late to end its call. */
struct late {
    PyObject *type, *value, *traceback;
};

static int raise_late(void *memory)
{
    struct late *late = memory;

    PyErr_Restore(late->type, late->value, late->traceback);
    PyMem_Free(late);
    return -1;
}

/* Put the exception off until this call has returned. Where that fails it stays set. */
static void put_off_exception(void)
{
    struct late *late = PyMem_Malloc(sizeof(*late));

    if (!late)
        return;
    PyErr_Fetch(&late->type, &late->value, &late->traceback);
    if (Py_AddPendingCall(raise_late, late) < 0) {
        PyErr_Restore(late->type, late->value, late->traceback);
        PyMem_Free(late);
    }
}

/* Raise the library's last error. */
static PyObject *raise_error(void)
{
    const struct sm_error *e = sm_last_error();
    PyObject *args;

    if (PyErr_Occurred())
        return NULL; /* a signal's handler ended the call */
    if (e->status == SM_ENOMEM)
        return PyErr_NoMemory();
    args = Py_BuildValue("(isissz)", e->status, e->message, e->system_error, e->reason, e->type,
                         e->traceback);
    if (args)
        PyErr_SetObject(core.error, args);
    Py_XDECREF(args);
    return NULL;
}

PyObject *take_error(void)
{
    PyObject *type, *value, *traceback;

    if (!core.error || !PyErr_ExceptionMatches(core.error))
        return NULL;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
}

/* A request on its way: coded, or where that cannot be pickled. */
struct request {
    struct sm_manager *manager;
    struct sm_proxy *proxy; /* a method of it is called; NULL: a function of the manager */
    const char *name;
    struct sm_value args, kwds;
    PyObject *pickle;    /* owned; NULL: the three above */
    struct coded *coded; /* what they are made of */
};

static void request_deinit(struct request *q)
{
    Py_XDECREF(q->pickle);
    coded_deinit(q->coded);
}

/* As the standard library pickles, into bytes. */
static PyObject *pickle(PyObject *object)
{
    PyObject *file = PyObject_CallObject(core.bytes_io, NULL);
    PyObject *pickler = NULL, *done = NULL, *bytes = NULL;

    if (file)
        pickler = PyObject_CallFunctionObjArgs(core.forking_pickler, file, NULL);
    if (pickler)
        done = PyObject_CallMethod(pickler, "dump", "(O)", object);
    if (done)
        bytes = PyObject_CallMethod(file, "getvalue", NULL);
    Py_XDECREF(done);
    Py_XDECREF(pickler);
    Py_XDECREF(file);
    return bytes;
}

/* The arguments as a tuple, or what is in place of one; a new reference. */
static PyObject *arguments_of(const struct invocation *call)
{
    PyObject *tuple;

    if (call->args) {
        Py_INCREF(call->args);
        return call->args;
    }
    tuple = PyTuple_New(call->len);
    for (Py_ssize_t i = 0; tuple && i < call->len; i++) {
        Py_INCREF(call->arg[i]);
        PyTuple_SetItem(tuple, i, call->arg[i]);
    }
    return tuple;
}

/* Returns 0, or -1 with an exception. `target` is None or the ident. */
static int pickle_request(struct request *q, PyObject *target, const struct invocation *call)
{
    PyObject *args = arguments_of(call);
    PyObject *kwds = call->kwds ? call->kwds : PyDict_New();
    PyObject *parts = args && kwds ? PyTuple_Pack(4, target, call->name, args, kwds) : NULL;
    const struct sm_manager *before = at_hand;

    at_hand = q->manager;
    q->pickle = parts ? pickle(parts) : NULL;
    at_hand = before;
    Py_XDECREF(parts);
    Py_XDECREF(args);
    if (!call->kwds)
        Py_XDECREF(kwds);
    return q->pickle ? 0 : -1;
}

static bool code_name(struct request *q, const struct invocation *call)
{
    struct sm_value text;

    if (call->utf8) {
        q->name = PyBytes_AsString(call->utf8);
        return true;
    }
    if (!PyUnicode_CheckExact(call->name) || !coded_add(q->coded, call->name, &text))
        return false;
    q->name = text.text;
    return strlen(text.text) == text.len;
}

static bool code_request(struct request *q, const struct invocation *call)
{
    if (!code_name(q, call))
        return false;
    q->kwds = sm_missing();
    if (call->kwds && !(PyDict_CheckExact(call->kwds) && coded_add(q->coded, call->kwds, &q->kwds)))
        return false;
    if (!call->args)
        return coded_add_tuple(q->coded, call->arg, (size_t)call->len, &q->args);
    return PyTuple_CheckExact(call->args) && coded_add(q->coded, call->args, &q->args);
}

/* What the library does about it; without the GIL. */
static int exchange(const struct request *q, const char *bytes, Py_ssize_t len,
                    struct sm_reply **ret)
{
    if (!q->proxy && bytes)
        return sm_manager_call_pickled(q->manager, bytes, (size_t)len, ret);
    if (!q->proxy)
        return sm_manager_call_raw(q->manager, q->name, q->args, q->kwds, ret);
    if (bytes)
        return sm_call_pickled(q->proxy, bytes, (size_t)len, ret);
    return sm_call_raw(q->proxy, q->name, q->args, q->kwds, ret);
}

static int send_and_receive(const struct request *q, struct sm_reply **ret)
{
    PyThreadState *state;
    Py_ssize_t len = 0;
    char *bytes = NULL;
    int r;

    if (q->pickle && PyBytes_AsStringAndSize(q->pickle, &bytes, &len) < 0)
        return SM_EARG;
    state = PyEval_SaveThread();
    r = exchange(q, bytes, len, ret);
    PyEval_RestoreThread(state);
    if (r == SM_OK && PyErr_Occurred())
        put_off_exception();
    return r;
}

static PyObject *unpickle(const void *message, size_t len)
{
    PyObject *view = PyMemoryView_FromMemory((char *)message, (Py_ssize_t)len, PyBUF_READ);
    PyObject *answer;

    if (!view)
        return NULL;
    answer = PyObject_CallFunctionObjArgs(core.loads, view, NULL);
    Py_DECREF(view);
    return answer;
}

/* What was returned, if it is something simple; NULL without an exception for all else. */
static PyObject *decode(struct sm_reply *reply)
{
    struct sm_value answer, kind;

    if (sm_reply_decode(reply, &answer) < 0 || answer.kind != SM_KIND_TUPLE || sm_len(answer) != 2)
        return NULL;
    kind = sm_item(answer, 0);
    if (kind.kind != SM_KIND_STR || kind.len != 7 || memcmp(kind.text, "#RETURN", 7) != 0)
        return NULL;
    return object_from_value(sm_item(answer, 1));
}

/* As handle_call() returns it. */
static PyObject *open_answer(struct sm_reply *reply, PyObject **ret_kind)
{
    PyObject *payload, *answer, *pair, *kind;
    size_t len;
    const void *message = sm_reply_message(reply, &len);

    payload = len <= DECODE_MAX ? decode(reply) : NULL;
    if (payload || PyErr_Occurred())
        return payload;
    answer = unpickle(message, len);
    pair = answer ? PySequence_Tuple(answer) : NULL;
    Py_XDECREF(answer);
    if (!pair || !PyArg_ParseTuple(pair, "OO;an answer is a pair", &kind, &payload)) {
        Py_XDECREF(pair);
        return NULL;
    }
    Py_INCREF(payload);
    if (!PyUnicode_Check(kind) || PyUnicode_CompareWithASCIIString(kind, "#RETURN") != 0) {
        Py_INCREF(kind);
        *ret_kind = kind;
    }
    Py_DECREF(pair);
    return payload;
}

/* Whether the answer is known, so that nobody need wait for it, nor let go of the GIL. */
static bool is_known(const struct request *q, struct sm_reply **ret)
{
    return q->proxy && !q->pickle && q->kwds.kind == SM_KIND_MISSING &&
           sm_call_in_memory(q->proxy, q->name, q->args, ret) == SM_OK;
}

/* Carry a request out, as handle_call() does. */
static PyObject *carry_out(const struct request *q, PyObject **ret_kind)
{
    const struct sm_manager *before = at_hand;
    struct sm_reply *reply;
    PyObject *payload;

    if (!is_known(q, &reply) && send_and_receive(q, &reply) < 0)
        return raise_error();
    at_hand = q->manager;
    payload = PyErr_Occurred() ? NULL : open_answer(reply, ret_kind);
    at_hand = before;
    sm_reply_free(reply);
    return payload;
}

static int manager_init(struct manager *self, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"address", "authkey", "keepalive_ms", "sockets_only", NULL};
    struct sm_manager_options options = {.look = look_for_signals,
                                         .python_minor = running_python()};
    const char *address, *key;
    PyThreadState *state;
    Py_ssize_t key_len;
    int sockets_only = 0, r;

    if (!PyArg_ParseTupleAndKeywords(args, kwds, "sy#|Ip", names, &address, &key, &key_len,
                                     &options.keepalive_ms, &sockets_only))
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
    struct coded coded;
    struct request q = {.manager = self->manager, .coded = &coded};
    struct invocation call = {0};
    PyObject *kind = NULL, *payload = NULL, *answer;

    if (!core_lives() || !PyArg_ParseTuple(arguments, "O|OO", &call.name, &call.args, &call.kwds))
        return NULL;
    coded_init(&coded);
    if (code_request(&q, &call) || pickle_request(&q, Py_None, &call) == 0)
        payload = carry_out(&q, &kind);
    request_deinit(&q);
    answer = payload ? PyTuple_Pack(2, kind ? kind : core.returned, payload) : NULL;
    Py_XDECREF(kind);
    Py_XDECREF(payload);
    return answer;
}

static struct handle *handle_new(struct manager *manager)
{
    struct handle *handle = (struct handle *)PyType_GenericNew(core.handle_type, NULL, NULL);

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
    received = received && at_hand != self->manager;
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

/* The same as a pickle, where it is not simple. */
static int pickle_call(struct request *q, const struct invocation *call)
{
    PyObject *ident = PyUnicode_FromString(sm_proxy_ident(q->proxy));
    int r = ident ? pickle_request(q, ident, call) : -1;

    Py_XDECREF(ident);
    return r;
}

PyObject *handle_call(PyObject *object, const struct invocation *call, PyObject **ret_kind)
{
    struct handle *handle = (struct handle *)object;
    struct coded coded;
    struct request q = {.manager = handle->manager, .proxy = handle->proxy, .coded = &coded};
    PyObject *payload = NULL;

    coded_init(&coded);
    if (code_request(&q, call) || pickle_call(&q, call) == 0)
        payload = carry_out(&q, ret_kind);
    request_deinit(&q);
    return payload;
}

struct sm_proxy *proxy_of_handle(PyObject *handle)
{
    if (!handle || Py_TYPE(handle) != core.handle_type)
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
    if (at_hand != self->manager)
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
        {"EPROTOCOL", SM_EPROTOCOL}, {"EINTERRUPTED", SM_EINTERRUPTED},
    };

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (PyModule_AddIntConstant(module, statuses[i].name, statuses[i].status) < 0)
            return -1;
    }
    return 0;
}

int client_add_types(PyObject *module)
{
    core.loads = import("pickle", "loads");
    core.bytes_io = import("io", "BytesIO");
    core.forking_pickler = import("multiprocessing.reduction", "ForkingPickler");
    core.returned = PyUnicode_InternFromString("#RETURN");
    core.error = PyErr_NewExceptionWithDoc(
        "syncmanager._core.Error",
        "A call that got no answer: (status, message, errno, reason, type, traceback).", NULL,
        NULL);
    core.handle_type = (PyTypeObject *)PyType_FromSpec(&handle_spec);
    if (!core.loads || !core.bytes_io || !core.forking_pickler || !core.returned || !core.error ||
        !core.handle_type)
        return -1;
    Py_INCREF(core.handle_type);
    Py_INCREF(core.error);
    if (add_object(module, "Handle", (PyObject *)core.handle_type) < 0 ||
        add_object(module, "Error", core.error) < 0 ||
        add_object(module, "Manager", PyType_FromSpec(&manager_spec)) < 0)
        return -1;
    return add_constants(module);
}

void client_forget(void)
{
    Py_CLEAR(core.loads);
    Py_CLEAR(core.bytes_io);
    Py_CLEAR(core.forking_pickler);
    Py_CLEAR(core.returned);
    Py_CLEAR(core.error);
    Py_CLEAR(core.handle_type);
}
