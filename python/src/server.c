/* SPDX-License-Identifier: MIT */
/*
 * The types that are a manager. The C server runs in a thread of its own that never takes the GIL:
 * what it hands over, and what Python hands back, goes through structs under a lock that is held
 * for a few instructions. Python's threads wait for such a struct to change, without the GIL.
 *
 *   Server   the manager. One thread waits in accept() for connections that need Python, one in
 *            collect() for objects that no client holds any more.
 *   Session  one such connection: a thread takes its requests and answers them.
 *   Hold     keeps a shared object that the server's own Python code has a proxy of.
 *
 * A guest is any Python object; a reference that the C server has of it is a reference of Python's,
 * given back by collect().
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syncmanager.h>
#include <unistd.h>

/* What the server's thread and a session's both know. */
struct session {
    struct server *server;      /* outlives it: whoever has a session has a reference to that */
    struct session *next;       /* in the row of those that nobody serves yet */
    struct sm_request *request; /* to be served */
    pthread_cond_t changed;
    int refs; /* the server's thread, and Python's */
    bool ended;
};

struct server {
    PyObject_HEAD struct sm_server *server;
    PyObject *session_type;
    bool forked; /* in this child, which has none of the threads: all of this is left alone */
    pthread_t thread;
    bool started, joined;

    pthread_mutex_t lock; /* for all that follows, and the sessions */
    pthread_cond_t dropping;
    struct session *fresh; /* sessions that nobody serves yet, oldest first */
    PyObject **dropped;    /* guests that are given back */
    size_t dropped_len, dropped_cap;
    uint64_t *returned; /* visits that are over */
    size_t returned_len, returned_cap;
    bool ended;  /* the loop is over */
    int news[2]; /* a pipe: a byte for accept() to look */
};

struct session_object {
    PyObject_HEAD struct server *server; /* owned */
    struct session *session;             /* owned */
    struct sm_request *request;          /* to be answered; NULL: none */
    PyObject *reply;                     /* owned: the answer to it, which next() sends; or NULL */
};

struct hold_object {
    PyObject_HEAD struct server *server; /* owned */
    struct sm_hold *hold;                /* owned */
};

static PyObject *raise_last(PyObject *type)
{
    const struct sm_error *error = sm_last_error();

    if (error->system_error) {
        PyObject *args = Py_BuildValue("(is)", error->system_error, error->message);

        PyErr_SetObject(PyExc_OSError, args);
        Py_XDECREF(args);
    } else {
        PyErr_SetString(error->status == SM_ENOMEM ? PyExc_MemoryError : type, error->message);
    }
    return NULL;
}

/* The server's thread: no GIL, no Python. */

static void session_unref(struct session *session)
{
    if (--session->refs)
        return;
    pthread_cond_destroy(&session->changed);
    free(session);
}

static void tell_accept(struct server *self)
{
    ssize_t n = write(self->news[1], "", 1);

    (void)n; /* full: then accept() looks anyway */
}

static struct session *session_new(struct server *self)
{
    struct session *session = calloc(1, sizeof(*session));
    struct session **end = &self->fresh;

    if (!session)
        return NULL;
    session->server = self;
    session->refs = 2;
    pthread_cond_init(&session->changed, NULL);
    while (*end)
        end = &(*end)->next;
    *end = session;
    tell_accept(self);
    return session;
}

static void host_serve(void *context, struct sm_request *request, void **ret_session)
{
    struct server *self = context;
    struct session *session = *ret_session;

    pthread_mutex_lock(&self->lock);
    if (!session)
        session = *ret_session = session_new(self);
    if (session)
        session->request = request;
    pthread_mutex_unlock(&self->lock);
    if (session)
        pthread_cond_signal(&session->changed); /* unlocked: who wakes finds the lock free */
    else
        sm_request_close(request);
}

