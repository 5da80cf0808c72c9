/* SPDX-License-Identifier: MIT */
/*
 * A thread's connections. They are found through the thread, opened at need, and closed when the
 * thread ends, the manager is closed, or a call leaves them out of step. One to a manager is
 * enough, but for a thread that calls out of a look (see sm_manager_options) at another call of its
 * own: that gets a second.
 *
 * A manager of ours says so, and gives the connection's number: then references are counted over
 * it, and a call whose deadline passes is withdrawn in the manager by a request on the side, so
 * that the connection, and the RLocks it owns, live on.
 */
#include "client/client.h"

#include "base/error.h"
#include "client/cache.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* How long a connection may take to close in order. */
#define SETTLE_TIME (1 * SEC)

/* How many texts a thread keeps: a printf() may want several. */
#define TEXTS 4

struct thread {
    struct list connections;
    struct buffer texts[TEXTS]; /* what thread_text() handed out, in turn */
    unsigned text;              /* the next of them */
    struct sm_reply *spare;     /* owned; memory for the next answer, or NULL */
};

static pthread_key_t thread_key;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static int thread_key_error;

/*
 * Answers that are not read would reset the connection when it closes, and what was posted with it.
 */
static void settle(struct connection *c)
{
    struct channel_wait wait = {0};

    if (!c->owed || c->broken || c->process != this_process())
        return;
    wait.deadline = channel_deadline(SETTLE_TIME);
    c->broken = connection_settle(c, &wait) < 0;
}

/*
 * Close what a child has of its parent's: open descriptors would keep the parent's connections open
 * when the parent has closed them. What is in the list is open, in the list's order at least. All
 * memory is left as it is: a thread of the parent may have been about to move it.
 */
static void close_inherited(struct sm_manager *manager)
{
    struct connection *c;

    list_for_each(c, &manager->connections, manager_link) {
        channel_close_inherited(&c->channel);
    }
    wakeup_close(&manager->wakeup); /* it would wake the parent, and take what is to wake it */
}

/*
 * In a forked child the manager's list and its lock are the parent's, the lock perhaps taken by a
 * thread that is not here: make them anew. The first thread of the child to come here does, the
 * others wait for it. A child that was forked in the midst of that begins again, and can tell.
 */
static void follow_fork(struct sm_manager *manager)
{
    process_id here = this_process(), before = atomic_load(&manager->follower);

    if (atomic_load(&manager->process) == here)
        return;
    if (before == here || !atomic_compare_exchange_strong(&manager->follower, &before, here)) {
        while (atomic_load(&manager->process) != here)
            sched_yield();
        return;
    }
    if (pthread_mutex_trylock(&manager->lock) == 0) {
        if (atomic_load(&manager->process) == before)
            close_inherited(manager);
        pthread_mutex_unlock(&manager->lock);
    } else {
        pthread_mutex_init(&manager->lock, NULL);
    }
    list_init(&manager->connections);
    wakeup_open(&manager->wakeup);
    atomic_store(&manager->process, here);
}

/*
 * The last that connection_get() found for this thread. A fixed place for it (tls_model) would save
 * a call, but is to be had for all that the library has of a thread, or for nothing: that is more
 * than there is room for in a process that loads it late, as Python does.
 */
static _Thread_local struct connection *recent;

struct connection *connection_recent(struct sm_manager *manager)
{
    struct connection *c = recent;

    return c && c->manager == manager && c->process == this_process() && !c->busy ? c : NULL;
}

void connection_drop_descriptors(struct connection *c)
{
    for (size_t i = 0; i < SHARE_DESCRIPTORS; i++) {
        if (c->descriptors[i] >= 0)
            close(c->descriptors[i]);
        c->descriptors[i] = -1;
    }
}

void connection_free(struct connection *c)
{
    struct sm_manager *manager = c->manager;

    if (recent == c)
        recent = NULL;
    list_remove(&c->link);
    settle(c);
    if (c->process == this_process()) {
        pthread_mutex_lock(&manager->lock);
        list_remove(&c->manager_link);
        pthread_mutex_unlock(&manager->lock);
    } else {
        follow_fork(manager); /* or it would find this one in its list */
    }
    channel_close(&c->channel);
    connection_drop_descriptors(c);
    cache_free(c->cache);
    buffer_deinit(&c->out);
    free(c);
    manager_unref(manager);
}

static void thread_end(void *memory)
{
    struct thread *thread = memory;
    struct connection *c;

    list_for_each(c, &thread->connections, link) {
        settle(c);
        if (c->process == this_process())
            channel_cut(&c->channel); /* a forked child may hold it open: its RLocks go now */
        connection_free(c);
    }
    for (size_t i = 0; i < TEXTS; i++)
        buffer_deinit(&thread->texts[i]);
    reply_drop(thread->spare);
    free(thread);
}

static void make_thread_key(void)
{
    thread_key_error = pthread_key_create(&thread_key, thread_end);
}

static struct thread *this_thread(void)
{
    struct thread *thread;

    pthread_once(&thread_once, make_thread_key);
    if (thread_key_error)
        return NULL;
    thread = pthread_getspecific(thread_key);
    if (thread)
        return thread;
    thread = calloc(1, sizeof(*thread));
    if (!thread)
        return NULL;
    list_init(&thread->connections);
    if (pthread_setspecific(thread_key, thread) != 0) {
        free(thread);
        return NULL;
    }
    return thread;
}

struct connection *connection_find(struct sm_manager *manager)
{
    struct thread *thread = this_thread();
    process_id here = this_process();
    struct connection *c;

    if (!thread || atomic_load(&manager->closed))
        return NULL;
    list_for_each(c, &thread->connections, link) {
        if (c->manager == manager && c->process == here && !c->busy)
            return recent = c;
    }
    return NULL;
}

