/* SPDX-License-Identifier: MIT */
/*
 * What a manager and its clients on the same host share: the states of locks, each in one word;
 * cells, which say that a connection has not ended; and versions, which say that an object is as it
 * was.
 *
 * The manager *lends* an object's whole state as a word while nobody waits for it, and *recalls* it
 * by an exchange with WORD_SLOW before it looks at the object. Clients change a lent word by one
 * atomic operation for each call. One that fails becomes an ordinary request. Only the manager
 * writes WORD_SLOW, and only the manager leaves it. So nobody who waits is overtaken, and a client
 * that stops or dies between any two instructions keeps nobody else waiting.
 *
 * A word of a lock is free or owned by a cell: by the connection that has the cell, as long as its
 * generation is the cell's. The manager raises the generation when the connection ends, before it
 * looks which words the connection owns. A client reads the cell before it takes a lock, and again
 * after it: what it took in between is given back.
 *
 * A word of a number is lent as long as anybody has it: the manager changes it as clients do, by
 * one atomic operation, and never writes WORD_SLOW.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Of the words of one object; on the wire. */
enum word_kind {
    WORD_NONE,
    WORD_LOCK,    /* free or owned; anybody may release it */
    WORD_RLOCK,   /* free or owned, some levels deep */
    WORD_COUNT,   /* free units */
    WORD_FLAG,    /* 0 or 1 */
    WORD_NUMBER,  /* 64 bits, two's complement */
    WORD_VERSION, /* no word: a version */
};

/* A cache line each: two on one would cost their users three times as much. */
struct word {
    alignas(64) _Atomic uint64_t state;
    _Atomic int64_t since;  /* when a lock was taken, by the holder's clock; for people to see */
    _Atomic uint32_t ended; /* the object is no more: that a number cannot say itself */
};

struct cell {
    alignas(64) _Atomic uint32_t generation; /* written by the manager alone */
};

/*
 * How often an object has changed, or could have: the manager raises the number before it begins to
 * change the object. So whoever has read a number, then asked the object, and then reads the same
 * number again, now or later, knows the answer to be what the object would still say. While it is
 * odd the manager does not see the changes: nothing is known. Numbers of one place only rise,
 * whosever it is.
 *
 * Eight share a cache line: beside an object that is written a million times a second, to look at
 * another's number takes 5 ns in place of 3.
 */
struct version {
    _Atomic uint64_t number; /* written by the manager alone */
};

#define VERSION_HIDDEN UINT64_C(1)

#define WORD_FREE UINT64_C(0)
#define WORD_SLOW (UINT64_C(1) << 63) /* the state is in the manager: ask it */

/* An owned word: levels less one in 11 bits, the cell in 20, the generation, never 0, in 32. */
#define WORD_CELLS_MAX (1u << 20)
#define WORD_LEVELS_MAX (1u << 11)
#define WORD_LEVEL (UINT64_C(1) << 52)

/* The most that a word of WORD_COUNT says: what a double counts exactly. */
#define WORD_COUNT_MAX (UINT64_C(1) << 53)

static inline uint64_t word_owned(unsigned cell, uint32_t generation, uint64_t levels)
{
    return (levels - 1) * WORD_LEVEL | (uint64_t)cell << 32 | generation;
}

static inline unsigned word_cell(uint64_t word)
{
    return word >> 32 & (WORD_CELLS_MAX - 1);
}

static inline uint32_t word_generation(uint64_t word)
{
    return (uint32_t)word;
}

static inline uint64_t word_levels(uint64_t word)
{
    return (word >> 52 & (WORD_LEVELS_MAX - 1)) + 1;
}

/* Add to a number. False: the sum has more than 64 bits, and nothing was done. */
static inline bool number_add(_Atomic uint64_t *number, int64_t n, int64_t *ret_sum)
{
    uint64_t old = atomic_load(number);
    int64_t sum;

    do {
        if (__builtin_add_overflow((int64_t)old, n, &sum))
            return false;
    } while (!atomic_compare_exchange_weak(number, &old, (uint64_t)sum));
    *ret_sum = sum;
    return true;
}

/* Put `value` in the place of `old`. False: it is not `old`. */
static inline bool number_replace(_Atomic uint64_t *number, int64_t old, int64_t value)
{
    uint64_t is = (uint64_t)old;

    return atomic_compare_exchange_strong(number, &is, (uint64_t)value);
}

#endif
