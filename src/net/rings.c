/* SPDX-License-Identifier: MIT */
/*
 * No descriptor tells that something has come by a ring whose manager is awake, so the loop looks
 * at its rings in each turn. Each is served once in a turn, with no more than it holds, so none
 * keeps others waiting for long. One that is idle for some time is put to sleep, and costs nothing
 * from then on; its client rings a bell. Before the loop sleeps, all do.
 */
#include "net/rings.h"

#include "net/transport_ring.h"
#include "system/cpu.h"

/* A ring sleeps after so many looks in vain. */
#define IDLE_LOOKS 256

/* What is wanted of it and can be had. */
static unsigned due(const struct transport_ring *r)
{
    return r->wanted ? transport_ring_ready(r) & r->wanted : 0;
}

void rings_wake(struct rings *rings)
{
    struct transport_ring *r;

    list_for_each(r, &rings->lively, link)
        atomic_store(&r->here->sleeps, 0);
}

bool rings_sleep(struct rings *rings)
{
    struct transport_ring *r;

    list_for_each(r, &rings->lively, link) {
        if (!transport_ring_lie_down(r, r->wanted)) {
            rings_wake(rings);
            return false;
        }
    }
    return true;
}

/* Returns whether there was something to do. */
static bool serve(struct transport_ring *r, int cpu)
{
    unsigned events = due(r);

    if (events) {
        r->idle = 0;
        transport_ring_tell_core(r, cpu);
        r->transport.ready(&r->transport, events);
        return true;
    }
    if (++r->idle >= IDLE_LOOKS && transport_ring_lie_down(r, r->wanted))
        list_remove(&r->link);
    return false;
}

/* Whatever runs may end any of them: so each is taken from a row of those that are left. */
bool rings_serve(struct rings *rings)
{
    int cpu = cpu_here();
    struct list row;
    bool came = false;

    list_init(&row);
    list_splice(&row, &rings->lively);
    while (!list_empty(&row)) {
        struct transport_ring *r = list_first(&row, struct transport_ring, link);

        list_remove(&r->link);
        list_append(&rings->lively, &r->link);
        came |= serve(r, cpu);
    }
    return came;
}

bool rings_have_news(const struct rings *rings)
{
    const struct transport_ring *r;

    list_for_each(r, &rings->lively, link) {
        if (due(r))
            return true;
    }
    return false;
}

bool rings_share_core(const struct rings *rings)
{
    const struct transport_ring *r;
    int cpu = cpu_here();

    list_for_each(r, &rings->lively, link) {
        if (transport_ring_shares_core(r, cpu))
            return true;
    }
    return false;
}
