/* SPDX-License-Identifier: MIT */
/* Memory that is given out piece by piece and freed at once. Zeroed memory is an empty arena. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/macros.h"

#include <stdalign.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* owned; the newest first */
    uint8_t *next;              /* free memory of the newest block */
    size_t left;
    size_t used; /* bytes given out since the last reset */
};

void arena_deinit(struct arena *a);

/* Take everything back; one block of ordinary size stays for the next use. */
void arena_reset(struct arena *a);

/* What arena_alloc() does where the newest block has no room. */
void *arena_alloc_block(struct arena *a, size_t n);

/* n bytes, aligned for any type, not cleared; NULL when memory runs out. */
static inline void *arena_alloc(struct arena *a, size_t n)
{
    size_t aligned = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    void *p = a->next;

    if (n > a->left || aligned > a->left)
        return arena_alloc_block(a, n);
    a->next += aligned;
    a->left -= aligned;
    a->used += aligned;
    return p;
}

/* A copy of n bytes with a NUL after them; NULL when memory runs out. */
char *arena_copy(struct arena *a, const void *bytes, size_t n);

#endif
