/* SPDX-License-Identifier: MIT */
/*
 * One count for the process: memory is taken and given back on different threads, and belongs to
 * whoever holds it last, so a count for each server would need a note in each piece. The limit is
 * the thread's, as a server runs on one and its program's own threads are none of its peers'.
 *
 * A piece counts as what the allocator says it holds. That costs no header, and a few nanoseconds.
 *
 * To take a GiB from a process takes the kernel a tenth of a second. Large pieces are cut shorter
 * again and again instead, by the more the more of it waits.
 */
#include "base/memory.h"

#include "base/limits.h"
#include "system/heap.h"
#include "system/pages.h"

#include <stdatomic.h>
#include <stdlib.h>

/* What is shorter is written sooner than the kernel is asked. */
#define TOUCH_MIN ((size_t)64 * 1024)

static atomic_size_t used;
static _Thread_local size_t limit;
static _Thread_local struct memory_row *put_off;

/* Stands in the memory that is to be freed. */
struct memory_piece {
    struct memory_piece *next;
    size_t size;
};

/* Pieces that pass may use the last of it, if they are small. */
static size_t kept_back(size_t n, bool passes)
{
    return passes && n <= LIMIT_MEMORY_SPARE_PIECE ? 0 : limit / LIMIT_MEMORY_SPARE;
}

/* What waits to be freed is in nobody's way. */
static bool fits(size_t n, size_t old, bool passes)
{
    size_t most, more = n - old;

    if (!limit || n <= old)
        return true;
    most = limit - kept_back(n, passes);
    if (more > most)
        return false;
    if (memory_used() > most - more && put_off)
        memory_free_row(put_off);
    return memory_used() <= most - more;
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

static void free_now(void *memory, size_t size)
{
    atomic_fetch_sub_explicit(&used, size, memory_order_relaxed);
    free(memory);
}

static void put_in_row(struct memory_row *row, void *memory, size_t size)
{
    struct memory_piece *piece = memory;
    bool first = !row->first;

    *piece = (struct memory_piece){.next = row->first, .size = size};
    row->first = piece;
    row->size += size;
    if (first)
        row->filled(row);
}

void memory_free(void *memory)
{
    size_t size;

    if (!memory)
        return;
    size = malloc_usable_size(memory);
    if (size >= LIMIT_FREE && put_off)
        put_in_row(put_off, memory, size);
    else
        free_now(memory, size);
}

void memory_touch(void *at, size_t n)
{
    if (n >= TOUCH_MIN)
        pages_populate(at, n);
}

void memory_put_off(struct memory_row *row)
{
    put_off = row;
}

static void free_first(struct memory_row *row)
{
    struct memory_piece *piece = row->first;

    row->first = piece->next;
    row->size -= piece->size;
    free_now(piece, malloc_usable_size(piece));
}

/* Should the allocator not make it shorter, the rest goes at once. */
bool memory_free_some(struct memory_row *row)
{
    size_t some = MAX(row->size / 64, LIMIT_FREE);
    struct memory_piece *rest = NULL;

    if (!row->first)
        return false;
    if (row->first->size >= some + sizeof(*rest))
        rest = resize(row->first, row->first->size - some, true);
    if (rest) {
        rest->size -= some;
        row->size -= some;
        row->first = rest;
    } else {
        free_first(row);
    }
    return row->first != NULL;
}

void memory_free_row(struct memory_row *row)
{
    while (row->first)
        free_first(row);
}

void memory_count(size_t n)
{
    atomic_fetch_add_explicit(&used, n, memory_order_relaxed);
}

void memory_uncount(size_t n)
{
    atomic_fetch_sub_explicit(&used, n, memory_order_relaxed);
}

size_t memory_used(void)
{
    return atomic_load_explicit(&used, memory_order_relaxed);
}

void memory_set_limit(size_t n)
{
    limit = n;
}

bool memory_is_scarce(void)
{
    return limit && memory_used() > limit - limit / 4;
}

bool memory_fits(size_t n)
{
    return fits(n, 0, false);
}
