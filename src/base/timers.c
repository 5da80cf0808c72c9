/* SPDX-License-Identifier: MIT */
/*
 * A binary heap of pointers; every timer knows its place, so that cancelling is as cheap as
 * setting. A timer is out of the heap before it fires: its function may set it again or free it.
 */
#include "base/timers.h"

#include "base/memory.h"

#include <errno.h>

void timers_deinit(struct timers *ts)
{
    memory_free(ts->heap);
    *ts = (struct timers){0};
}

static void timers_put(struct timers *ts, size_t at, struct timer *timer)
{
    ts->heap[at - 1] = timer;
    timer->at = at;
}

static void timers_rise(struct timers *ts, size_t at, struct timer *timer)
{
    while (at > 1 && ts->heap[at / 2 - 1]->deadline > timer->deadline) {
        timers_put(ts, at, ts->heap[at / 2 - 1]);
        at /= 2;
    }
    timers_put(ts, at, timer);
}

static void timers_sink(struct timers *ts, size_t at, struct timer *timer)
{
    for (;;) {
        size_t child = at * 2;

        if (child > ts->len)
            break;
        if (child < ts->len && ts->heap[child]->deadline < ts->heap[child - 1]->deadline)
            child++;
        if (ts->heap[child - 1]->deadline >= timer->deadline)
            break;
        timers_put(ts, at, ts->heap[child - 1]);
        at = child;
    }
    timers_put(ts, at, timer);
}

int timers_set(struct timers *ts, struct timer *timer, nsec deadline)
{
    if (ts->len == ts->cap) {
        size_t cap = ts->cap ? ts->cap * 2 : 16;
        struct timer **heap = memory_lend_more(ts->heap, cap * sizeof(struct timer *));

        if (!heap)
            return -ENOMEM;
        ts->heap = heap;
        ts->cap = cap;
    }
    timer->deadline = deadline;
    ts->len++;
    timers_rise(ts, ts->len, timer);
    return 0;
}

void timers_cancel(struct timers *ts, struct timer *timer)
{
    size_t at = timer->at;
    struct timer *last;

    if (!at)
        return;
    timer->at = 0;
    last = ts->heap[--ts->len];
    if (last == timer)
        return;
    if (at > 1 && ts->heap[at / 2 - 1]->deadline > last->deadline)
        timers_rise(ts, at, last);
    else
        timers_sink(ts, at, last);
}

nsec timers_next(const struct timers *ts)
{
    return ts->len ? ts->heap[0]->deadline : FOREVER;
}

void timers_fire(struct timers *ts, nsec now)
{
    while (ts->len && ts->heap[0]->deadline <= now) {
        struct timer *timer = ts->heap[0];

        timers_cancel(ts, timer);
        timer->fire(timer);
    }
}
