/* SPDX-License-Identifier: MIT */
/*
 * A thread's connections. They are found through the thread, opened at need, and closed when the
 * thread ends, the manager is closed, or a call leaves them out of step.
 *
 * A manager of ours says so, and gives the connection's number: then references are counted over
 * it, and a call whose deadline passes is withdrawn in the manager by a request on the side, so
 * that the connection, and the RLocks it owns, live on.
 */
#include "client/client.h"

#include "base/error.h"
#include "pickle/opcodes.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* How long the manager may take to withdraw a call, before the connection is given up. */
#define WITHDRAW_TIME (1 * SEC)

/* How many texts a thread keeps: a printf() may want several. */
#define TEXTS 4

struct thread {
    struct list connections;
    struct buffer out;          /* the request at hand */
    struct buffer texts[TEXTS]; /* what thread_text() handed out, in turn */
    unsigned text;              /* the next of them */
};

static pthread_key_t thread_key;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static int thread_key_error;

static void connection_free(struct connection *c)
{
    struct sm_manager *manager = c->manager;

    list_remove(&c->link);
    if (c->pid == getpid()) {
        pthread_mutex_lock(&manager->lock);
        list_remove(&c->manager_link);
        pthread_mutex_unlock(&manager->lock);
    }
    channel_close(&c->channel);
    free(c);
    manager_unref(manager);
}