static void host_ended(void *context, void *ended)
{
    struct server *self = context;
    struct session *session = ended;

    pthread_mutex_lock(&self->lock);
    session->ended = true;
    pthread_cond_signal(&session->changed);
    session_unref(session);
    pthread_mutex_unlock(&self->lock);
}

/* Make room for one more in a row; false: there is none, and what was to be in it is kept for ever.
 */
static bool make_room(void **row, size_t len, size_t *cap, size_t size)
{
    size_t more = *cap ? 2 * *cap : 16;
    void *room;

    if (len < *cap)
        return true;
    room = realloc(*row, more * size);
    if (!room)
        return false;
    *row = room;
    *cap = more;
    return true;
}

static void host_dropped(void *context, void *guest)
{
    struct server *self = context;

    pthread_mutex_lock(&self->lock);
    if (make_room((void **)&self->dropped, self->dropped_len, &self->dropped_cap, sizeof(guest)))
        self->dropped[self->dropped_len++] = guest;
    pthread_cond_signal(&self->dropping);
    pthread_mutex_unlock(&self->lock);
}

static void host_returned(void *context, uint64_t visit)
{
    struct server *self = context;

    pthread_mutex_lock(&self->lock);
    if (make_room((void **)&self->returned, self->returned_len, &self->returned_cap, sizeof(visit)))
        self->returned[self->returned_len++] = visit;
    pthread_cond_signal(&self->dropping);
    pthread_mutex_unlock(&self->lock);
}

static const struct sm_host host = {
    .serve = host_serve,
    .ended = host_ended,
    .dropped = host_dropped,
    .returned = host_returned,
};

static void *run(void *context)
{
    struct server *self = context;

    sm_server_run(self->server);
    pthread_mutex_lock(&self->lock);
    self->ended = true;
    pthread_cond_broadcast(&self->dropping);
    tell_accept(self);
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

/* Server */

static PyObject *server_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"authkey", NULL};
    struct sm_server_options options = {
        .bare = true, .allow_remote = true, .drain_ms = 500, .python_minor = running_python()};
    struct server *self;
    const char *key;
    Py_ssize_t len;

    if (!PyArg_ParseTupleAndKeywords(args, kwds, "y#:Server", names, &key, &len))
        return NULL;
    self = (struct server *)PyType_GenericAlloc(type, 0);
    if (!self)
        return NULL;
    self->news[0] = self->news[1] = -1;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->dropping, NULL);
    options.authkey = key;
    options.authkey_len = (size_t)len;
    self->session_type = PyObject_GetAttrString((PyObject *)type, "Session");
    if (self->session_type && pipe2(self->news, O_CLOEXEC | O_NONBLOCK) < 0)
        PyErr_SetFromErrno(PyExc_OSError);
    else if (self->session_type && sm_server_new(&options, &self->server) < 0)
        raise_last(PyExc_OSError);
    if (PyErr_Occurred()) {
        Py_DECREF(self);
        return NULL;
    }
    sm_server_set_host(self->server, &host, self);
    return (PyObject *)self;
}

static void free_object(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc free_self = (freefunc)PyType_GetSlot(type, Py_tp_free);

    free_self(self);
    Py_DECREF(type);
}

static void give_back(PyObject **guests, size_t len)
{
    for (size_t i = 0; i < len; i++)
        Py_DECREF(guests[i]);
    free(guests);
}

static void server_dealloc(PyObject *object)
{
    struct server *self = (struct server *)object;

    if (!self->forked) {
        sm_server_free(self->server);
        while (self->fresh) {
            struct session *next = self->fresh->next;

            session_unref(self->fresh);
            self->fresh = next;
        }
        give_back(self->dropped, self->dropped_len);
        free(self->returned);
        if (self->news[0] >= 0) {
            close(self->news[0]);
            close(self->news[1]);
        }
        pthread_cond_destroy(&self->dropping);
        pthread_mutex_destroy(&self->lock);
    }
    Py_XDECREF(self->session_type);
    free_object(object);
}

