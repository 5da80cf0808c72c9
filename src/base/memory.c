/* SPDX-License-Identifier: MIT */
/*
 * One count for the process: memory is taken and given back on different threads, and belongs to
 * whoever holds it last, so a count for each server would need a note in each piece. The limit is
 * the thread's, as a server runs on one and its program's own threads are none of its peers'.
 *
 * A piece counts as what the allocator says it holds. That costs no header, and a few nanoseconds.
 */
#include "base/memory.h"

#include "base/limits.h"

#ifdef __APPLE__
#include <malloc/malloc.h>
#define malloc_usable_size malloc_size
#else
#include <malloc.h>
#endif
#include <stdatomic.h>
#include <stdlib.h>

static atomic_size_t used;
static _Thread_local size_t limit;

/* Pieces that pass may use the last of it, if they are small. */
static size_t kept_back(size_t n, bool passes)
{
    return passes && n <= LIMIT_MEMORY_SPARE_PIECE ? 0 : limit / LIMIT_MEMORY_SPARE;
}

static bool fits(size_t n, size_t old, bool passes)
{
    size_t most;

    if (!limit || n <= old)
        return true;
    most = limit - kept_back(n, passes);
    return n - old <= most && memory_used() <= most - (n - old);
}

static void *count(void *memory)
{
    if (memory)
        atomic_fetch_add_explicit(&used, malloc_usable_size(memory), memory_order_relaxed);
    return memory;
}

static void *take(size_t n, bool passes)
{
    return fits(n, 0, passes) ? count(malloc(n)) : NULL;
}

static void *take_zeroed(size_t n, size_t size, bool passes)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return fits(n * size, 0, passes) ? count(calloc(n, size)) : NULL;
}

static void *resize(void *old, size_t n, bool passes)
{
    size_t had = malloc_usable_size(old);
    void *memory = fits(n, had, passes) ? realloc(old, n) : NULL;

    if (memory)
        atomic_fetch_sub_explicit(&used, had, memory_order_relaxed);
    return count(memory);
}

void *memory_new(size_t n)
{
    return take(n, false);
}

void *memory_new_zeroed(size_t n, size_t size)
{
    return take_zeroed(n, size, false);
}

void *memory_resize(void *old, size_t n)
{
    return resize(old, n, false);
}

void *memory_lend(size_t n)
{
    return take(n, true);
}

void *memory_lend_zeroed(size_t n, size_t size)
{
    return take_zeroed(n, size, true);
}

void *memory_lend_more(void *old, size_t n)
{
    return resize(old, n, true);
}

void memory_free(void *memory)
{
    if (memory)
        atomic_fetch_sub_explicit(&used, malloc_usable_size(memory), memory_order_relaxed);
    free(memory);
}

size_t memory_used(void)
{
    return atomic_load_explicit(&used, memory_order_relaxed);
}

void memory_set_limit(size_t n)
{
    limit = n;
}

bool memory_fits(size_t n)
{
    return fits(n, 0, false);
}
