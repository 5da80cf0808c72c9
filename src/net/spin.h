/* SPDX-License-Identifier: MIT */
/* Looking for what is waited for some more times before sleeping for it. */
#ifndef NET_SPIN_H
#define NET_SPIN_H

#include "base/macros.h"

#include <limits.h>
#include <stdbool.h>

/* How often to look, unless told otherwise: some ten microseconds. */
#define SPIN_LOOKS 20

/* Zeroed, it always sleeps at once. */
struct spin {
    unsigned looks;    /* the most at a time; 0: sleep at once */
    unsigned rests;    /* waits to come that sleep at once */
    unsigned last;     /* as many of them as failures, less successes, have brought */
    nsec crowded;      /* until then others are taken to want the core */
    nsec (*now)(void); /* the clock */
};

/* As an option says: 0: the default, UINT_MAX: never. */
static inline struct spin spin_from(unsigned option, nsec (*now)(void))
{
    return (struct spin){
        .looks = !option              ? SPIN_LOOKS
                 : option == UINT_MAX ? 0
                                      : option,
        .now = now,
    };
}

/* Before sleeping. Returns whether it came: ready() has said so. */
bool spin_until(struct spin *spin, bool (*ready)(void *context), void *context);

#endif
