/* SPDX-License-Identifier: MIT */
/*
 * A ring buffer that doubles when it is full and halves when it is a quarter full, so that pushes
 * and pops take constant time on average and a long queue that has been emptied gives its memory
 * back.
 */
#include "types/ring.h"

#include "base/memory.h"
#include "object/stored.h"

#include <errno.h>

#define RING_MIN 8

static struct slot *ring_at(const struct ring *ring, size_t i)
{
    return &ring->slots[(ring->head + i) & (ring->cap - 1)];
}

void ring_deinit(struct ring *ring)
{
    for (size_t i = 0; i < ring->len; i++)
        frozen_free(&ring_at(ring, i)->item);
    memory_free(ring->slots);
    *ring = (struct ring){0};
}

static int ring_resize(struct ring *ring, size_t cap)
{
    struct slot *slots = memory_new_zeroed(cap, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    for (size_t i = 0; i < ring->len; i++)
        slots[i] = *ring_at(ring, i);
    memory_free(ring->slots);
    ring->slots = slots;
    ring->cap = cap;
    ring->head = 0;
    return 0;
}

static int ring_reserve(struct ring *ring)
{
    if (ring->len < ring->cap)
        return 0;
    return ring_resize(ring, ring->cap ? ring->cap * 2 : RING_MIN);
}

int ring_push(struct ring *ring, struct slot slot)
{
    int r = ring_reserve(ring);

    if (r < 0)
        return r;
    *ring_at(ring, ring->len++) = slot;
    return 0;
}

struct slot ring_pop(struct ring *ring)
{
    struct slot slot = *ring_at(ring, 0);

    ring->head = (ring->head + 1) & (ring->cap - 1);
    ring->len--;
    if (ring->cap > RING_MIN && ring->len <= ring->cap / 4)
        (void)ring_resize(ring, ring->cap / 2); /* without memory it stays as it is */
    return slot;
}

int ring_restore(struct ring *ring, struct slot slot)
{
    int r = ring_reserve(ring);

    if (r < 0)
        return r;
    ring->head = (ring->head - 1) & (ring->cap - 1);
    ring->len++;
    for (size_t i = 0;; i++) {
        if (i + 1 == ring->len || ring_at(ring, i + 1)->turn > slot.turn) {
            *ring_at(ring, i) = slot;
            return 0;
        }
        *ring_at(ring, i) = *ring_at(ring, i + 1);
    }
}

static const struct frozen *item_at(const void *row, size_t i)
{
    const struct ring *ring = row;

    return &ring->slots[(ring->head + i) & (ring->cap - 1)].item;
}

void ring_measure(const struct ring *ring, struct extent *extent)
{
    extent->items += ring->len;
    extent->bytes += ring->cap * sizeof(*ring->slots);
    stored_measure(extent, ring->len, item_at, ring);
}
