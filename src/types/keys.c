/* SPDX-License-Identifier: MIT */
/*
 * Entries stand in a row, in order; beside it, a table by hash has the number of each entry, in
 * four bytes: 46 to 62 bytes an entry, all told. Looking up probes one place after the other. An
 * entry that is removed stays in the row without its key, and its place is marked; both are
 * swept when a table must grow, or has become mostly empty.
 *
 * Hashes are those of value_hash(), which peers cannot steer: they serve as places as they are.
 */
#include "types/keys.h"

#include "base/memory.h"
#include "pickle/pickle.h"

#include <errno.h>

#define PLACE_REMOVED UINT32_MAX
#define ENTRIES_MAX ((size_t)UINT32_MAX - 2)
#define ENTRIES_MIN ((size_t)8)

static void keys_free(struct keys *k)
{
    memory_free(k->entries);
    memory_free(k->places);
}

void keys_deinit(struct keys *k)
{
    struct keys old = *k;

    *k = (struct keys){0};
    for (size_t i = old.first; i < old.used; i++)
        keys_entry_deinit(&old.entries[i]);
    keys_free(&old);
}

static bool is_there(const struct keys_entry *entry)
{
    return !frozen_is_absent(&entry->key);
}

int keys_find(const struct keys *k, struct tree *scratch, const struct stored_key *key,
              size_t *ret_at)
{
    size_t mask = k->places_cap - 1;

    if (!k->len)
        return 0;
    for (size_t i = key->hash & mask; k->places[i]; i = (i + 1) & mask) {
        const struct keys_entry *entry;
        int r;

        if (k->places[i] == PLACE_REMOVED)
            continue;
        entry = &k->entries[k->places[i] - 1];
        if (entry->hash != key->hash)
            continue;
        r = frozen_is_same(&entry->key, &key->value)
                ? 1
                : frozen_equal(scratch, &entry->key, &key->value);
        if (r < 0)
            return r;
        if (r > 0) {
            *ret_at = (size_t)(entry - k->entries);
            return 1;
        }
    }
    return 0;
}

/* Note where an entry is; there is a free place. */
static void keys_place(struct keys *k, size_t at)
{
    size_t mask = k->places_cap - 1, i = k->entries[at].hash & mask;

    while (k->places[i])
        i = (i + 1) & mask;
    k->places[i] = (uint32_t)at + 1;
    k->places_taken++;
}

/* Close the gaps that removed entries left. */
static void keys_sweep(struct keys *k)
{
    size_t to = 0;

    for (size_t i = k->first; i < k->used; i++) {
        if (is_there(&k->entries[i]))
            k->entries[to++] = k->entries[i];
    }
    k->used = to;
    k->first = 0;
}

/* Sweep, and make room for `cap` entries. On failure nothing has changed that can be seen. */
static int keys_rebuild(struct keys *k, size_t cap)
{
    size_t places_cap = 2 * ENTRIES_MIN;
    struct keys_entry *entries;
    uint32_t *places;

    if (cap > ENTRIES_MAX)
        return -ENOMEM;
    while (places_cap * 2 < cap * 3)
        places_cap *= 2;
    places = memory_new_zeroed(places_cap, sizeof(*places));
    if (!places)
        return -ENOMEM;
    if (cap > k->cap) {
        entries = memory_resize(k->entries, cap * sizeof(*entries));
        if (!entries) {
            memory_free(places);
            return -ENOMEM;
        }
        k->entries = entries;
        k->cap = cap;
    }
    keys_sweep(k);
    memory_free(k->places);
    k->places = places;
    k->places_cap = places_cap;
    k->places_taken = 0;
    for (size_t i = 0; i < k->used; i++)
        keys_place(k, i);
    return 0;
}

