/* SPDX-License-Identifier: MIT */
/* What the files of the types that are a manager share: server.c says how they work together. */
#ifndef PYTHON_SERVER_H
#define PYTHON_SERVER_H

#include "core.h"

#include <pthread.h>
#include <stdbool.h>
#include <syncmanager.h>
#include <sys/types.h>

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
    pid_t pid;   /* the process whose it is: that made it, or has started it */
    bool forked; /* it ran at the fork, and its descriptors are closed here */
    pthread_t thread;
    bool started, joined;
    unsigned end_ms; /* how long the process may take to end after the server; 0: as it likes */

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

#define METHOD(type, name, flags, doc)                                                             \
    {                                                                                              \
#name, (PyCFunction)type##_##name, flags, doc                                              \
    }

/* What the C server calls, in its thread. Its context is the struct server. */
extern const struct sm_host server_host;

/*
 * Whether it is the parent's of this forked child, which has none of the threads: then it is left
 * alone, its lock too. That is so from the first moment of the child, in which Python lets go of
 * what the parent's threads had.
 */
bool is_parents(const struct server *self);

/* So many guests that were dropped may wait for collect(). */
#define DROPPED_MANY 64

/*
 * With the GIL: give back the guests that wait for collect(), if there are many. A session that is
 * busy without a pause can keep the thread that collects from the GIL for seconds.
 */
void give_back_if_many(struct server *self);

/* Start the server's thread. Returns 0 or an error number. */
int start_thread(struct server *self);

/* SIGTERM, and the end of the process. */
PyObject *server_heed_sigterm(struct server *self, PyObject *unused);
PyObject *server_had_sigterm(struct server *self, PyObject *unused);
PyObject *server_end_within(struct server *self, PyObject *args);
void forget_sigterm(struct server *self);

/* In the server's thread, whose last act it is. */
void server_is_over(struct server *self);

/* Under the server's lock, or when nobody else is left. */
void session_unref(struct session *session);

/* Free an object of a type of ours, and let go of the type. */
void free_object(PyObject *self);

extern PyType_Spec session_spec;
extern PyType_Spec hold_spec;

/* The Session that serves this; its reference is taken over, unless NULL is returned. */
PyObject *session_object_new(struct server *self, struct session *session);

/* The method hold() of a Server. */
PyObject *server_hold(struct server *self, PyObject *args);

#endif
