/* SPDX-License-Identifier: MIT */
/*
 * Calls: requests and answers are turned from and into Python's objects, the GIL is released while
 * the library waits, and signals that come meanwhile are handled (client.c, look_for_signals). A
 * handler that raises ends the call. If its answer was there already the answer is returned, for
 * there may be a lock or an item in it, and the exception is raised as soon as the interpreter goes
 * on, as if the signal had come then.
 */
#include "call.h"
#include "values.h"

#include <string.h>

/* Of the limited API only from 3.11 on, though the function that takes it is older. */
#ifndef PyBUF_READ
#define PyBUF_READ 0x100
#endif

/* Longer answers go to pickle.loads at once. */
#define DECODE_MAX 256

/* What is needed of other modules; owned, as long as the module lives. */
static struct {
    PyObject *error;           /* _core.Error */
    PyObject *loads;           /* pickle.loads */
    PyObject *bytes_io;        /* io.BytesIO */
    PyObject *forking_pickler; /* multiprocessing.reduction.ForkingPickler */
} core;

/*
 * The manager whose request this thread pickles, or whose answer it unpickles, or NULL. That
 * manager's proxies are no news to it then: its own values hold them.
 */
static _Thread_local const struct sm_manager *at_hand;

bool is_at_hand(const struct sm_manager *manager)
{
    return at_hand == manager;
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

PyObject *raise_error(void)
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
    if (!call->args)
        return tuple_of(NULL, call->arg, call->len);
    Py_INCREF(call->args);
    return call->args;
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

/* The same as a pickle, where it is not simple. */
static int pickle_call(struct request *q, const struct invocation *call)
{
    PyObject *target;
    int r;

    if (!q->proxy)
        return pickle_request(q, Py_None, call);
    target = PyUnicode_FromString(sm_proxy_ident(q->proxy));
    r = target ? pickle_request(q, target, call) : -1;
    Py_XDECREF(target);
    return r;
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

/* As call_manager() returns it. */
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

/* Carry a request out, as call_manager() does. */
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

PyObject *call_manager(struct sm_manager *manager, struct sm_proxy *proxy,
                       const struct invocation *call, PyObject **ret_kind)
{
    struct coded coded;
    struct request q = {.manager = manager, .proxy = proxy, .coded = &coded};
    PyObject *payload = NULL;

    if (!core_lives())
        return NULL;
    coded_init(&coded);
    if (code_request(&q, call) || pickle_call(&q, call) == 0)
        payload = carry_out(&q, ret_kind);
    request_deinit(&q);
    return payload;
}

int call_add_error(PyObject *module)
{
    core.loads = import("pickle", "loads");
    core.bytes_io = import("io", "BytesIO");
    core.forking_pickler = import("multiprocessing.reduction", "ForkingPickler");
    core.error = PyErr_NewExceptionWithDoc(
        "syncmanager._core.Error",
        "A call that got no answer: (status, message, errno, reason, type, traceback).", NULL,
        NULL);
    if (!core.loads || !core.bytes_io || !core.forking_pickler || !core.error)
        return -1;
    Py_INCREF(core.error);
    return add_object(module, "Error", core.error);
}

void call_forget(void)
{
    Py_CLEAR(core.loads);
    Py_CLEAR(core.bytes_io);
    Py_CLEAR(core.forking_pickler);
    Py_CLEAR(core.error);
}
