/* SPDX-License-Identifier: MIT */
/*
 * A pickled proxy holds no reference. Where its sender lets go before its receiver has unpickled
 * it, nobody refers to the object for a moment. So our clients tell, when they give a reference
 * back, how often they have sent the proxy (sm_release), and when they take one, that it came by
 * such a pickle (sm_receive). object.transit is the difference: above 0, a proxy may be under way.
 *
 * It may as well be lost, or loaded twice, or its sender have been killed before it could tell: the
 * number is a hint, and anybody with the key can make it up. It decides but one thing, that an
 * object which would be freed is kept for LIMIT_TRANSIT_TIME, once: what has not arrived by then
 * does not count any more.
 */
#include "object/transit.h"

#include "base/limits.h"
#include "base/memory.h"
#include "object/place.h"

struct transit {
    struct list link;
    struct object *object; /* the one reference to it */
    nsec end;
    size_t bytes;
};

/* Its object is freed, unless somebody else refers to it by now. */
static void transit_drop(struct transit *transit)
{
    struct object *object = transit->object;
    struct transits *transits = &object->registry->transits;

    list_remove(&transit->link);
    transits->len--;
    transits->bytes -= transit->bytes;
    object->in_transit = NULL;
    memory_free(transit);
    object_unref(object);
}

static void transit_fail(struct transit *transit)
{
    transit->object->transit = 0;
    transit_drop(transit);
}

static struct transit *first(const struct transits *transits)
{
    return list_empty(&transits->rows) ? NULL : list_first(&transits->rows, struct transit, link);
}

static void on_time(struct timer *timer)
{
    struct transits *transits = container_of(timer, struct transits, timer);
    struct registry *registry = container_of(transits, struct registry, transits);
    nsec now = registry->now = timer->deadline;
    struct transit *transit;

    while ((transit = first(transits)) && transit->end <= now)
        transit_fail(transit);
    timers_cancel(&registry->timers, timer); /* what went may have held others that came */
    if (transit && timers_set(&registry->timers, timer, transit->end) < 0)
        transits_end(registry);
}

void transits_init(struct transits *transits)
{
    *transits = (struct transits){.timer.fire = on_time};
    list_init(&transits->rows);
}

void transit_sent(struct object *object, int64_t times)
{
    int64_t most = (int64_t)INT32_MAX - MAX(object->transit, 0);

    object->transit += (int32_t)MAX(MIN(times, most), 0);
}

void transit_arrived(struct object *object)
{
    if (object->transit > INT32_MIN)
        object->transit--;
}

static size_t object_bytes(struct object *object)
{
    struct extent extent = {.bytes = object->type->size};

    if (object->type->measure && !object_missed(object))
        object->type->measure(object, &extent);
    return extent.bytes;
}

bool transit_begin(struct object *object)
{
    struct registry *registry = object->registry;
    struct transits *transits = &registry->transits;
    struct transit *transit;

    if (transits->closed || memory_is_scarce())
        return false;
    transit = memory_lend_zeroed(1, sizeof(*transit));
    if (!transit)
        return false;
    transit->end = registry->now + LIMIT_TRANSIT_TIME;
    if (!transits->timer.at && timers_set(&registry->timers, &transits->timer, transit->end) < 0) {
        memory_free(transit);
        return false;
    }
    transit->object = object_ref(object);
    transit->bytes = object_bytes(object);
    object->in_transit = transit;
    list_init(&transit->link);
    list_append(&transits->rows, &transit->link);
    transits->len++;
    transits->bytes += transit->bytes;
    while (transits->len > 1 &&
           (transits->len > LIMIT_TRANSIT_OBJECTS || transits->bytes > LIMIT_TRANSIT_BYTES))
        transit_fail(first(transits));
    return true;
}

void transit_end(struct object *object)
{
    if (object->in_transit)
        transit_drop(object->in_transit);
}

void transits_end(struct registry *registry)
{
    struct transit *transit;

    while ((transit = first(&registry->transits)))
        transit_fail(transit);
}

void transits_yield(struct registry *registry)
{
    if (registry->transits.len && memory_is_scarce())
        transits_end(registry);
}

void transits_close(struct registry *registry)
{
    registry->transits.closed = true;
    transits_end(registry);
    timers_cancel(&registry->timers, &registry->transits.timer);
}
