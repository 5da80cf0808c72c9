/* SPDX-License-Identifier: MIT */
/*
 * To sleep and be woken takes longer than a small call: a core is stopped and started again, on a
 * virtual machine by way of its host. Who looks again instead is there at once. Between two looks
 * it offers its core to others: when client and server share one, the other end runs then, and
 * nobody had to be woken; when nobody wants the core, the looks follow each other quickly.
 *
 * What is waited for may be far off. So looks are counted, not timed: they cost processor time only
 * when nobody else has use for it, and not much. Whenever they were for nothing, about twice as
 * many waits as the last time go without; a success takes a quarter of that back. And where others
 * keep the core once they have it, who sleeps is let in sooner than who offers: that, too, is
 * noticed, and none of it done for some time.
 */
#include "net/spin.h"

#include <sched.h>

/* The most waits that sleep at once before it is tried again. */
#define SPIN_RESTS_MAX 255

/* Who has had the core for so long is at work on something else. */
#define SPIN_CROWDED (500 * USEC)

/* How much longer than what that took it is not tried again. */
#define SPIN_CROWDED_REST 64

static void learn(struct spin *spin, bool came)
{
    if (came) {
        spin->last = spin->last * 3 / 4;
        return;
    }
    spin->last = MIN(spin->last * 2 + 1, (unsigned)SPIN_RESTS_MAX);
    spin->rests = spin->last;
}

bool spin_until(struct spin *spin, bool (*ready)(void *context), void *context)
{
    bool came = false;
    nsec now, then;

    if (!spin->looks)
        return false;
    if (spin->rests) {
        spin->rests--;
        return false;
    }
    now = spin->now();
    if (now < spin->crowded)
        return false;
    for (unsigned i = 0; i < spin->looks && !(came = ready(context)); i++) {
        then = now;
        sched_yield();
        now = spin->now();
        if (now - then >= SPIN_CROWDED) {
            spin->crowded = now + (now - then) * SPIN_CROWDED_REST;
            return false;
        }
    }
    learn(spin, came);
    return came;
}
