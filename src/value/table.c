/* SPDX-License-Identifier: MIT */
/*
 * A hash table over the items of one container, which it only points to. It is made for one
 * comparison and thrown away, so it never grows: it starts with twice the room that it needs.
 */
#include "value/table.h"

#include "base/memory.h"

int table_init(struct table *table, const struct sm_items *items, size_t stride)
{
    size_t cap = 8;

    while (cap < items->len / stride * 2)
        cap *= 2;
    *table = (struct table){.item = items->item, .stride = stride, .mask = cap - 1};
    table->slots = memory_lend_zeroed(cap, sizeof(*table->slots));
    return table->slots ? 0 : -ENOMEM;
}

void table_deinit(struct table *table)
{
    memory_free(table->slots);
    *table = (struct table){0};
}

/* The slot of a key, or the free one where it belongs. */
static int find_slot(struct table *table, struct walk *walk, struct sm_value key, uint64_t hash,
                     struct table_slot **ret)
{
    for (size_t i = hash & table->mask;; i = (i + 1) & table->mask) {
        struct table_slot *slot = &table->slots[i];
        int r = slot->at == 0;

        if (walk->steps++ >= LIMIT_WALK_STEPS)
            return -ELOOP;
        if (!r && slot->hash == hash)
            r = walk_equal(walk, table->item[slot->at - 1], key);
        if (r < 0)
            return r;
        if (r > 0) {
            *ret = slot;
            return 0;
        }
    }
}

int table_find(struct table *table, struct walk *walk, struct sm_value key, size_t *ret)
{
    struct table_slot *slot;
    uint64_t hash;
    int r;

    r = walk_hash(walk, key, &hash);
    if (r < 0)
        return r;
    r = find_slot(table, walk, key, hash, &slot);
    if (r < 0)
        return r;
    *ret = slot->at ? slot->at - 1 : TABLE_NONE;
    return 0;
}

int table_add(struct table *table, struct walk *walk, size_t at, size_t *ret)
{
    struct table_slot *slot;
    uint64_t hash;
    int r;

    r = walk_hash(walk, table->item[at], &hash);
    if (r < 0)
        return r;
    r = find_slot(table, walk, table->item[at], hash, &slot);
    if (r < 0)
        return r;
    *ret = slot->at ? slot->at - 1 : TABLE_NONE;
    if (!slot->at) {
        *slot = (struct table_slot){.at = at + 1, .hash = hash};
        table->len++;
    }
    return 0;
}

int table_fill(struct table *table, struct walk *walk, const struct sm_items *items, size_t stride)
{
    size_t found;
    int r;

    r = table_init(table, items, stride);
    for (size_t i = 0; i < items->len && r == 0; i += stride)
        r = table_add(table, walk, i, &found);
    return r;
}
