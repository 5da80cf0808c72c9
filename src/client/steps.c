/* SPDX-License-Identifier: MIT */
/*
 * The clients' half of tests/models/lock.pml and event.pml, whose names the steps have. Between two
 * of them the process may be stopped or killed, and the manager may recall the word or end the
 * connection. A test that includes this file gets control there, by STEP().
 */
#include "client/steps.h"
#include <stddef.h>

#ifndef STEP
#define STEP() (void)0
#endif

static bool swap(struct word *word, uint64_t from, uint64_t to)
{
    return atomic_compare_exchange_strong(&word->state, &from, to);
}

/* Owned by us, however deep. */
static bool is_ours(uint64_t state, const struct word_user *user)
{
    return !(state & WORD_SLOW) &&
           state % WORD_LEVEL == word_owned(user->index, user->generation, 1);
}

/*
 * lock.pml, acquire under GONE. The cell is looked at before the exchange and after it: what was
 * taken when the connection had ended is given back, unless the manager has recalled the word. It
 * knows then that this was nobody's.
 */
static bool take(struct word *word, uint64_t from, uint64_t to, const struct word_user *user)
{
    STEP();
    if (!swap(word, from, to))
        return false;
    STEP();
    if (from == WORD_FREE)
        atomic_store_explicit(&word->since, user->now, memory_order_relaxed);
    STEP();
    if (has_cell(user))
        return true;
    STEP();
    swap(word, to, from);
    return false;
}

static bool lock_acquire(struct word *word, bool again, const struct word_user *user)
{
    uint64_t state = atomic_load_explicit(&word->state, memory_order_relaxed);

    if (state == WORD_FREE)
        return take(word, state, word_owned(user->index, user->generation, 1), user);
    if (!again || !is_ours(state, user) || word_levels(state) == WORD_LEVELS_MAX)
        return false;
    return take(word, state, state + WORD_LEVEL, user);
}

/* Only what this connection owns: whether another's release is an error, the manager knows. */
static bool lock_release(struct word *word, const struct word_user *user)
{
    uint64_t state = atomic_load_explicit(&word->state, memory_order_relaxed);

    STEP();
    return is_ours(state, user) &&
           swap(word, state, word_levels(state) > 1 ? state - WORD_LEVEL : WORD_FREE);
}

/* event.pml under SEM: a unit has no owner, so nothing is to be given back with the connection. */
static bool count_change(struct word *word, bool up, uint64_t max)
{
    uint64_t state = atomic_load_explicit(&word->state, memory_order_relaxed);

    do {
        STEP();
        if (state & WORD_SLOW || (up ? state >= max : !state))
            return false;
    } while (!atomic_compare_exchange_weak(&word->state, &state, up ? state + 1 : state - 1));
    STEP();
    return true;
}

bool word_acquire(struct word *word, enum word_kind kind, const struct word_user *user)
{
    STEP();
    if (!has_cell(user))
        return false;
    STEP();
    if (kind == WORD_COUNT)
        return count_change(word, false, 0);
    return lock_acquire(word, kind == WORD_RLOCK, user);
}

bool word_release(struct word *word, enum word_kind kind, uint64_t max,
                  const struct word_user *user)
{
    STEP();
    if (!has_cell(user))
        return false;
    STEP();
    if (kind == WORD_COUNT)
        return count_change(word, true, max);
    return lock_release(word, user);
}

bool word_get_flag(const struct word *word, const struct word_user *user, bool *ret)
{
    uint64_t state;

    STEP();
    if (!has_cell(user))
        return false;
    STEP();
    state = atomic_load(&word->state);
    if (state > 1)
        return false;
    *ret = state;
    return true;
}

/* event.pml: one who sets it when nobody waits. */
bool word_set_flag(struct word *word, bool value, const struct word_user *user)
{
    bool is;

    if (!word_get_flag(word, user, &is))
        return false;
    STEP();
    return is == value || swap(word, is, value);
}

/* Whatever is done to it from here on is done, though the connection may end meanwhile. */
static bool has_number(const struct word *word, const struct word_user *user)
{
    bool has;

    STEP();
    has = has_cell(user) && !atomic_load(&word->ended);
    STEP();
    return has;
}

bool word_get_number(const struct word *word, const struct word_user *user, int64_t *ret)
{
    if (!has_number(word, user))
        return false;
    *ret = (int64_t)atomic_load(&word->state);
    return true;
}

bool word_add(struct word *word, int64_t n, const struct word_user *user, int64_t *ret_sum)
{
    bool added = has_number(word, user) && number_add(&word->state, n, ret_sum);

    STEP();
    return added;
}

bool word_replace(struct word *word, int64_t old, int64_t value, const struct word_user *user,
                  bool *ret_was_old)
{
    if (!has_number(word, user))
        return false;
    *ret_was_old = number_replace(&word->state, old, value);
    STEP();
    return true;
}
