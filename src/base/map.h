/* SPDX-License-Identifier: MIT */
/*
 * A hash table of pointers. The caller hashes and compares: an entry is found by its hash and a
 * match function. Zeroed memory is an empty map.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/macros.h"

#include <stdbool.h>

typedef bool (*map_match_fn)(const void *item, const void *key);

struct map_slot {
    void *item; /* borrowed; NULL where free */
    uint64_t hash;
};

struct map {
    struct map_slot *slots; /* owned */
    size_t cap;             /* a power of two, or 0 */
    size_t len;
};

void map_deinit(struct map *m);

/* The item of this hash that matches, or NULL. */
void *map_find(const struct map *m, uint64_t hash, map_match_fn match, const void *key);

/* Add an item that is not there yet. Returns 0 or -ENOMEM. */
int map_add(struct map *m, uint64_t hash, void *item);

/* Remove an item by its address; it must be there. */
void map_remove(struct map *m, uint64_t hash, const void *item);

/* Every item in turn, in no order: start with *at = 0, until NULL. The map must not change. */
void *map_next(const struct map *m, size_t *at);

/* Hashes of a number and of bytes, which a peer cannot steer: keyed per process. */
uint64_t map_hash_int(uint64_t n);
uint64_t map_hash_bytes(const void *bytes, size_t n);

#endif
