/* SPDX-License-Identifier: MIT */
/*
 * The server's thread, which never takes the GIL: what the C server hands over is put where
 * Python's threads look for it, under a lock that is held for a few instructions, and they are
 * told.
 */
#include "server.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

void session_unref(struct session *session)
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

/*
 * Make room for one more in a row; false: there is none, and what was to be in it is kept for ever.
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

/* The standard library's server ends at once, and its manager kills it after a second. */
#define METHODS_TIME_MS 100

const struct sm_host server_host = {
    .serve = host_serve,
    .ended = host_ended,
    .dropped = host_dropped,
    .returned = host_returned,
    .drain_ms = METHODS_TIME_MS,
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
    server_is_over(self);
    return NULL;
}

/* Signals are for Python's threads. */
int start_thread(struct server *self)
{
    sigset_t all, before;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&self->thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}
