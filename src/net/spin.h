/* SPDX-License-Identifier: MIT */
/* A waiter looks a few more times whether its event has come before it sleeps. */
#ifndef NET_SPIN_H
#define NET_SPIN_H

#include "base/clock.h"

#include <limits.h>
#include <stdbool.h>

/* How often to look, unless told otherwise: some ten microseconds. */
#define SPIN_LOOKS 20

/* How one waiter waits. A zeroed struct sleeps at once, always. */
struct spin {
    unsigned looks; /* the most in one wait; 0: none, it sleeps at once */
    unsigned rests; /* how many of the next waits sleep at once */
    unsigned last;  /* length of the last such rest; failures lengthen it, successes shorten it */
    unsigned slow;  /* how many of the next waits in spin_near() do without pauses */
    nsec crowded;   /* until this time other programs are assumed to need the core */
    nsec near_crowded; /* the same of spin_near() */
    nsec (*now)(void); /* the clock */
};

/* As an option says: 0: the default, UINT_MAX: never. */
static inline struct spin spin_from(unsigned option)
{
    return (struct spin){
        .looks = !option              ? SPIN_LOOKS
                 : option == UINT_MAX ? 0
                                      : option,
        .now = clock_now,
    };
}

/* Before sleeping. Returns whether it came: ready() has said so. */
bool spin_until(struct spin *spin, bool (*ready)(void *context), void *context);

/*
 * The same for what is seen in memory: for about as long as it takes to sleep and be woken.
 * near(), which costs no system call, is looked at first in pauses without yields; NULL: what is
 * waited for is done on the same core.
 */
bool spin_near(struct spin *spin, bool (*near)(void *context), bool (*ready)(void *context),
               void *context);

#endif
