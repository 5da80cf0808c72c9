/* SPDX-License-Identifier: MIT */
/*
 * An arena is a chain of blocks. What fits is cut off the newest block; what does not opens a new
 * one, at least as large as all before it together, so that the number of blocks stays small.
 */
#include "base/arena.h"

#include "base/memory.h"

#include <stdalign.h>
#include <string.h>

#define ARENA_BLOCK_MIN ((size_t)4096)
#define ARENA_KEEP_MAX ((size_t)65536)

struct arena_block {
    struct arena_block *next; /* owned */
    size_t size;
    alignas(max_align_t) uint8_t memory[];
};

void arena_deinit(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *block = a->blocks;

        a->blocks = block->next;
        memory_free(block);
    }
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->blocks;

    if (!keep)
        return;
    if (keep->next || keep->size > ARENA_KEEP_MAX) {
        arena_deinit(a);
        return;
    }
    a->next = keep->memory;
    a->left = keep->size;
    a->used = 0;
}

static int arena_grow(struct arena *a, size_t n)
{
    size_t size = MAX(MAX(n, a->used), ARENA_BLOCK_MIN);
    struct arena_block *block = memory_lend(sizeof(*block) + size);

    if (!block)
        return -1;
    block->next = a->blocks;
    block->size = size;
    a->blocks = block;
    a->next = block->memory;
    a->left = size;
    return 0;
}

void *arena_alloc_block(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 4 || arena_grow(a, n + alignof(max_align_t)) < 0)
        return NULL;
    return arena_alloc(a, n);
}

char *arena_copy(struct arena *a, const void *bytes, size_t n)
{
    char *copy = arena_alloc(a, n + 1);

    if (!copy)
        return NULL;
    if (n)
        memcpy(copy, bytes, n);
    copy[n] = '\0';
    return copy;
}
