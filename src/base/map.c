/* SPDX-License-Identifier: MIT */
/*
 * Open addressing with linear probing, at most two thirds full. Removing moves the entries behind
 * a hole forward where they belong, so there are no tombstones and lookups never grow long.
 *
 * Bytes are hashed with SipHash-1-3, numbers with a multiplicative mix, both under a key drawn once
 * per process: peers choose what is hashed, and must not be able to choose collisions.
 */
#include "base/map.h"

#include "base/memory.h"
#include "system/random.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MAP_CAP_MIN ((size_t)16)

void map_deinit(struct map *m)
{
    memory_free(m->slots);
    *m = (struct map){0};
}

void *map_find(const struct map *m, uint64_t hash, map_match_fn match, const void *key)
{
    if (!m->cap)
        return NULL;
    for (size_t i = hash & (m->cap - 1); m->slots[i].item; i = (i + 1) & (m->cap - 1)) {
        if (m->slots[i].hash == hash && match(m->slots[i].item, key))
            return m->slots[i].item;
    }
    return NULL;
}

static void map_place(struct map *m, uint64_t hash, void *item)
{
    size_t i = hash & (m->cap - 1);

    while (m->slots[i].item)
        i = (i + 1) & (m->cap - 1);
    m->slots[i] = (struct map_slot){.item = item, .hash = hash};
}

int map_add(struct map *m, uint64_t hash, void *item)
{
    if ((m->len + 1) * 3 > m->cap * 2) {
        struct map old = *m;

        m->cap = old.cap ? old.cap * 2 : MAP_CAP_MIN;
        m->slots = memory_lend_zeroed(m->cap, sizeof(*m->slots));
        if (!m->slots) {
            *m = old;
            return -ENOMEM;
        }
        for (size_t i = 0; i < old.cap; i++) {
            if (old.slots[i].item)
                map_place(m, old.slots[i].hash, old.slots[i].item);
        }
        memory_free(old.slots);
    }
    map_place(m, hash, item);
    m->len++;
    return 0;
}

void map_remove(struct map *m, uint64_t hash, const void *item)
{
    size_t mask = m->cap - 1;
    size_t hole = hash & mask;

    while (m->slots[hole].item != item)
        hole = (hole + 1) & mask;
    m->slots[hole] = (struct map_slot){0};
    m->len--;
    for (size_t i = (hole + 1) & mask; m->slots[i].item; i = (i + 1) & mask) {
        size_t home = m->slots[i].hash & mask;

        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        m->slots[hole] = m->slots[i];
        m->slots[i] = (struct map_slot){0};
        hole = i;
    }
}

void *map_next(const struct map *m, size_t *at)
{
    while (*at < m->cap) {
        void *item = m->slots[(*at)++].item;

        if (item)
            return item;
    }
    return NULL;
}

static uint64_t hash_key[2];
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void draw_hash_key(void)
{
    if (!random_bytes(hash_key, sizeof(hash_key)))
        abort();
}

uint64_t map_hash_int(uint64_t n)
{
    pthread_once(&hash_key_once, draw_hash_key);
    n = (n ^ hash_key[0]) * (hash_key[1] | 1);
    n ^= n >> 32;
    n *= UINT64_C(0xd6e8feb86659fd93);
    n ^= n >> 32;
    n *= UINT64_C(0xd6e8feb86659fd93);
    n ^= n >> 32;
    return n;
}

static inline uint64_t rotl(uint64_t x, int n)
{
    return (x << n) | (x >> (64 - n));
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] = rotl(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] = rotl(v[2], 32);
}

uint64_t map_hash_bytes(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t v[4];
    uint64_t word = 0;
    size_t i;

    pthread_once(&hash_key_once, draw_hash_key);
    v[0] = hash_key[0] ^ UINT64_C(0x736f6d6570736575);
    v[1] = hash_key[1] ^ UINT64_C(0x646f72616e646f6d);
    v[2] = hash_key[0] ^ UINT64_C(0x6c7967656e657261);
    v[3] = hash_key[1] ^ UINT64_C(0x7465646279746573);
    for (i = 0; i + 8 <= n; i += 8) {
        memcpy(&word, p + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)n << 56;
    if (n > i)
        memcpy(&word, p + i, n - i); /* the length stays in the top byte */
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
