/* SPDX-License-Identifier: MIT */
/* What a client does to the words of base/word.h: a few atomic operations, and never a wait. */
#ifndef CLIENT_STEPS_H
#define CLIENT_STEPS_H

#include "base/word.h"

#include <stdbool.h>

/* A connection, as words have it. */
struct word_user {
    const struct cell *cell;
    unsigned index; /* of that cell */
    uint32_t generation;
    int64_t now; /* when this call began, to a few milliseconds: a better clock takes longer */
};

/* The manager has not ended the connection. */
static inline bool has_cell(const struct word_user *user)
{
    return atomic_load(&user->cell->generation) == user->generation;
}

/*
 * Each of these returns whether it was done; if not, nothing was, and the manager is to be asked.
 * `kind` is WORD_LOCK, WORD_RLOCK or WORD_COUNT; `max` is the most that a count may be.
 */
bool word_acquire(struct word *word, enum word_kind kind, const struct word_user *user);
bool word_release(struct word *word, enum word_kind kind, uint64_t max,
                  const struct word_user *user);

/* Of WORD_FLAG. */
bool word_get_flag(const struct word *word, const struct word_user *user, bool *ret);
bool word_set_flag(struct word *word, bool value, const struct word_user *user);

/* Of WORD_NUMBER. */
bool word_get_number(const struct word *word, const struct word_user *user, int64_t *ret);
bool word_add(struct word *word, int64_t n, const struct word_user *user, int64_t *ret_sum);
bool word_replace(struct word *word, int64_t old, int64_t value, const struct word_user *user,
                  bool *ret_was_old);

#endif
