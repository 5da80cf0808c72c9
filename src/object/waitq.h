/* SPDX-License-Identifier: MIT */
/*
 * Parked calls in order of arrival. An object that makes calls wait has one queue for each thing
 * they wait for, and serves the oldest first.
 */
#ifndef OBJECT_WAITQ_H
#define OBJECT_WAITQ_H

#include "object/call.h"

/*
 * Why a call leaves a queue without being taken: its deadline, or its connection, or the manager
 * ends. The call is out of the queue when these are called.
 */
struct waitq_ops {
    void (*expired)(struct waitq *queue, struct call *call);   /* must answer (or park again) */
    void (*withdrawn)(struct waitq *queue, struct call *call); /* must not; NULL: nothing to do */
};

struct waitq {
    struct list calls;
    const struct waitq_ops *ops;
};

void waitq_init(struct waitq *queue, const struct waitq_ops *ops);

static inline bool waitq_empty(const struct waitq *queue)
{
    return list_empty(&queue->calls);
}

/* Park a call for at most `timeout` (FOREVER: no limit). Answers MemoryError when memory is out. */
void waitq_park(struct waitq *queue, struct call *call, nsec timeout);

/* The oldest call, still parked, or NULL. */
struct call *waitq_peek(const struct waitq *queue);

/*
 * Take the oldest call out, to be answered or parked elsewhere; NULL when there is none. Its
 * deadline is forgotten.
 */
struct call *waitq_take(struct waitq *queue);

/* Take this call out, to be answered; nobody is told. */
void waitq_leave(struct call *call);

/* Answer up to n of the oldest with `True`, `False` or None; returns how many. */
size_t waitq_wake(struct waitq *queue, size_t n, struct sm_value answer);

/* Park all calls of `from` in `to` instead, in their order, with their deadlines. */
void waitq_move(struct waitq *to, struct waitq *from);

/* The call's connection has ended: take it out and tell the queue. Harmless when not parked. */
void waitq_withdraw(struct call *call);

/*
 * Timeouts as Python's methods take them. None or missing is for ever. False: the call has been
 * answered with Python's error.
 *
 * wait_time: Event and Condition ask `timeout > 0`; else it is at once.
 * wait_until: Semaphore and Barrier compute `time() + timeout` first.
 * queue_wait: Queue refuses `timeout < 0`; unless the call `waits`, one too large goes unnoticed.
 * lock_wait: acquire(blocking, timeout) of Lock and RLock: -1 is for ever, None is an error.
 */
bool call_wait_time(struct call *call, struct sm_value timeout, nsec *ret);
bool call_wait_until(struct call *call, struct sm_value timeout, nsec *ret);
bool call_queue_wait(struct call *call, struct sm_value timeout, bool waits, nsec *ret);
bool call_lock_wait(struct call *call, struct sm_value blocking, struct sm_value timeout,
                    nsec *ret);

#endif