struct buffer *thread_text(void)
{
    struct thread *thread = this_thread();
    struct buffer *text;

    if (!thread)
        return NULL;
    text = &thread->texts[thread->text++ % TEXTS];
    buffer_clear(text);
    return text;
}

struct sm_reply *thread_take_reply(void)
{
    struct thread *thread = this_thread();

    return thread ? TAKE_PTR(thread->spare) : NULL;
}

bool thread_keep_reply(struct sm_reply *reply)
{
    struct thread *thread = this_thread();

    if (!thread || thread->spare)
        return false;
    thread->spare = reply;
    return true;
}

static int out_of_memory(void)
{
    return error_set_memory();
}

struct channel_wait manager_wait(struct sm_manager *manager)
{
    unsigned timeout_ms = atomic_load(&manager->timeout_ms);

    follow_fork(manager); /* or this would be the parent's descriptor */
    return (struct channel_wait){
        .deadline = channel_deadline(timeout_ms ? timeout_ms * MSEC : FOREVER),
        .wakeup = &manager->wakeup,
        .interrupts = &manager->interrupts,
        .interrupts_seen = atomic_load(&manager->interrupts),
        .look = manager->look,
        .look_context = manager->look_context,
    };
}

/* A server function over the thread's new connection. */
static int ask(struct connection *c, const struct channel_wait *wait, struct outgoing request,
               struct sm_reply **ret)
{
    struct frame frame;
    int r = request_exchange(c->manager, &c->channel, &c->out, wait, &request, &frame);

    return r < 0 ? r : reply_take(&c->channel, &frame, false, ret);
}

/* The name that a stock server gives its thread. */
static int accept_connection(struct connection *c, const struct channel_wait *wait)
{
    struct sm_reply *reply;
    int r = ask(c, wait, server_function("accept_connection", SM_TUPLE(sm_str("libsyncmanager"))),
                &reply);

    if (r == SM_OK)
        sm_reply_free(reply);
    return r;
}

/* Ask what only a manager of ours answers: the number of this connection. */
static int identify(struct connection *c, const struct channel_wait *wait)
{
    unsigned python = c->manager->python_minor;
    struct sm_value args = python ? SM_TUPLE(sm_int(python)) : no_args();
    struct sm_reply *reply;
    int r = ask(c, wait, server_function("sm_connection", args), &reply);

    if (r == SM_ERAISED)
        return SM_OK; /* a stock server */
    if (r < 0)
        return r;
    if (reply->value.kind == SM_KIND_INT)
        c->id = (uint64_t)reply->value.integer;
    sm_reply_free(reply);
    return SM_OK;
}

static int connection_open(struct sm_manager *manager, struct thread *thread,
                           struct connection **ret)
{
    struct connection *c = calloc(1, sizeof(*c));
    struct channel_wait wait = manager_wait(manager);
    const char *why;
    int r;

    if (!c)
        return out_of_memory();
    c->process = this_process();
    c->manager = manager;
    c->busy = true; /* for calls of a look meanwhile */
    for (size_t i = 0; i < SHARE_DESCRIPTORS; i++)
        c->descriptors[i] = -1;
    atomic_fetch_add(&manager->refs, 1);
    list_init(&c->manager_link);
    list_append(&thread->connections, &c->link);
    r = manager_open_channel(manager, &c->channel, &wait, &why);
    c->channel.spin = spin_from(manager->spins);
    if (r < 0)
        r = channel_error(manager, r, why);
    else
        r = accept_connection(c, &wait);
    if (r == SM_OK)
        r = identify(c, &wait);
    if (r < 0) {
        connection_free(c);
        return r;
    }
    c->busy = false;
    pthread_mutex_lock(&manager->lock);
    list_append(&manager->connections, &c->manager_link);
    pthread_mutex_unlock(&manager->lock);
    *ret = c;
    return SM_OK;
}

void sm_manager_forked(struct sm_manager *manager)
{
    if (manager)
        follow_fork(manager);
}

/*
 * Answers that nobody waited for stand before the end of a connection: take those that are there.
 */
static bool is_dead(struct connection *c)
{
    int r = 0;

    while (c->owed && r == 0 && channel_has_news(&c->channel)) {
        struct channel_wait wait = {.deadline = channel_deadline(MSEC)};
        struct frame frame;

        r = channel_receive(&c->channel, &wait, &frame);
        c->owed -= r == 0;
    }
    return r < 0 ? r != -ETIMEDOUT : !c->owed && channel_has_news(&c->channel);
}

static bool is_closed(struct connection *c)
{
    return atomic_load(&c->manager->closed);
}

/* Let go of this thread's connections to a manager that are of that kind. */
static void drop(struct sm_manager *manager, bool (*is)(struct connection *c))
{
    struct thread *thread = this_thread();
    struct connection *c;

    if (!thread)
        return;
    list_for_each(c, &thread->connections, link) {
        if (c->manager == manager && c->process == this_process() && !c->busy && is(c))
            connection_free(c);
    }
}

void connection_drop_dead(struct sm_manager *manager)
{
    drop(manager, is_dead);
}

void connection_drop_closed(struct sm_manager *manager)
{
    drop(manager, is_closed);
}

int connection_get(struct sm_manager *manager, struct connection **ret)
{
    struct thread *thread = this_thread();
    process_id here = this_process();
    struct connection *c;

    if (!thread)
        return out_of_memory();
    follow_fork(manager);
    list_for_each(c, &thread->connections, link) {
        if (c->busy)
            continue;
        if (c->manager == manager && c->process == here) {
            recent = *ret = c;
            return SM_OK;
        }
        if (c->process != here || atomic_load(&c->manager->closed))
            connection_free(c);
    }
    return connection_open(manager, thread, ret);
}
