/* SPDX-License-Identifier: MIT */
/* Finding values among many by ==, in constant time each. */
#ifndef VALUE_TABLE_H
#define VALUE_TABLE_H

#include "value/walk.h"

struct table_slot {
    size_t at; /* index of an item, plus 1; 0 where free */
    uint64_t hash;
};

struct table {
    const struct sm_value *item; /* borrowed */
    size_t stride;               /* items from one key to the next: 2 in a dict */
    struct table_slot *slots;    /* owned */
    size_t mask;
    size_t len; /* keys that differ */
};

/* An empty table with room for the keys of `items`. Returns 0 or -ENOMEM. */
int table_init(struct table *table, const struct sm_items *items, size_t stride);
void table_deinit(struct table *table);

#define TABLE_NONE SIZE_MAX

/* The index of the item that equals `key`, or TABLE_NONE. Returns 0, -ELOOP or -ENOMEM. */
int table_find(struct table *table, struct walk *walk, struct sm_value key, size_t *ret);

/* The same for the item at index `at`, which is put in when there is none. */
int table_add(struct table *table, struct walk *walk, size_t at, size_t *ret);

/* A table of all keys of `items`; the first of equal ones stands for all. */
int table_fill(struct table *table, struct walk *walk, const struct sm_items *items, size_t stride);

#endif
