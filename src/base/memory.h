/* SPDX-License-Identifier: MIT */
/*
 * Memory that is counted, and that a thread may be limited in: everything whose size a peer
 * decides is taken here. What stays (values, objects, rows) is refused before what passes
 * (messages on their way, small ones that is), so that a full manager can still be asked, told to
 * let go, and say that it is full.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "base/macros.h"

#include <stdbool.h>

/* As malloc() and its kin; NULL beyond the limit too. */
void *memory_new(size_t n);
void *memory_new_zeroed(size_t n, size_t size);
void *memory_resize(void *old, size_t n);

/* The same for what passes. */
void *memory_lend(size_t n);
void *memory_lend_zeroed(size_t n, size_t size);
void *memory_lend_more(void *old, size_t n);

/* NULL is allowed. */
void memory_free(void *memory);

/*
 * Some of a piece is about to be written: if that is long, take its pages now, all at once. A page
 * fault for each costs half as much again.
 */
void memory_touch(void *at, size_t n);

/*
 * Large pieces that wait to be freed bit by bit, since taking their pages away in one go would keep
 * everybody waiting. They count until then, and go at once when memory is short. Zeroed memory is
 * an empty row.
 */
struct memory_row {
    struct memory_piece *first;             /* owned, as all behind it */
    size_t size;                            /* of all of them, in bytes */
    void (*filled)(struct memory_row *row); /* called when the row is not empty any more */
};

/* From now on large pieces that this thread frees wait in the row; NULL: they do not. */
void memory_put_off(struct memory_row *row);

/* Free a bit. Returns whether there is more. */
bool memory_free_some(struct memory_row *row);

/* Free all, at once. */
void memory_free_row(struct memory_row *row);

/* Memory that was taken elsewhere counts too, and does not any more. */
void memory_count(size_t n);
void memory_uncount(size_t n);

/* Bytes in use, of this process. */
size_t memory_used(void);

/* From now on this thread takes no more than brings the process to `limit`; 0: no limit. */
void memory_set_limit(size_t n);

/* Whether more than three quarters of the limit are used. */
bool memory_is_scarce(void);

/* Whether something of this size that stays could be taken now. */
bool memory_fits(size_t n);

#endif
