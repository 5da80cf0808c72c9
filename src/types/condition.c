/* SPDX-License-Identifier: MIT */
/*
 * Condition: calls that wait, beside a lock. wait() parks here and lets go of the lock entirely; a
 * notification, or the end of its time, moves the call over to the lock's own waiters, from where
 * it is answered once it holds the lock again, as deep as before.
 *
 * The lock is the Condition's own RLock, or any shared Lock, RLock or semaphore whose proxy was
 * given; methods of the lock called through the Condition are simply the lock's.
 */
#include "types/condition.h"

#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "types/lockable.h"
#include "types/types.h"
#include "value/known.h"
#include "value/number.h"

#include <errno.h>

struct condition {
    struct object object;
    struct lockable *lock; /* one reference to its object */
    struct waitq waiters;  /* their numbers are the levels to restore */
    size_t waiting;        /* how many they are */
};

static struct condition *condition_of(struct object *self)
{
    return container_of(self, struct condition, object);
}

struct lockable *condition_lock(struct object *self)
{
    return condition_of(self)->lock;
}

static void waiter_expired(struct waitq *queue, struct call *call)
{
    struct condition *cond = container_of(queue, struct condition, waiters);

    cond->waiting--;
    lockable_reacquire(cond->lock, call, call->number, false);
}

static void waiter_withdrawn(struct waitq *queue, struct call *call)
{
    (void)call;
    container_of(queue, struct condition, waiters)->waiting--;
}

static const struct waitq_ops waiters_ops = {
    .expired = waiter_expired,
    .withdrawn = waiter_withdrawn,
};

/* Those who come to wait meanwhile, answered and called again, are not meant. */
static void notify_oldest(struct condition *cond, size_t n)
{
    struct call *call;

    for (n = MIN(n, cond->waiting); n > 0 && (call = waitq_take(&cond->waiters)); n--) {
        cond->waiting--;
        lockable_reacquire(cond->lock, call, call->number, true);
    }
}

void condition_pass_on(struct object *self)
{
    notify_oldest(condition_of(self), 1);
}

/* The name of v's type, which for a proxy is its class's. */
static const char *lock_type_name(struct call *call, struct sm_value v)
{
    struct value_proxy proxy;
    struct sm_value name;

    if (v.kind != SM_KIND_OBJECT || !value_is_proxy(v.object, &proxy) ||
        proxy.factory.kind != SM_KIND_GLOBAL)
        return call_type_name(call, v);
    if (tree_str(call->tree, proxy.factory.global->name, proxy.factory.global->name_len, &name) < 0)
        return "proxy";
    return name.text;
}

static bool is_foreign_proxy(struct sm_value v)
{
    struct value_proxy proxy;

    return v.kind == SM_KIND_OBJECT && !v.object->ref && value_is_proxy(v.object, &proxy);
}

static bool share_lock(struct condition *cond, struct call *call, struct sm_value v)
{
    struct object *object = call_proxied(v);
    struct lockable *lock = object ? lockable_of(object) : NULL;

    if (lock) {
        cond->lock = lock;
        object_ref(&lock->object);
    } else if (is_foreign_proxy(v)) {
        call_raise(call, "NotImplementedError",
                   "a Condition's lock must be of the same manager as the Condition");
    } else {
        call_raise_missing(call, lock_type_name(call, v), sm_str("acquire"), true);
    }
    return lock != NULL;
}

static bool condition_init(struct object *self, struct call *call)
{
    struct condition *cond = condition_of(self);
    struct object *own;

    waitq_init(&cond->waiters, &waiters_ops);
    if (call->arg[0].kind != SM_KIND_NONE && call->arg[0].kind != SM_KIND_MISSING)
        return share_lock(cond, call, call->arg[0]);
    own = object_new(call->registry, &rlock_type, call);
    cond->lock = own ? lockable_of(own) : NULL;
    return own != NULL;
}

static void condition_deinit(struct object *self)
{
    struct condition *cond = condition_of(self);

    if (cond->lock)
        object_unref(&cond->lock->object);
}

/* Its methods look at the lock, which may be lent. */
static struct object *condition_looks_into(const struct object *self)
{
    struct lockable *lock = container_of(self, const struct condition, object)->lock;

    return lock ? &lock->object : NULL;
}

static int condition_repr(struct object *self, struct buffer *out, unsigned python)
{
    struct condition *cond = condition_of(self);
    int r;

    buffer_add_str(out, "<Condition(");
    r = object_repr(&cond->lock->object, out, python);
    if (r < 0)
        return r;
    buffer_addf(out, ", %zu)>", cond->waiting);
    return out->failed ? -ENOMEM : 0;
}

/* An acquire or a wait: what it was handed is the lock; a wait was handed its notification too. */
static void condition_give_back(struct object *self, struct call *call)
{
    if (lockable_was_notified(call))
        condition_pass_on(self);
    lockable_give_back(&condition_lock(self)->object, call);
}

/* Run the lock's method of that name. */
static void lend(struct object *self, struct call *call, const char *name)
{
    struct object *lock = &condition_lock(self)->object;
    const struct method *method =
        object_method(lock, name, strlen(name), call->python, call->proxies);

    if (!method) {
        call_raise_missing(call, lock->type->name, sm_str(name), true);
        return;
    }
    if (call_bind(call, &method->takes, method->owner ? method->owner : lock->type->name, name))
        method->fn(lock, call);
}

