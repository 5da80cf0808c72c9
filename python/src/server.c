/* SPDX-License-Identifier: MIT */
/*
 * The types that are a manager. The C server runs in a thread of its own that never takes the GIL:
 * what it hands over, and what Python hands back, goes through structs under a lock that is held
 * for a few instructions. Python's threads wait for such a struct to change, without the GIL.
 *
 *   Server   the manager. One thread waits in accept() for connections that need Python, one in
 *            collect() for objects that no client holds any more.
 *   Session  one such connection: a thread takes its requests and answers them (session.c).
 *   Hold     keeps a shared object that the server's own Python code has a proxy of (hold.c).
 *
 * host.c is the server's thread, end.c the end of the process. A guest is any Python object; a
 * reference that the C server has of it is a reference of Python's, given back by collect().
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How late accept() handles a signal at most, as late as the standard server does. */
enum { LOOK_MS = 1000 };

static PyObject *raise_last(PyObject *type)
{
    const struct sm_error *error = sm_last_error();

    if (error->system_error) {
        PyObject *args = Py_BuildValue("(is)", error->system_error, error->message);

        PyErr_SetObject(PyExc_OSError, args);
        Py_XDECREF(args);
    } else {
        PyErr_SetString(error->status == SM_ENOMEM ? PyExc_MemoryError
                        : error->status == SM_EARG ? PyExc_ValueError
                                                   : type,
                        error->message);
    }
    return NULL;
}

/* In the server's thread, without the GIL. What hinders it is for people; nothing else is. */
static void tell(void *context, enum sm_log_level level, const char *message)
{
    (void)context;
    if (level == SM_LOG_ERROR)
        fprintf(stderr, "syncmanager: process %d: %s\n", (int)getpid(), message);
}

static PyObject *server_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"authkey",         "keepalive_ms", "linger_ms",     "sockets_only",
                            "tls_certificate", "tls_key",      "tls_client_ca", NULL};
    struct sm_server_options options = {.bare = true,
                                        .allow_remote = true,
                                        .drain_ms = 500,
                                        .log = tell,
                                        .python_minor = running_python()};
    struct server *self;
    const char *key;
    Py_ssize_t len;
    int sockets_only = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwds, "y#|IIpzzz:Server", names, &key, &len,
                                     &options.keepalive_ms, &options.linger_ms, &sockets_only,
                                     &options.tls_certificate, &options.tls_key,
                                     &options.tls_client_ca))
        return NULL;
    options.sockets_only = sockets_only;
    self = (struct server *)PyType_GenericAlloc(type, 0);
    if (!self)
        return NULL;
    self->pid = getpid();
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
    sm_server_set_host(self->server, &server_host, self);
    return (PyObject *)self;
}

bool is_parents(const struct server *self)
{
    return self->forked || self->pid != getpid();
}

void free_object(PyObject *self)
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

/* Under the server's lock. Returns the guests, of which there are *ret_len. */
static PyObject **take_dropped(struct server *self, size_t *ret_len)
{
    PyObject **dropped = self->dropped;

    *ret_len = self->dropped_len;
    self->dropped = NULL;
    self->dropped_len = self->dropped_cap = 0;
    return dropped;
}

void give_back_if_many(struct server *self)
{
    PyObject **dropped = NULL;
    size_t len = 0;

    pthread_mutex_lock(&self->lock);
    if (self->dropped_len >= DROPPED_MANY)
        dropped = take_dropped(self, &len);
    pthread_mutex_unlock(&self->lock);
    give_back(dropped, len);
}

