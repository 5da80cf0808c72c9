/* SPDX-License-Identifier: MIT */
/* Lock, RLock, Semaphore, BoundedSemaphore, Condition, Event, Barrier. */
#include "client/lease.h"
#include "client/typed.h"
#include "net/channel.h"

static double now_s(void)
{
    return (double)channel_now() / (double)SEC;
}

int sm_lock(struct sm_manager *manager, struct sm_proxy **ret)
{
    return typed_create(manager, "Lock", sm_missing(), ret);
}

int sm_rlock(struct sm_manager *manager, struct sm_proxy **ret)
{
    return typed_create(manager, "RLock", sm_missing(), ret);
}

int sm_lock_acquire(struct sm_proxy *lock, double timeout_s)
{
    return typed_acquire(lock, timeout_s);
}

int sm_lock_release(struct sm_proxy *lock)
{
    return typed_release(lock);
}

int sm_semaphore(struct sm_manager *manager, int64_t value, struct sm_proxy **ret)
{
    return typed_create(manager, "Semaphore", sm_int(value), ret);
}

int sm_bounded_semaphore(struct sm_manager *manager, int64_t value, struct sm_proxy **ret)
{
    return typed_create(manager, "BoundedSemaphore", sm_int(value), ret);
}

int sm_semaphore_acquire(struct sm_proxy *semaphore, double timeout_s)
{
    return typed_acquire(semaphore, timeout_s);
}

int sm_semaphore_release(struct sm_proxy *semaphore, int64_t n)
{
    if (n == 1)
        return typed_release(semaphore);
    return typed_call(semaphore, "release", SM_TUPLE(sm_int(n)));
}

int sm_condition(struct sm_manager *manager, struct sm_proxy *lock, struct sm_proxy **ret)
{
    return typed_create(manager, "Condition", lock ? sm_proxy_value(lock) : sm_missing(), ret);
}

int sm_condition_acquire(struct sm_proxy *condition, double timeout_s)
{
    return typed_acquire(condition, timeout_s);
}

int sm_condition_release(struct sm_proxy *condition)
{
    return typed_release(condition);
}

int sm_condition_wait(struct sm_proxy *condition, double timeout_s)
{
    return typed_wait(condition, "wait", SM_TUPLE(typed_timeout(timeout_s)));
}

int sm_condition_wait_for(struct sm_proxy *condition, bool (*predicate)(void *context),
                          void *context, double timeout_s)
{
    double deadline_s = now_s() + timeout_s, left_s = timeout_s;
    int r;

    while (!predicate(context)) {
        if (!typed_forever(timeout_s))
            left_s = deadline_s - now_s();
        if (!typed_forever(timeout_s) && left_s <= 0)
            return SM_NOT_YET;
        r = sm_condition_wait(condition, left_s);
        if (r < 0)
            return r;
    }
    return SM_OK;
}

int sm_condition_notify(struct sm_proxy *condition, int64_t n)
{
    return typed_call(condition, "notify", SM_TUPLE(sm_int(n)));
}

int sm_condition_notify_all(struct sm_proxy *condition)
{
    return typed_call(condition, "notify_all", sm_missing());
}

int sm_event(struct sm_manager *manager, struct sm_proxy **ret)
{
    return typed_create(manager, "Event", sm_missing(), ret);
}

int sm_event_is_set(struct sm_proxy *event, bool *ret)
{
    bool is;
    int r = lease_get_flag(event, true, &is);

    if (r == SM_NOT_YET)
        return typed_bool(event, "is_set", sm_missing(), ret);
    if (r == SM_OK && ret)
        *ret = is;
    return r;
}

static int set_flag(struct sm_proxy *event, bool value, const char *method)
{
    int r = lease_set_flag(event, true, value);

    return r == SM_NOT_YET ? typed_call(event, method, sm_missing()) : r;
}

int sm_event_set(struct sm_proxy *event)
{
    return set_flag(event, true, "set");
}

int sm_event_clear(struct sm_proxy *event)
{
    return set_flag(event, false, "clear");
}

int sm_event_wait(struct sm_proxy *event, double timeout_s)
{
    bool is = false;
    int r = lease_get_flag(event, true, &is);

    if (r < 0 || is)
        return r;
    return typed_wait(event, "wait", SM_TUPLE(typed_timeout(timeout_s)));
}

int sm_barrier(struct sm_manager *manager, int64_t parties, double timeout_s, struct sm_proxy **ret)
{
    return sm_create(manager, "Barrier",
                     SM_TUPLE(sm_int(parties), sm_none(), typed_timeout(timeout_s)), sm_missing(),
                     ret);
}

int sm_barrier_wait(struct sm_proxy *barrier, double timeout_s, int64_t *index)
{
    return typed_int(barrier, "wait", SM_TUPLE(typed_timeout(timeout_s)), index);
}

int sm_barrier_abort(struct sm_proxy *barrier)
{
    return typed_call(barrier, "abort", sm_missing());
}

int sm_barrier_reset(struct sm_proxy *barrier)
{
    return typed_call(barrier, "reset", sm_missing());
}

int sm_barrier_parties(struct sm_proxy *barrier, int64_t *ret)
{
    return typed_int(barrier, "__getattribute__", SM_TUPLE(sm_str("parties")), ret);
}

int sm_barrier_n_waiting(struct sm_proxy *barrier, int64_t *ret)
{
    return typed_int(barrier, "__getattribute__", SM_TUPLE(sm_str("n_waiting")), ret);
}

int sm_barrier_broken(struct sm_proxy *barrier, bool *ret)
{
    return typed_bool(barrier, "__getattribute__", SM_TUPLE(sm_str("broken")), ret);
}