static void thread_end(void *memory)
{
    struct thread *thread = memory;
    struct connection *c;

    list_for_each(c, &thread->connections, link) connection_free(c);
    buffer_deinit(&thread->out);
    for (size_t i = 0; i < TEXTS; i++)
        buffer_deinit(&thread->texts[i]);
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

static int out_of_memory(void)
{
    return error_set(SM_ENOMEM, "out of memory");
}

/* What a failure of the channel means to the caller. */
static int channel_error(struct sm_manager *manager, int r, const char *why)
{
    switch (r) {
    case -ENOMEM:
        return out_of_memory();
    case -ETIMEDOUT:
        return error_set(SM_ETIMEDOUT, "%s: no answer within %u ms", manager->text,
                         atomic_load(&manager->timeout_ms));
    case -EINTR:
        return error_set(SM_EINTERRUPTED, "%s: the call was interrupted", manager->text);
    case -EACCES:
        return error_set(SM_EREFUSED, "%s: the key is not the manager's (%s)", manager->text, why);
    case -EPROTO:
    case -EMSGSIZE:
        return error_set(SM_EPROTOCOL, "%s: %s", manager->text,
                         r == -EMSGSIZE ? "an answer over the size limit" : why);
    case -ECONNREFUSED:
    case -ENOENT:
        return error_set(SM_ECLOSED, "%s: no manager is there", manager->text);
    case -EPIPE:
    case -ECONNRESET:
        return error_set(SM_ECLOSED, "%s: the manager went away", manager->text);
    default:
        return error_set(SM_ESYSTEM, "%s: %s", manager->text, strerror(-r));
    }
}

struct channel_wait manager_wait(struct sm_manager *manager)
{
    unsigned timeout_ms = atomic_load(&manager->timeout_ms);

    return (struct channel_wait){
        .deadline = timeout_ms ? channel_now() + timeout_ms * MSEC : FOREVER,
        .interrupt_fd = manager->interrupt_fd,
        .interrupts = &manager->interrupts,
        .interrupts_seen = atomic_load(&manager->interrupts),
    };
}

/* Append a framed request. */
static int write_request(struct buffer *out, struct sm_value target, const char *name,
                         struct sm_value args, struct sm_value kwargs)
{
    struct pickler p;
    size_t mark = frame_begin(out);
    int r;

    pickler_init(&p, out);
    pickler_start(&p);
    pickler_op(&p, MARK);
    pickler_value(&p, NULL, target);
    pickler_value(&p, NULL, sm_str(name));
    pickler_value(&p, NULL, args);
    pickler_value(&p, NULL, kwargs);
    pickler_op(&p, TUPLE);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    if (r == -ELOOP || r == -E2BIG)
        return error_set(SM_EARG, "an argument nests too deep");
    if (r == -EINVAL)
        return error_set(SM_EARG, "an argument is missing");
    if (r < 0)
        return out_of_memory();
    frame_end(out, mark);
    return out->failed ? out_of_memory() : SM_OK;
}

/* A server function over a channel; `out` is scratch. */
static int exchange(struct sm_manager *manager, struct channel *channel, struct buffer *out,
                    const struct channel_wait *wait, const char *name, struct sm_value args,
                    struct sm_value kwargs, struct frame *ret)
{
    int r;

    buffer_clear(out);
    r = write_request(out, sm_none(), name, args, kwargs);
    if (r < 0)
        return r;
    r = channel_send(channel, out->data, out->len, wait);
    if (r == 0)
        r = channel_receive(channel, wait, ret);
    return r < 0 ? channel_error(manager, r, "not a message") : SM_OK;
}

/* Hand a reply on to who wants it. */
static int give_reply(struct sm_reply *reply, struct sm_reply **ret)
{
    if (ret)
        *ret = reply;
    else
        sm_reply_free(reply);
    return SM_OK;
}

int manager_request_once(struct sm_manager *manager, const char *name, struct sm_value args,
                         struct sm_value kwargs, const struct channel_wait *wait,
                         struct sm_reply **ret)
{
    CLEANUP(channel_close) struct channel channel;
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct sm_reply *reply;
    struct frame frame;
    const char *why;
    int r;

    r = channel_open(&channel, &manager->address, manager->key, manager->max_message, wait, &why);
    if (r < 0)
        return channel_error(manager, r, why);
    r = exchange(manager, &channel, &out, wait, name, args, kwargs, &frame);
    if (r == SM_OK)
        r = reply_parse(&frame, &reply);
    return r < 0 ? r : give_reply(reply, ret);
}

/* The name that a stock server gives its thread. */
static int accept_connection(struct connection *c, struct buffer *out,
                             const struct channel_wait *wait)
{
    struct sm_reply *reply;
    struct frame frame;
    int r;

    r = exchange(c->manager, &c->channel, out, wait, "accept_connection",
                 SM_TUPLE(sm_str("libsyncmanager")), no_kwargs(), &frame);
    if (r == SM_OK)
        r = reply_parse(&frame, &reply);
    if (r == SM_OK)
        sm_reply_free(reply);
    return r;
}

/* Ask what only a manager of ours answers: the number of this connection. */
static int identify(struct connection *c, struct buffer *out, const struct channel_wait *wait)
{
    struct sm_reply *reply;
    struct frame frame;
    int r;

    r = exchange(c->manager, &c->channel, out, wait, "sm_connection", no_args(), no_kwargs(),
                 &frame);
    if (r == SM_OK)
        r = reply_parse(&frame, &reply);
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
    c->pid = getpid();
    c->manager = manager;
    atomic_fetch_add(&manager->refs, 1);
    list_init(&c->manager_link);
    list_append(&thread->connections, &c->link);
    r = channel_open(&c->channel, &manager->address, manager->key, manager->max_message, &wait,
                     &why);
    if (r < 0)
        r = channel_error(manager, r, why);
    else
        r = accept_connection(c, &thread->out, &wait);
    if (r == SM_OK)
        r = identify(c, &thread->out, &wait);
    if (r < 0) {
        connection_free(c);
        return r;
    }
    pthread_mutex_lock(&manager->lock);
    list_append(&manager->connections, &c->manager_link);
    pthread_mutex_unlock(&manager->lock);
    *ret = c;
    return SM_OK;
}

/*
 * In a forked child the manager's list and its lock are the parent's, the lock perhaps taken by a
 * thread that is not here: start anew.
 */
static void follow_fork(struct sm_manager *manager, pid_t pid)
{
    pid_t before = atomic_load(&manager->pid);

    if (before == pid || !atomic_compare_exchange_strong(&manager->pid, &before, pid))
        return;
    pthread_mutex_init(&manager->lock, NULL);
    list_init(&manager->connections);
}

int connection_get(struct sm_manager *manager, struct connection **ret)
{
    struct thread *thread = this_thread();
    pid_t pid = getpid();
    struct connection *c;

    if (!thread)
        return out_of_memory();
    follow_fork(manager, pid);
    list_for_each(c, &thread->connections, link)
    {
        if (c->manager == manager && c->pid == pid) {
            *ret = c;
            return SM_OK;
        }
        if (c->pid != pid || atomic_load(&c->manager->closed))
            connection_free(c);
    }
    return connection_open(manager, thread, ret);
}

/* Ask the manager to end the call of a connection. Returns whether there was one to end. */
static int request_withdrawal(struct connection *c, const struct channel_wait *wait,
                              bool *ret_withdrawn)
{
    struct sm_reply *reply;
    int r;

    if (!c->id)
        return SM_ETIMEDOUT; /* a stock server cannot */
    r = manager_request_once(c->manager, "sm_withdraw", SM_TUPLE(sm_int((int64_t)c->id)),
                             no_kwargs(), wait, &reply);
    if (r < 0)
        return r;
    *ret_withdrawn = reply->value.kind == SM_KIND_BOOL && reply->value.boolean;
    sm_reply_free(reply);
    return SM_OK;
}

/*
 * The deadline has passed, or an interrupt came, while the manager worked on our call. Withdraw it;
 * then its answer, be it the real one that was quicker, must come. Returns SM_OK with the real one.
 */
static int withdraw(struct connection *c, int reason, struct frame *ret)
{
    struct sm_manager *manager = c->manager;
    struct channel_wait wait = {.deadline = channel_now() + WITHDRAW_TIME, .interrupt_fd = -1};
    bool withdrawn = false;
    int r;

    r = request_withdrawal(c, &wait, &withdrawn);
    if (r == SM_OK)
        r = channel_receive(&c->channel, &wait, ret);
    if (r == SM_OK && !withdrawn)
        return SM_OK;
    if (r < 0)
        connection_free(c);
    return channel_error(manager, reason, "");
}

static int send_request(struct connection *c, const struct buffer *out,
                        const struct channel_wait *wait)
{
    int r = channel_send(&c->channel, out->data, out->len, wait);

    if (r == 0)
        return SM_OK;
    r = channel_error(c->manager, r, "");
    connection_free(c);
    return r;
}

static int receive_answer(struct connection *c, const struct channel_wait *wait, struct frame *ret)
{
    int r = channel_receive(&c->channel, wait, ret);

    if (r == 0)
        return SM_OK;
    if (r == -ETIMEDOUT || r == -EINTR)
        return withdraw(c, r, ret);
    r = channel_error(c->manager, r, "the answer is not a message");
    connection_free(c);
    return r;
}

int connection_call(struct connection *c, struct sm_value target, const char *name,
                    struct sm_value args, struct sm_value kwargs, struct sm_reply **ret)
{
    struct channel_wait wait = manager_wait(c->manager);
    struct buffer *out = &this_thread()->out;
    struct sm_reply *reply;
    struct frame frame;
    int r;

    buffer_clear(out);
    r = write_request(out, target, name, args, kwargs);
    if (r == SM_OK)
        r = send_request(c, out, &wait);
    if (r == SM_OK)
        r = receive_answer(c, &wait, &frame);
    if (r == SM_OK)
        r = reply_parse(&frame, &reply);
    return r < 0 ? r : give_reply(reply, ret);
}

int manager_request(struct sm_manager *manager, const char *name, struct sm_value args,
                    struct sm_value kwargs, struct sm_reply **ret)
{
    struct channel_wait wait = manager_wait(manager);
    struct connection *c;
    int r = connection_get(manager, &c);

    if (r < 0)
        return r;
    if (c->id)
        return connection_call(c, sm_none(), name, args, kwargs, ret);
    return manager_request_once(manager, name, args, kwargs, &wait, ret);
}