static void condition_acquire(struct object *self, struct call *call)
{
    lend(self, call, "acquire");
}

static void condition_release(struct object *self, struct call *call)
{
    lend(self, call, "release");
}

static void condition_locked(struct object *self, struct call *call)
{
    lend(self, call, "locked");
}

/* It parks before it lets go of the lock: should that fail, nothing has happened. */
static void condition_wait(struct object *self, struct call *call)
{
    struct condition *cond = condition_of(self);
    const struct lockable_ops *ops = cond->lock->ops;
    uint64_t levels = ops->held(cond->lock, call->caller);
    nsec timeout;

    if (!levels) {
        call_raise(call, "RuntimeError", "cannot wait on un-acquired lock");
        return;
    }
    if (!call_wait_time(call, call->arg[0], &timeout))
        return;
    if (timeout == 0) {
        ops->drop(cond->lock);
        lockable_reacquire(cond->lock, call, levels, false);
        return;
    }
    call->number = levels;
    waitq_park(&cond->waiters, call, timeout);
    if (call->answered)
        return;
    cond->waiting++;
    ops->drop(cond->lock);
}

/* 3.8 counts with islice(). */
static bool slice_count(struct call *call, struct sm_value n, size_t *ret)
{
    if (n.kind == SM_KIND_NONE) {
        *ret = SIZE_MAX;
    } else if (n.kind == SM_KIND_BOOL) {
        *ret = n.boolean;
    } else if (n.kind == SM_KIND_INT && n.integer >= 0) {
        *ret = (size_t)n.integer;
    } else {
        call_raise(call, "ValueError",
                   "%s for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
                   n.kind == SM_KIND_INT && n.integer < -1 ? "Indices" : "Stop argument");
        return false;
    }
    return true;
}

/* 3.9 and later count down while anyone waits and n > 0. */
static bool notify_count(struct call *call, struct sm_value n, size_t *ret)
{
    if (n.kind != SM_KIND_MISSING && !value_is_number(n)) {
        call_raise(call, "TypeError", "'>' not supported between instances of '%s' and 'int'",
                   call_type_name(call, n));
        return false;
    }
    *ret = n.kind == SM_KIND_MISSING ? 1 : number_to_count(n);
    return true;
}

/* False: the call has been answered. */
static bool check_notifier(struct condition *cond, struct call *call)
{
    if (cond->lock->ops->held(cond->lock, call->caller))
        return true;
    call_raise(call, "RuntimeError", "cannot notify on un-acquired lock");
    return false;
}

static void condition_notify(struct object *self, struct call *call)
{
    struct condition *cond = condition_of(self);
    struct sm_value n = call->arg[0];
    size_t count = 0;

    if (!check_notifier(cond, call))
        return;
    if ((call->python < 9 || cond->waiting) && call_asks(call, n, SM_ASK_NUMBER, 0))
        return;
    if (call->python < 9 && n.kind != SM_KIND_MISSING) {
        if (!slice_count(call, n, &count))
            return;
    } else if (cond->waiting && !notify_count(call, n, &count)) {
        return;
    }
    notify_oldest(cond, count);
    call_return_none(call);
}

static void condition_notify_all(struct object *self, struct call *call)
{
    struct condition *cond = condition_of(self);

    if (!check_notifier(cond, call))
        return;
    notify_oldest(cond, SIZE_MAX);
    call_return_none(call);
}

static void condition_wait_for(struct object *self, struct call *call)
{
    (void)self;
    call_raise(call, "NotImplementedError",
               "a predicate is a Python function, and this manager runs none: ConditionProxy's "
               "wait_for() calls it in the client");
}

static const struct method condition_methods[] = {
    {"acquire", condition_acquire, {SIGNATURE_RAW}},
    {"release", condition_release, {SIGNATURE_RAW}},
    {"locked", condition_locked, {SIGNATURE_RAW}, .since = 14, .exposed_since = 14, .reads = true},
    {"wait", condition_wait, {SIGNATURE_PYTHON, {"timeout"}, .numbers = SIGNATURE_PARAM(0)}},
    {"notify", condition_notify, {SIGNATURE_PYTHON, {"n"}, .numbers = SIGNATURE_PARAM(0)}},
    {"notify_all", condition_notify_all, {SIGNATURE_PYTHON}},
    {"notifyAll", condition_notify_all, {SIGNATURE_PYTHON}, .exposed_since = EXPOSED_NEVER},
    {"wait_for", condition_wait_for, {SIGNATURE_RAW}, .exposed_since = EXPOSED_NEVER},
    {0},
};

const struct object_type condition_type = {
    .name = "Condition",
    .size = sizeof(struct condition),
    .create = {SIGNATURE_PYTHON, {"lock"}},
    .methods = condition_methods,
    .init = condition_init,
    .deinit = condition_deinit,
    .repr = condition_repr,
    .looks_into = condition_looks_into,
    .unpicklable = "_thread.RLock",
    .give_back = condition_give_back,
};
