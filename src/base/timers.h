/* SPDX-License-Identifier: MIT */
/* Deadlines in order. Whoever owns the clock asks for the first and fires what is due. */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include "base/macros.h"

#include <stdbool.h>

struct timer {
    nsec deadline;
    size_t at; /* place in the heap, from 1; 0 when not set */
    void (*fire)(struct timer *timer);
};

struct timers {
    struct timer **heap; /* owned; the timers are not */
    size_t len;
    size_t cap;
};

void timers_deinit(struct timers *ts);

/* Set a timer that is not set; it fires once. Returns 0 or -ENOMEM. */
int timers_set(struct timers *ts, struct timer *timer, nsec deadline);

/* Harmless when the timer is not set. */
void timers_cancel(struct timers *ts, struct timer *timer);

/* The earliest deadline, or FOREVER. */
nsec timers_next(const struct timers *ts);

/* Fire everything due at `now`, in order of deadlines. */
void timers_fire(struct timers *ts, nsec now);

#endif