static int keys_reserve(struct keys *k)
{
    size_t cap = k->len + k->len / 4 + ENTRIES_MIN;
    struct keys_entry *entries;

    if ((k->places_taken + 1) * 3 > k->places_cap * 2)
        return keys_rebuild(k, cap);
    if (k->used < k->cap)
        return 0;
    if (k->used - k->len > k->len / 8)
        return keys_rebuild(k, k->cap);
    if (cap > ENTRIES_MAX)
        return -ENOMEM;
    entries = memory_resize(k->entries, cap * sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    k->entries = entries;
    k->cap = cap;
    return 0;
}

void keys_expect(struct keys *k, size_t n)
{
    if (!k->used && n > k->cap && n > ENTRIES_MIN && n <= ENTRIES_MAX)
        keys_rebuild(k, n + ENTRIES_MIN); /* on failure it grows as ever, or does not */
}

int keys_add(struct keys *k, const struct stored_key *key, const struct frozen *value)
{
    int r = keys_reserve(k);

    if (r < 0)
        return r;
    k->entries[k->used] = (struct keys_entry){
        .hash = key->hash,
        .key = frozen_copy(&key->value),
        .value = frozen_copy(value),
    };
    keys_place(k, k->used++);
    k->len++;
    return 0;
}

int keys_set(struct keys *k, struct tree *scratch, const struct stored_key *key,
             const struct frozen *value, struct frozen *ret_old)
{
    size_t at;
    int r = keys_find(k, scratch, key, &at);

    if (r < 0)
        return r;
    if (r == 0)
        return keys_add(k, key, value);
    *ret_old = k->entries[at].value;
    k->entries[at].value = frozen_copy(value);
    return 1;
}

/* Give back memory when most of the table is unused. Without the memory for it, nothing is lost. */
static void keys_trim(struct keys *k)
{
    struct keys_entry *entries;
    size_t cap = k->len * 2 + ENTRIES_MIN;

    if (k->cap < 64 || k->len > k->cap / 8 || keys_rebuild(k, cap) < 0)
        return;
    entries = memory_resize(k->entries, cap * sizeof(*entries));
    if (!entries)
        return;
    k->entries = entries;
    k->cap = cap;
}

struct keys_entry keys_take(struct keys *k, size_t at)
{
    struct keys_entry entry = k->entries[at];
    size_t mask = k->places_cap - 1, i = entry.hash & mask;

    while (k->places[i] != at + 1)
        i = (i + 1) & mask;
    k->places[i] = PLACE_REMOVED;
    k->entries[at] = (struct keys_entry){0};
    k->len--;
    while (k->first < k->used && !is_there(&k->entries[k->first]))
        k->first++;
    keys_trim(k);
    return entry;
}

struct keys_entry keys_take_last(struct keys *k)
{
    while (!is_there(&k->entries[k->used - 1]))
        k->used--;
    return keys_take(k, k->used - 1);
}

const struct keys_entry *keys_next(const struct keys *k, size_t *at)
{
    *at = MAX(*at, k->first);
    while (*at < k->used) {
        const struct keys_entry *entry = &k->entries[(*at)++];

        if (is_there(entry))
            return entry;
    }
    return NULL;
}

const struct keys_entry *keys_previous(const struct keys *k, size_t *at)
{
    while (*at > k->first) {
        const struct keys_entry *entry = &k->entries[--*at];

        if (is_there(entry))
            return entry;
    }
    return NULL;
}

int keys_newest(const struct keys *k, const struct object *of, size_t *at, struct buffer *out,
                unsigned python)
{
    size_t place = k->used - MIN(*at, k->used);
    const struct keys_entry *entry = keys_previous(k, &place);
    bool is_set;

    if (!entry)
        return 0;
    *at = k->used - place;
    is_set = frozen_is_absent(&entry->value);
    return stored_show(out, python, of, is_set ? NULL : &entry->key,
                       is_set ? &entry->key : &entry->value);
}

int keys_copy(const struct keys *k, struct keys *ret)
{
    struct keys copy = {0};
    const struct keys_entry *entry;
    size_t at = 0;
    int r = k->len ? keys_rebuild(&copy, k->len) : 0;

    if (r < 0)
        return r;
    while ((entry = keys_next(k, &at))) {
        copy.entries[copy.used] = (struct keys_entry){
            .hash = entry->hash,
            .key = frozen_copy(&entry->key),
            .value = frozen_copy(&entry->value),
        };
        keys_place(&copy, copy.used++);
        copy.len++;
    }
    *ret = copy;
    return 0;
}

static const struct frozen *key_at(const void *row, size_t i)
{
    return &((const struct keys *)row)->entries[i].key;
}

static const struct frozen *value_at(const void *row, size_t i)
{
    return &((const struct keys *)row)->entries[i].value;
}

void keys_measure(const struct keys *k, struct extent *extent)
{
    extent->items += k->len;
    extent->bytes += k->cap * sizeof(*k->entries) + k->places_cap * sizeof(*k->places);
    stored_measure(extent, k->used, key_at, k);
    stored_measure(extent, k->used, value_at, k);
}
