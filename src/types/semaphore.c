/* SPDX-License-Identifier: MIT */
/*
 * Semaphore, BoundedSemaphore: a count of free units. An acquire that finds none parks, first
 * come first served; a release hands its units to the oldest parked calls, so none is overtaken.
 */
#include "object/waitq.h"
#include "types/types.h"

#include <inttypes.h>

struct semaphore {
    struct object object;
    struct waitq waiters; /* parked acquires, oldest first; empty unless units == 0 */
    uint64_t units;       /* free now */
    uint64_t bound;       /* the most that may be free; UINT64_MAX for a plain Semaphore */
};

static void semaphore_expired(struct waitq *queue, struct call *call)
{
    (void)queue;
    call_return_bool(call, false);
}

static const struct waitq_ops semaphore_waiters = {.expired = semaphore_expired};

static bool semaphore_init(struct object *self, struct call *call)
{
    struct semaphore *sem = container_of(self, struct semaphore, object);
    int64_t value = 1;

    if (call->arg[0].kind != SM_KIND_MISSING && !call_int(call, call->arg[0], &value))
        return false;
    if (value < 0) {
        call_raise(call, "ValueError", "semaphore initial value must be >= 0");
        return false;
    }
    waitq_init(&sem->waiters, &semaphore_waiters);
    sem->units = (uint64_t)value;
    sem->bound = UINT64_MAX;
    return true;
}

static bool bounded_semaphore_init(struct object *self, struct call *call)
{
    struct semaphore *sem = container_of(self, struct semaphore, object);

    if (!semaphore_init(self, call))
        return false;
    sem->bound = sem->units;
    return true;
}

static void semaphore_acquire(struct object *self, struct call *call)
{
    struct semaphore *sem = container_of(self, struct semaphore, object);
    nsec timeout;

    if (!call_wait_time(call, call->arg[1], &timeout))
        return;
    if (sem->units == 0) {
        waitq_park(&sem->waiters, call, timeout);
        return;
    }
    sem->units--;
    call_return_bool(call, true);
}

static void semaphore_release(struct object *self, struct call *call)
{
    struct semaphore *sem = container_of(self, struct semaphore, object);

    if (sem->units == sem->bound) {
        call_raise(call, "ValueError", "Semaphore released too many times");
        return;
    }
    sem->units += 1 - waitq_wake(&sem->waiters, 1, sm_bool(true));
    call_return_none(call);
}

static const struct method semaphore_methods[] = {
    {"acquire", semaphore_acquire, {.params = {"blocking", "timeout"}}},
    {"release", semaphore_release, {.params = {"n"}}},
    {0},
};

const struct object_type semaphore_type = {
    .name = "Semaphore",
    .size = sizeof(struct semaphore),
    .create = {.params = {"value"}},
    .init = semaphore_init,
    .methods = semaphore_methods,
};

const struct object_type bounded_semaphore_type = {
    .name = "BoundedSemaphore",
    .size = sizeof(struct semaphore),
    .create = {.params = {"value"}},
    .init = bounded_semaphore_init,
    .methods = semaphore_methods,
};