static PyObject *server_listen(struct server *self, PyObject *args)
{
    PyObject *address;
    int r;

    if (!PyArg_ParseTuple(args, "O&:listen", PyUnicode_FSConverter, &address))
        return NULL;
    r = sm_server_listen(self->server, PyBytes_AsString(address));
    Py_DECREF(address);
    if (r < 0)
        return raise_last(PyExc_ValueError);
    return PyUnicode_DecodeFSDefault(sm_server_address(self->server, 0));
}

static PyObject *server_register(struct server *self, PyObject *args)
{
    const char *typeid, *standard;

    if (!PyArg_ParseTuple(args, "ss:register", &typeid, &standard))
        return NULL;
    if (sm_server_register_standard(self->server, typeid, standard) < 0)
        return raise_last(PyExc_ValueError);
    Py_RETURN_NONE;
}

static PyObject *server_follow(struct server *self, PyObject *args)
{
    int pid;

    if (!PyArg_ParseTuple(args, "i:follow", &pid))
        return NULL;
    if (sm_server_follow(self->server, pid) < 0)
        return raise_last(PyExc_OSError);
    Py_RETURN_NONE;
}

/* Signals are for Python's threads. */
static int start_thread(struct server *self)
{
    sigset_t all, before;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&self->thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

static PyObject *server_start(struct server *self, PyObject *unused)
{
    (void)unused;
    if (self->started) {
        PyErr_SetString(PyExc_RuntimeError, "the server has been started already");
        return NULL;
    }
    errno = start_thread(self);
    if (errno)
        return PyErr_SetFromErrno(PyExc_OSError);
    self->started = true;
    Py_INCREF(self); /* for the thread, until it is joined */
    Py_RETURN_NONE;
}

static PyObject *server_stop(struct server *self, PyObject *unused)
{
    (void)unused;
    if (!self->forked)
        sm_server_stop(self->server);
    Py_RETURN_NONE;
}

static PyObject *server_join(struct server *self, PyObject *unused)
{
    (void)unused;
    if (!self->started || self->joined || self->forked)
        Py_RETURN_NONE;
    self->joined = true;
    Py_BEGIN_ALLOW_THREADS pthread_join(self->thread, NULL);
    Py_END_ALLOW_THREADS Py_DECREF(self);
    Py_RETURN_NONE;
}

static PyObject *server_before_fork(struct server *self, PyObject *unused)
{
    (void)unused;
    if (!self->forked) {
        Py_BEGIN_ALLOW_THREADS sm_server_before_fork(self->server);
        Py_END_ALLOW_THREADS
    }
    Py_RETURN_NONE;
}

static PyObject *server_after_fork(struct server *self, PyObject *args)
{
    int in_child;

    if (!PyArg_ParseTuple(args, "p:after_fork", &in_child))
        return NULL;
    if (self->forked)
        Py_RETURN_NONE;
    self->forked = in_child;
    if (in_child)
        sm_server_in_forked_child(self->server);
    else
        sm_server_after_fork(self->server);
    Py_RETURN_NONE;
}

static PyObject *session_object_new(struct server *self, struct session *session)
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

/* Wait until accept() is told of something, or a signal comes. False: with an exception. */
static bool wait_for_news(struct server *self)
{
    struct pollfd poll_news = {.fd = self->news[0], .events = POLLIN};
    char bytes[64];
    int r;

    Py_BEGIN_ALLOW_THREADS r = poll(&poll_news, 1, -1);
    if (r > 0)
        r = read(self->news[0], bytes, sizeof(bytes)) < 0 && errno != EAGAIN ? -1 : 0;
    Py_END_ALLOW_THREADS if (r < 0 && errno != EINTR)
    {
        PyErr_SetFromErrno(PyExc_OSError);
        return false;
    }
    return PyErr_CheckSignals() == 0;
}

static PyObject *server_accept(struct server *self, PyObject *unused)
{
    struct session *session;
    bool ended;

    (void)unused;
    for (;;) {
        pthread_mutex_lock(&self->lock);
        ended = self->ended;
        session = self->fresh;
        if (session)
            self->fresh = session->next;
        pthread_mutex_unlock(&self->lock);
        if (session)
            return session_object_new(self, session);
        if (ended)
            Py_RETURN_NONE;
        if (!wait_for_news(self))
            return NULL;
    }
}

/* The numbers as a list; they are freed. */
static PyObject *list_numbers(uint64_t *numbers, size_t len)
{
    PyObject *list = PyList_New((Py_ssize_t)len);

    for (size_t i = 0; list && i < len; i++) {
        PyObject *number = PyLong_FromUnsignedLongLong(numbers[i]);

        if (!number)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, (Py_ssize_t)i, number);
    }
    free(numbers);
    return list;
}

