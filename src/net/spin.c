/* SPDX-License-Identifier: MIT */
/*
 * Sleeping and being woken takes longer than a small call, because the core is stopped and started
 * again; on a virtual machine the host does that. A waiter that looks again instead goes on at
 * once. Between two looks the waiter yields its core. If client and server share that core, the
 * other end runs then, and nobody has to be woken. If nobody else wants the core, the next look
 * follows at once.
 *
 * The event may be far off, so the number of looks is limited. When all looks of a wait fail, the
 * next waits sleep at once: about twice as many of them as after the last failure. A success
 * shortens that rest by a quarter.
 *
 * Some programs keep the core for a whole time slice once they have it. The kernel then runs a
 * thread that slept sooner than one that yielded. When a yield takes long, the waiter stops looking
 * for some time.
 */
#include "net/spin.h"

#include <sched.h>

/* The most waits that sleep at once before it is tried again. */
#define SPIN_RESTS_MAX 255

/* A yield that takes so long has given the core to a program with other work. */
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
