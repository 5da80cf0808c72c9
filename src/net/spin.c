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
 * What is at work on another core, and seen without a system call, is looked at in short pauses
 * first. If the machine has less cores than programs that want one, this would keep the core from
 * them; yields tell, as they take longer than they do by themselves.
 *
 * Some programs keep the core for a whole time slice once they have it. The kernel then runs a
 * thread that slept sooner than one that yielded. When a yield takes long, the waiter stops looking
 * for some time.
 */
#include "net/spin.h"

#include "system/cpu.h"

#include <sched.h>

/* The most waits that sleep at once before it is tried again. */
#define SPIN_RESTS_MAX 255

/* A yield that takes so long has given the core to a program with other work. */
#define SPIN_CROWDED (500 * USEC)

/* How much longer than what that took it is not tried again. */
#define SPIN_CROWDED_REST 64
#define SPIN_NEAR_CROWDED_REST 8

/*
 * In spin_near() it is tried again sooner, as there is more to be gained, but not so often that one
 * call in a hundred might lose the core over it.
 */
#define SPIN_NEAR_RESTS_MAX 127

/* So many looks with pauses between them take a few microseconds. */
#define SPIN_PAUSES 100

/* About what it takes to sleep and be woken. */
#define SPIN_NEAR_TIME (100 * USEC)

/*
 * Yields that take so long each have let others run; then so many waits do without pauses. On a
 * virtual machine a yield takes up to a microsecond by itself.
 */
#define SPIN_SLOW_YIELD (3 * USEC)
#define SPIN_SLOW_WAITS 64

static void learn(struct spin *spin, bool came, unsigned rests_max)
{
    if (came) {
        spin->last = spin->last * 3 / 4;
        return;
    }
    spin->last = MIN(spin->last * 2 + 1, rests_max);
    spin->rests = spin->last;
}

/* Whether this wait sleeps at once. */
static bool rests(struct spin *spin)
{
    if (spin->rests)
        return spin->rests--;
    return !spin->looks;
}

/* Returns false if other programs need the core, from now on for some time. */
static bool yield(struct spin *spin, nsec *now, nsec *crowded, unsigned rest)
{
    nsec then = *now, took;

    sched_yield();
    *now = spin->now();
    took = *now - then;
    if (took < SPIN_CROWDED)
        return true;
    *crowded = *now + took * rest;
    return false;
}

bool spin_until(struct spin *spin, bool (*ready)(void *context), void *context)
{
    bool came = false;
    nsec now;

    if (rests(spin))
        return false;
    now = spin->now();
    if (now < spin->crowded)
        return false;
    for (unsigned i = 0; i < spin->looks && !(came = ready(context)); i++) {
        if (!yield(spin, &now, &spin->crowded, SPIN_CROWDED_REST))
            return false;
    }
    learn(spin, came, SPIN_RESTS_MAX);
    return came;
}

static bool pause_until(struct spin *spin, bool (*ready)(void *context), void *context)
{
    if (spin->slow) {
        spin->slow--;
        return false;
    }
    for (unsigned i = 0; i < SPIN_PAUSES; i++) {
        if (ready(context))
            return true;
        cpu_pause();
    }
    return false;
}

bool spin_near(struct spin *spin, bool (*near)(void *context), bool (*ready)(void *context),
               void *context)
{
    bool came = false;
    unsigned yields = 0;
    nsec now, began;

    if (near && spin->looks && pause_until(spin, near, context)) {
        learn(spin, true, SPIN_NEAR_RESTS_MAX);
        return true;
    }
    if (rests(spin))
        return false;
    now = spin->now();
    if (now < spin->near_crowded)
        return false;
    for (began = now; now - began < SPIN_NEAR_TIME && !(came = ready(context)); yields++) {
        if (!yield(spin, &now, &spin->near_crowded, SPIN_NEAR_CROWDED_REST))
            return false;
    }
    if (now - began > yields * SPIN_SLOW_YIELD)
        spin->slow = SPIN_SLOW_WAITS;
    learn(spin, came, SPIN_NEAR_RESTS_MAX);
    return came;
}
