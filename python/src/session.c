/* SPDX-License-Identifier: MIT */
/*
 * Session: a connection that needs Python. A thread of Python's takes its requests, one at a time,
 * and answers each; the answer is kept until the next request is asked for, so that the connection
 * can be lent to that thread. In a forked child nothing is answered: there it is the parent's.
 */
#include "server.h"

#include <stdlib.h>

struct session_object {
    PyObject_HEAD struct server *server; /* owned */
    struct session *session;             /* owned */
    struct sm_request *request;          /* to be answered; NULL: none */
    PyObject *reply;                     /* owned: the answer to it, which next() sends; or NULL */
};

PyObject *session_object_new(struct server *self, struct session *session)
{
    PyTypeObject *type = (PyTypeObject *)self->session_type;
    struct session_object *object = (struct session_object *)PyType_GenericAlloc(type, 0);

    if (!object)
        return NULL;
    Py_INCREF(self);
    object->server = self;
    object->session = session;
    return (PyObject *)object;
}

/* The request that is answered now; NULL: there is none to answer. */
static struct sm_request *answered(struct session_object *self)
{
    struct sm_request *request = is_parents(self->server) ? NULL : self->request;

    self->request = NULL;
    return request;
}

/* What the request at hand is answered with, next() or not. */
static void answer_or_close(struct session_object *self)
{
    struct sm_request *request = answered(self);

    if (request && self->reply)
        sm_request_answer(request, PyBytes_AsString(self->reply),
                          (size_t)PyBytes_Size(self->reply));
    else if (request)
        sm_request_close(request);
    Py_CLEAR(self->reply);
}

static void session_dealloc(PyObject *object)
{
    struct session_object *self = (struct session_object *)object;

    answer_or_close(self);
    if (!is_parents(self->server)) {
        pthread_mutex_lock(&self->server->lock);
        session_unref(self->session);
        pthread_mutex_unlock(&self->server->lock);
    }
    Py_DECREF(self->server);
    free_object(object);
}

static PyObject *guests_of(const struct sm_request *request)
{
    PyObject *guests = PyList_New(0);

    for (void *const *guest = request->guests; guests && *guest; guest++) {
        if (PyList_Append(guests, *guest) < 0)
            Py_CLEAR(guests);
    }
    return guests;
}

/* Without the GIL. */
static struct sm_request *wait_for_request(struct session_object *self)
{
    struct session *session = self->session;
    struct sm_request *request;

    pthread_mutex_lock(&self->server->lock);
    while (!session->request && !session->ended)
        pthread_cond_wait(&session->changed, &self->server->lock);
    request = session->request;
    session->request = NULL;
    pthread_mutex_unlock(&self->server->lock);
    return request;
}

static PyObject *session_next(struct session_object *self, PyObject *unused)
{
    struct sm_request *request = NULL;

    (void)unused;
    if ((self->request && !self->reply) || is_parents(self->server))
        Py_RETURN_NONE;
    if (self->request) {
        const char *reply = PyBytes_AsString(self->reply);
        size_t len = (size_t)PyBytes_Size(self->reply);

        Py_BEGIN_ALLOW_THREADS
        request = sm_request_answer_next(self->request, reply, len);
        Py_END_ALLOW_THREADS
        Py_CLEAR(self->reply);
    }
    if (!request) {
        Py_BEGIN_ALLOW_THREADS
        request = wait_for_request(self);
        Py_END_ALLOW_THREADS
    }
    self->request = request;
    if (!request)
        Py_RETURN_NONE;
    give_back_if_many(self->server);
    if (request->kind == SM_REQUEST_DEBUG_INFO)
        return Py_BuildValue("(iNy#)", request->kind, guests_of(request), request->message,
                             (Py_ssize_t)request->message_len);
    if (request->kind == SM_REQUEST_VISIT)
        return Py_BuildValue("(i(Ky#)y#)", request->kind, (unsigned long long)request->visit,
                             request->value, (Py_ssize_t)request->value_len, request->message,
                             (Py_ssize_t)request->message_len);
    if (request->kind == SM_REQUEST_ASK)
        return Py_BuildValue("(i(iCOy#)y#)", request->kind, request->ask, request->typecode,
                             request->making ? Py_True : Py_False, request->value,
                             (Py_ssize_t)request->value_len, request->message,
                             (Py_ssize_t)request->message_len);
    if (request->kind == SM_REQUEST_BRING)
        return Py_BuildValue("(i(Oy#)y#)", request->kind, request->making ? Py_True : Py_False,
                             request->value, (Py_ssize_t)request->value_len, request->message,
                             (Py_ssize_t)request->message_len);
    return Py_BuildValue("(iOy#)", request->kind, request->guest ? request->guest : Py_None,
                         request->message, (Py_ssize_t)request->message_len);
}

static PyObject *session_get_tracebacks(PyObject *object, void *closure)
{
    const struct session_object *self = (const struct session_object *)object;

    (void)closure;
    return PyBool_FromLong(self->request && self->request->tracebacks);
}

static PyObject *session_answer(struct session_object *self, PyObject *args)
{
    PyObject *message;

    if (!PyArg_ParseTuple(args, "S:answer", &message))
        return NULL;
    Py_XDECREF(self->reply);
    Py_INCREF(message);
    self->reply = message;
    Py_RETURN_NONE;
}