static PyObject *server_collect(struct server *self, PyObject *unused)
{
    PyObject **dropped;
    uint64_t *returned;
    size_t dropped_len, returned_len;
    bool ended;

    (void)unused;
    Py_BEGIN_ALLOW_THREADS pthread_mutex_lock(&self->lock);
    while (!self->dropped_len && !self->returned_len && !self->ended)
        pthread_cond_wait(&self->dropping, &self->lock);
    ended = self->ended;
    dropped = self->dropped;
    dropped_len = self->dropped_len;
    returned = self->returned;
    returned_len = self->returned_len;
    self->dropped = NULL;
    self->returned = NULL;
    self->dropped_len = self->dropped_cap = self->returned_len = self->returned_cap = 0;
    pthread_mutex_unlock(&self->lock);
    Py_END_ALLOW_THREADS give_back(dropped, dropped_len);
    if (!ended)
        return list_numbers(returned, returned_len);
    free(returned);
    Py_RETURN_NONE;
}

static PyObject *server_hold(struct server *self, PyObject *args)
{
    PyObject *hold_type;
    struct hold_object *object;
    const char *ident;

    if (!PyArg_ParseTuple(args, "s:hold", &ident))
        return NULL;
    hold_type = PyObject_GetAttrString((PyObject *)self, "Hold");
    if (!hold_type)
        return NULL;
    object = (struct hold_object *)PyType_GenericAlloc((PyTypeObject *)hold_type, 0);
    Py_DECREF(hold_type);
    if (!object)
        return NULL;
    Py_INCREF(self);
    object->server = self;
    object->hold = self->forked ? NULL : sm_server_hold(self->server, ident);
    return (PyObject *)object;
}

static void hold_dealloc(PyObject *object)
{
    struct hold_object *self = (struct hold_object *)object;

    if (!self->server->forked)
        sm_hold_release(self->hold);
    Py_DECREF(self->server);
    free_object(object);
}

/* Session */