static void server_dealloc(PyObject *object)
{
    struct server *self = (struct server *)object;

    if (is_parents(self)) {
        if (!self->forked)
            sm_server_in_forked_child(self->server);
    } else {
        forget_sigterm(self);
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

/*
 * The process is there for its manager. glibc would give the memory of each large request back to
 * the system, and take the next one's page by page, which takes as long as all else that is done
 * about it; and it would keep much larger pieces for ever.
 */
static void tune_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
#endif
}

static PyObject *server_start(struct server *self, PyObject *unused)
{
    (void)unused;
    if (self->started) {
        PyErr_SetString(PyExc_RuntimeError, "the server has been started already");
        return NULL;
    }
    tune_memory();
    self->pid = getpid(); /* a child may serve what its parent has made, and not started */
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
    if (!is_parents(self))
        sm_server_stop(self->server);
    Py_RETURN_NONE;
}

static PyObject *server_join(struct server *self, PyObject *unused)
{
    (void)unused;
    if (!self->started || self->joined || is_parents(self))
        Py_RETURN_NONE;
    self->joined = true;
    Py_BEGIN_ALLOW_THREADS
    pthread_join(self->thread, NULL);
    Py_END_ALLOW_THREADS
    Py_DECREF(self);
    Py_RETURN_NONE;
}

static PyObject *server_before_fork(struct server *self, PyObject *unused)
{
    (void)unused;
    if (!is_parents(self)) {
        Py_BEGIN_ALLOW_THREADS
        sm_server_before_fork(self->server);
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

/*
 * Wait until accept() is told of something, or a signal comes. False: with an exception. A signal
 * that comes just before poll() does not end it; the program's wakeup descriptor is not ours to
 * set.
 */
static bool wait_for_news(struct server *self)
{
    struct pollfd poll_news = {.fd = self->news[0], .events = POLLIN};
    char bytes[64];
    int r;

    Py_BEGIN_ALLOW_THREADS
    r = poll(&poll_news, 1, LOOK_MS);
    if (r > 0)
        r = read(self->news[0], bytes, sizeof(bytes)) < 0 && errno != EAGAIN ? -1 : 0;
    Py_END_ALLOW_THREADS
    if (r < 0 && errno != EINTR) {
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
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->lock);
    while (!self->dropped_len && !self->returned_len && !self->ended)
        pthread_cond_wait(&self->dropping, &self->lock);
    ended = self->ended;
    dropped = take_dropped(self, &dropped_len);
    returned = self->returned;
    returned_len = self->returned_len;
    self->returned = NULL;
    self->returned_len = self->returned_cap = 0;
    pthread_mutex_unlock(&self->lock);
    Py_END_ALLOW_THREADS
    give_back(dropped, dropped_len);
    if (!ended)
        return list_numbers(returned, returned_len);
    free(returned);
    Py_RETURN_NONE;
}

static PyMethodDef server_methods[] = {
    METHOD(server, listen, METH_VARARGS, "listen(address): listen there; the address in full."),
    METHOD(server, register, METH_VARARGS,
           "register(typeid, standard): let clients make one of SyncManager's types."),
    METHOD(server, follow, METH_VARARGS, "follow(pid): end when this process ends."),
    METHOD(server, heed_sigterm, METH_NOARGS,
           "heed_sigterm(): at SIGTERM, end as soon as nobody needs the server."),
    METHOD(server, had_sigterm, METH_NOARGS, "had_sigterm(): whether it has come."),
    METHOD(server, end_within, METH_VARARGS,
           "end_within(ms): end the process so long after the server at the latest, by a signal."),
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
    {Py_tp_doc, "Server(authkey, keepalive_ms, linger_ms, sockets_only): a manager's server in C, "
                "that outlives the process "
                "which it follows while anybody is connected, and for so long after."},
    {Py_tp_new, server_new},
    {Py_tp_dealloc, server_dealloc},
    {Py_tp_methods, server_methods},
    {0},
};

static PyType_Spec server_spec = {
    .name = "syncmanager._core.Server",
    .basicsize = sizeof(struct server),
    .flags = TYPE_FLAGS | Py_TPFLAGS_BASETYPE,
    .slots = server_slots,
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
        PyModule_AddIntConstant(module, "REQUEST_ASK", SM_REQUEST_ASK) < 0 ||
        PyModule_AddIntConstant(module, "REQUEST_BRING", SM_REQUEST_BRING) < 0 ||
        PyModule_AddIntConstant(module, "ASK_TRUTH", SM_ASK_TRUTH) < 0 ||
        PyModule_AddIntConstant(module, "ASK_INDEX", SM_ASK_INDEX) < 0 ||
        PyModule_AddIntConstant(module, "ASK_NUMBER", SM_ASK_NUMBER) < 0 ||
        PyModule_AddIntConstant(module, "ASK_UNITS", SM_ASK_UNITS) < 0 ||
        PyModule_AddIntConstant(module, "ASK_TEXT", SM_ASK_TEXT) < 0 ||
        PyModule_AddIntConstant(module, "ASK_NAME", SM_ASK_NAME) < 0 ||
        PyModule_AddIntConstant(module, "ASK_ITEM", SM_ASK_ITEM) < 0 ||
        PyModule_AddIntConstant(module, "ASK_WAIT", SM_ASK_WAIT) < 0 ||
        PyModule_AddIntConstant(module, "ASK_WAIT_UNTIL", SM_ASK_WAIT_UNTIL) < 0 ||
        PyModule_AddIntConstant(module, "ASK_QUEUE_WAIT", SM_ASK_QUEUE_WAIT) < 0 ||
        PyModule_AddIntConstant(module, "ASK_QUEUE_TIMEOUT", SM_ASK_QUEUE_TIMEOUT) < 0 ||
        PyModule_AddIntConstant(module, "ASK_LOCK_BLOCKING", SM_ASK_LOCK_BLOCKING) < 0 ||
        PyModule_AddIntConstant(module, "ASK_LOCK_TIMEOUT", SM_ASK_LOCK_TIMEOUT) < 0 ||
        PyModule_AddObject(module, "Server", type) < 0) {
        Py_DECREF(type);
        return -1;
    }
    return 0;
}
