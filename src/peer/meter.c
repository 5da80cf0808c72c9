/* SPDX-License-Identifier: MIT */
/*
 * A histogram is made when it is first needed, and found by the addresses of the type, the method
 * and the object. Calls tend to repeat: the one that was used last is looked at first. There are as
 * many as the manager's tables of methods have rows; and for waits as many more as objects are
 * registered. So clients cannot make them more, and a bound is only for programs with very many
 * types or names.
 *
 * A circle of waiting peers can only close when one of them begins to wait: whoever is handed a
 * lock does not wait any more. So one look is enough, from that peer on, from holder to holder.
 * That way may also run into a circle that has been closed before: then it comes by a mark again,
 * which is set anew at ever longer distances.
 */
#include "peer/meter.h"

#include "base/limits.h"
#include "base/memory.h"
#include "peer/peer.h"
#include "types/lockable.h"

struct meter *meter_new(void)
{
    return memory_new_zeroed(1, sizeof(struct meter));
}

static void table_deinit(struct meter_table *table)
{
    struct meter_series *series;
    size_t at = 0;

    while ((series = map_next(&table->series, &at)))
        memory_free(series);
    map_deinit(&table->series);
}

void meter_free(struct meter *meter)
{
    if (!meter)
        return;
    table_deinit(&meter->calls);
    table_deinit(&meter->waits);
    memory_free(meter);
}

static bool is_of(const void *item, const void *key)
{
    const struct meter_key *a = &((const struct meter_series *)item)->key, *b = key;

    return a->type == b->type && a->method == b->method && a->object == b->object;
}

static uint64_t hash(const struct meter_key *key)
{
    uint64_t hash = map_hash_int((uint64_t)(uintptr_t)key->type);

    hash = map_hash_int(hash ^ (uint64_t)(uintptr_t)key->method);
    return map_hash_int(hash ^ (uint64_t)(uintptr_t)key->object);
}

static struct meter_series *make(struct meter_table *table, const struct meter_key *key)
{
    struct meter_series *series = NULL;

    if (table->series.len < LIMIT_METERS)
        series = memory_new_zeroed(1, sizeof(*series));
    if (!series)
        return &table->others;
    series->key = *key;
    if (map_add(&table->series, hash(key), series) == 0)
        return series;
    memory_free(series);
    return &table->others;
}

static struct histogram *find(struct meter_table *table, const struct meter_key *key)
{
    struct meter_series *series = table->last;

    if (series && is_of(series, key))
        return &series->times;
    series = map_find(&table->series, hash(key), is_of, key);
    if (!series)
        series = make(table, key);
    if (series != &table->others)
        table->last = series;
    return &series->times;
}

void meter_add(struct meter *meter, const struct call *call, nsec took, bool waited)
{
    struct object *object = call->object;
    struct meter_key key = {.type = object ? object->type : NULL, .method = call->method};

    if (object)
        object->calls++;
    histogram_add(find(&meter->calls, &key), took, METER_CALL_LEAST);
    if (!waited)
        return;
    key.object = object && object->registered ? object : NULL;
    histogram_add(find(&meter->waits, &key), took, METER_WAIT_LEAST);
}

/* The peer that has what this one waits for; NULL: nobody has, or it does not wait for a lock. */
static const struct peer *holder_for(const struct peer *peer)
{
    const struct lockable *lock = lockable_waited_for(&peer->call);

    return lock ? crowd_find(peer->crowd, lock->holder.caller) : NULL;
}

bool meter_closes_circle(const struct peer *peer)
{
    const struct peer *at = peer, *mark = NULL;

    for (size_t n = 1; n <= LIMIT_CIRCLE; n++) {
        at = holder_for(at);
        if (!at || at == mark)
            return false;
        if (at == peer)
            return true;
        if ((n & (n - 1)) == 0)
            mark = at;
    }
    return false;
}