/* The request that is answered now; NULL: there is none to answer. */
static struct sm_request *answered(struct session_object *self)
{
    struct sm_request *request = self->server->forked ? NULL : self->request;

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
    if (!self->server->forked) {
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
    if ((self->request && !self->reply) || self->server->forked)
        Py_RETURN_NONE;
    if (self->request) {
        const char *reply = PyBytes_AsString(self->reply);
        size_t len = (size_t)PyBytes_Size(self->reply);

        Py_BEGIN_ALLOW_THREADS request = sm_request_answer_next(self->request, reply, len);
        Py_END_ALLOW_THREADS Py_CLEAR(self->reply);
    }
    if (!request) {
        Py_BEGIN_ALLOW_THREADS request = wait_for_request(self);
        Py_END_ALLOW_THREADS
    }
    self->request = request;
    if (!request)
        Py_RETURN_NONE;
    if (request->kind == SM_REQUEST_DEBUG_INFO)
        return Py_BuildValue("(iNy#)", request->kind, guests_of(request), request->message,
                             (Py_ssize_t)request->message_len);
    if (request->kind == SM_REQUEST_VISIT)
        return Py_BuildValue("(i(Ky#)y#)", request->kind, (unsigned long long)request->visit,
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

static PyObject *session_close(struct session_object *self, PyObject *unused)
{
    (void)unused;
    answer_or_close(self);
    Py_RETURN_NONE;
}

#define METHOD(type, name, flags, doc)                                                             \
    {                                                                                              \
#name, (PyCFunction)type##_##name, flags, doc                                              \
    }

static PyMethodDef server_methods[] = {
    METHOD(server, listen, METH_VARARGS, "listen(address): listen there; the address in full."),
    METHOD(server, register, METH_VARARGS,
           "register(typeid, standard): let clients make one of SyncManager's types."),
    METHOD(server, follow, METH_VARARGS, "follow(pid): end when this process ends."),
    METHOD(server, start, METH_NOARGS, "start(): serve, in a thread of its own."),
    METHOD(server, stop, METH_NOARGS, "stop(): begin to end."),
    METHOD(server, join, METH_NOARGS, "join(): wait for the end."),
    METHOD(server, before_fork, METH_NOARGS, "before_fork(): make the server stand still."),
    METHOD(server, after_fork, METH_VARARGS,
           "after_fork(in_child): go on; in the child, close what is the parent's."),
    METHOD(server, accept, METH_NOARGS,
           "accept(): wait for a connection that needs Python; its Session, or None at the end."),
    METHOD(server, collect, METH_NOARGS,
           "collect(): wait for guests that no client holds any more, and let go of them. "
           "A list of the visits that are over meanwhile; None at the end."),
    METHOD(server, hold, METH_VARARGS,
           "hold(ident): keep a shared object as long as what is returned."),
    {0},
};

static PyType_Slot server_slots[] = {
    {Py_tp_doc, "Server(authkey): a manager's server in C."},
    {Py_tp_new, server_new},
    {Py_tp_dealloc, server_dealloc},
    {Py_tp_methods, server_methods},
    {0},
};

static PyType_Spec server_spec = {
    .name = "syncmanager._core.Server",
    .basicsize = sizeof(struct server),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = server_slots,
};

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

static PyType_Spec session_spec = {
    .name = "syncmanager._core.Session",
    .basicsize = sizeof(struct session_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = session_slots,
};

static PyType_Slot hold_slots[] = {
    {Py_tp_doc, "Keeps a shared object of a Server."},
    {Py_tp_dealloc, hold_dealloc},
    {0},
};

static PyType_Spec hold_spec = {
    .name = "syncmanager._core.Hold",
    .basicsize = sizeof(struct hold_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = hold_slots,
};

/* A type that its server makes instances of, found by its name in the class. */
static int add_made_type(PyObject *server_type, PyType_Spec *spec, const char *name)
{
    PyObject *type = PyType_FromSpec(spec);
    int r = type ? PyObject_SetAttrString(server_type, name, type) : -1;

    Py_XDECREF(type);
    return r;
}

int server_add_types(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&server_spec);

    if (!type)
        return -1;
    if (add_made_type(type, &session_spec, "Session") < 0 ||
        add_made_type(type, &hold_spec, "Hold") < 0 ||
        PyModule_AddIntConstant(module, "REQUEST_CREATE", SM_REQUEST_CREATE) < 0 ||
        PyModule_AddIntConstant(module, "REQUEST_CALL", SM_REQUEST_CALL) < 0 ||
        PyModule_AddIntConstant(module, "REQUEST_DEBUG_INFO", SM_REQUEST_DEBUG_INFO) < 0 ||
        PyModule_AddIntConstant(module, "REQUEST_VISIT", SM_REQUEST_VISIT) < 0 ||
        PyModule_AddObject(module, "Server", type) < 0) {
        Py_DECREF(type);
        return -1;
    }
    return 0;
}
