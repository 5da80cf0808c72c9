/* SPDX-License-Identifier: MIT */
/*
 * A hash table of stored keys, in order of insertion, each with a stored value: what a dict is, and
 * with absent values, a set. Zeroed memory is an empty table.
 */
#ifndef TYPES_KEYS_H
#define TYPES_KEYS_H

#include "object/stored.h"

struct keys_entry {
    uint64_t hash;
    struct frozen key;   /* absent: the entry has been removed */
    struct frozen value; /* absent in sets */
};

struct keys {
    struct keys_entry *entries; /* owned; in order of insertion, removed ones among them */
    size_t used;                /* entries in use, removed ones included */
    size_t cap;
    size_t len;        /* entries that are there */
    size_t first;      /* every entry before this one has been removed */
    uint32_t *places;  /* owned; by hash: an entry's number + 1, 0 free, or PLACE_REMOVED */
    size_t places_cap; /* a power of two, or 0 */
    size_t places_taken;
};

/* Free every key and value. They are out of the table before the first is freed. */
void keys_deinit(struct keys *k);

/*
 * Find a key. `scratch` is used when bytes do not tell. Returns 1 with *ret_at, its entry's number,
 * which holds until the table changes; 0; or a negative errno.
 */
int keys_find(const struct keys *k, struct tree *scratch, const struct stored_key *key,
              size_t *ret_at);

/*
 * A key of this hash is about to be looked for: have its place brought into the processor's cache.
 * Memory takes longer to answer than all else that is done about a key, and the places of keys that
 * are given in a row lie far apart.
 */
static inline void keys_fetch(const struct keys *k, uint64_t hash)
{
    if (k->places_cap)
        __builtin_prefetch(&k->places[hash & (k->places_cap - 1)]);
}

/* So many keys are about to be added: make room in an empty table, in one go. */
void keys_expect(struct keys *k, size_t n);

/* Add a key that is not there, with copies of the handles given. Returns 0 or -ENOMEM. */
int keys_add(struct keys *k, const struct stored_key *key, const struct frozen *value);

/*
 * Set a key's value; a key that is there stays as it is spelled. Returns 1 when it was there, with
 * its old value in *ret_old, 0 when it was not, or a negative errno.
 */
int keys_set(struct keys *k, struct tree *scratch, const struct stored_key *key,
             const struct frozen *value, struct frozen *ret_old);

/* Take an entry out; the caller owns its key and value. */
struct keys_entry keys_take(struct keys *k, size_t at);

/* Take out the last entry; there is one. */
struct keys_entry keys_take_last(struct keys *k);

/* Each entry in turn: start with *at = 0; *at is past the entry given. NULL at the end. */
const struct keys_entry *keys_next(const struct keys *k, size_t *at);

/* The same from the end: start with *at = k->used; *at is the entry given. */
const struct keys_entry *keys_previous(const struct keys *k, size_t *at);

/* Show the newest entry, and at the next calls those before it: as object_type's newest. */
int keys_newest(const struct keys *k, const struct object *of, size_t *at, struct buffer *out,
                unsigned python);

/* A copy, without removed entries. Returns 0 or -ENOMEM. */
int keys_copy(const struct keys *k, struct keys *ret);

void keys_measure(const struct keys *k, struct extent *extent);

static inline void keys_entry_deinit(struct keys_entry *entry)
{
    frozen_free(&entry->key);
    frozen_free(&entry->value);
}

#endif
