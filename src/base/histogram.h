/* SPDX-License-Identifier: MIT */
/*
 * How many times were how long. A histogram has a count for each span of times, whose bounds
 * double from one to the next. Whoever has histograms of one kind says what the least bound is.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include "base/macros.h"

/* The longest bound is the least, doubled so often and once less. */
#define HISTOGRAM_BOUNDS 24

/* Behind all bounds there is one more: of what is longer. */
#define HISTOGRAM_LEN (HISTOGRAM_BOUNDS + 1)

struct histogram {
    uint64_t counts[HISTOGRAM_LEN]; /* of times up to the bound, and above the one before */
    double sum;                     /* in nanoseconds: thousands may wait for years, together */
};

static inline nsec histogram_bound(nsec least, size_t index)
{
    return least << index;
}

static inline void histogram_add(struct histogram *histogram, nsec time, nsec least)
{
    uint64_t passed = time > 0 ? (uint64_t)time : 0;
    uint64_t above = passed ? (passed - 1) / (uint64_t)least : 0;
    size_t index = above ? (size_t)(64 - __builtin_clzll(above)) : 0;

    histogram->counts[MIN(index, HISTOGRAM_BOUNDS)]++;
    histogram->sum += (double)passed;
}

/* Add what another one of the same kind has. */
static inline void histogram_merge(struct histogram *to, const struct histogram *from)
{
    for (size_t i = 0; i < HISTOGRAM_LEN; i++)
        to->counts[i] += from->counts[i];
    to->sum += from->sum;
}

static inline uint64_t histogram_total(const struct histogram *histogram)
{
    uint64_t n = 0;

    for (size_t i = 0; i < HISTOGRAM_LEN; i++)
        n += histogram->counts[i];
    return n;
}

#endif
