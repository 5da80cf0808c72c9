/* SPDX-License-Identifier: MIT */
/*
 * A parked call is in one list and, if it has a deadline, in the registry's timers; `call->queue`
 * is set exactly while it is in the list.
 */
#include "object/waitq.h"

#include "object/answer.h"
#include "object/caller.h"
#include "object/registry.h"

#include <errno.h>

void waitq_init(struct waitq *queue, const struct waitq_ops *ops)
{
    list_init(&queue->calls);
    queue->ops = ops;
}

/* One more call of its object waits, or one less; that of a constructor has none. */
static void count(struct call *call, size_t n)
{
    call->registry->waiting += n;
    if (call->object)
        call->object->waiting += n;
}

void waitq_leave(struct call *call)
{
    version_raise_for(call);
    count(call, (size_t)-1);
    list_remove(&call->link);
    timers_cancel(&call->registry->timers, &call->timer);
    call->queue = NULL;
}

static void waitq_expire(struct timer *timer)
{
    struct call *call = container_of(timer, struct call, timer);
    struct waitq *queue = call->queue;

    call->registry->now = timer->deadline;
    waitq_leave(call);
    queue->ops->expired(queue, call);
}

void waitq_park(struct waitq *queue, struct call *call, nsec timeout)
{
    if (timeout < FOREVER - call->now) {
        call->timer.fire = waitq_expire;
        if (timers_set(&call->registry->timers, &call->timer, call->now + timeout) < 0) {
            call_raise_errno(call, -ENOMEM);
            return;
        }
    }
    count(call, 1);
    list_append(&queue->calls, &call->link);
    call->queue = queue;
    if (call->ops->parked)
        call->ops->parked(call);
}

struct call *waitq_peek(const struct waitq *queue)
{
    return waitq_empty(queue) ? NULL : list_first(&queue->calls, struct call, link);
}

struct call *waitq_take(struct waitq *queue)
{
    struct call *call = waitq_peek(queue);

    if (call)
        waitq_leave(call);
    return call;
}

size_t waitq_wake(struct waitq *queue, size_t n, struct sm_value answer)
{
    size_t woken = 0;
    struct call *call;

    while (woken < n && (call = waitq_take(queue))) {
        woken++;
        call_return(call, answer);
    }
    return woken;
}

void waitq_move(struct waitq *to, struct waitq *from)
{
    struct call *call;

    list_for_each(call, &from->calls, link)
        call->queue = to;
    list_splice(&to->calls, &from->calls);
}

void waitq_withdraw(struct call *call)
{
    struct waitq *queue = call->queue;

    if (!queue)
        return;
    waitq_leave(call);
    if (queue->ops->withdrawn)
        queue->ops->withdrawn(queue, call);
}