static PyObject *session_answer_guest(struct session_object *self, PyObject *args)
{
    PyObject *guest, *exposed;
    struct sm_request *request;
    const char *typeid, **names;
    Py_ssize_t len;

    if (!PyArg_ParseTuple(args, "sOO!:answer_guest", &typeid, &guest, &PyTuple_Type, &exposed))
        return NULL;
    len = PyTuple_Size(exposed);
    names = calloc((size_t)len + 1, sizeof(*names));
    if (!names)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < len; i++) {
        names[i] = PyBytes_AsString(PyTuple_GetItem(exposed, i));
        if (!names[i]) {
            free(names);
            return NULL;
        }
    }
    request = answered(self);
    if (request) {
        Py_INCREF(guest); /* the server's, until collect() */
        sm_request_answer_guest(request, typeid, guest, names);
    }
    free(names);
    Py_RETURN_NONE;
}

static PyObject *session_answer_new(struct session_object *self, PyObject *args)
{
    struct sm_request *request;
    const char *typeid, *arguments;
    Py_ssize_t len;

    if (!PyArg_ParseTuple(args, "sy#:answer_new", &typeid, &arguments, &len))
        return NULL;
    request = answered(self);
    if (request)
        sm_request_answer_new(request, typeid, arguments, (size_t)len);
    Py_RETURN_NONE;
}

static PyObject *session_answer_visit(struct session_object *self, PyObject *args)
{
    struct sm_request *request;
    const char *message, *value;
    Py_ssize_t len, value_len;

    if (!PyArg_ParseTuple(args, "y#z#:answer_visit", &message, &len, &value, &value_len))
        return NULL;
    request = answered(self);
    if (request)
        sm_request_answer_visit(request, message, (size_t)len, value, (size_t)value_len);
    Py_RETURN_NONE;
}

static PyObject *session_answer_plain(struct session_object *self, PyObject *args)
{
    struct sm_request *request;
    const char *value;
    Py_ssize_t len;

    if (!PyArg_ParseTuple(args, "z#:answer_plain", &value, &len))
        return NULL;
    request = answered(self);
    if (request)
        sm_request_answer_plain(request, value, (size_t)len);
    Py_RETURN_NONE;
}

static PyObject *session_bring(struct session_object *self, PyObject *args)
{
    PyObject *guest;
    const char *key;

    if (!PyArg_ParseTuple(args, "Os:bring", &guest, &key))
        return NULL;
    if (!self->request || is_parents(self->server))
        Py_RETURN_NONE;
    if (sm_request_bring(self->request, guest, key) < 0)
        return PyErr_NoMemory();
    Py_INCREF(guest); /* the server's, until collect() */
    Py_RETURN_NONE;
}

static PyObject *session_answer_brought(struct session_object *self, PyObject *args)
{
    struct sm_request *request;
    const char *states;
    Py_ssize_t len;

    if (!PyArg_ParseTuple(args, "y#:answer_brought", &states, &len))
        return NULL;
    request = answered(self);
    if (request)
        sm_request_answer_brought(request, states, (size_t)len);
    Py_RETURN_NONE;
}

static PyObject *session_close(struct session_object *self, PyObject *unused)
{
    (void)unused;
    answer_or_close(self);
    Py_RETURN_NONE;
}

static PyMethodDef session_methods[] = {
    METHOD(session, next, METH_NOARGS,
           "next(): send the answer, and wait for a request: (kind, guest, message), or None at "
           "the end."),
    METHOD(session, answer, METH_VARARGS,
           "answer(message): answer with a pickled reply, once next() is called."),
    METHOD(session, answer_guest, METH_VARARGS,
           "answer_guest(typeid, guest, exposed): answer with a hosted object."),
    METHOD(session, answer_new, METH_VARARGS,
           "answer_new(typeid, args): answer with an object that is made in C."),
    METHOD(
        session, answer_visit, METH_VARARGS,
        "answer_visit(message, value): the same, with the object as it is now, pickled or None."),
    METHOD(session, answer_plain, METH_VARARGS,
           "answer_plain(value): tell what an argument comes to, pickled or None."),
    METHOD(session, bring, METH_VARARGS,
           "bring(guest, key): the answer has a descriptor that the guest keeps."),
    METHOD(session, answer_brought, METH_VARARGS,
           "answer_brought(states): serve the request with these of its descriptors, pickled."),
    METHOD(session, close, METH_NOARGS, "close(): end the connection in place of an answer."),
    {0},
};

static PyGetSetDef session_getset[] = {
    {"tracebacks", session_get_tracebacks, NULL,
     "Whether an exception that answers the request may bring its traceback.", NULL},
    {0},
};

static PyType_Slot session_slots[] = {
    {Py_tp_doc, "A connection of a Server that needs Python."},
    {Py_tp_dealloc, session_dealloc},
    {Py_tp_methods, session_methods},
    {Py_tp_getset, session_getset},
    {0},
};

PyType_Spec session_spec = {
    .name = "syncmanager._core.Session",
    .basicsize = sizeof(struct session_object),
    .flags = TYPE_FLAGS,
    .slots = session_slots,
};
