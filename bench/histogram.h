/* SPDX-License-Identifier: MIT */
/* Latencies, to about 3 percent: 32 steps in each doubling of nanoseconds. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 32
#define HISTOGRAM_SLOTS (HISTOGRAM_STEPS * 40)

struct histogram {
    uint64_t total;
    uint64_t slot[HISTOGRAM_SLOTS];
};

static inline void histogram_add(struct histogram *h, uint64_t ns, uint64_t times)
{
    unsigned shift = ns >= HISTOGRAM_STEPS ? 58 - (unsigned)__builtin_clzll(ns) : 0;
    uint64_t slot = shift * HISTOGRAM_STEPS + (ns >> shift);

    h->slot[slot < HISTOGRAM_SLOTS ? slot : HISTOGRAM_SLOTS - 1] += times;
    h->total += times;
}

static inline void histogram_merge(struct histogram *h, const struct histogram *other)
{
    for (unsigned i = 0; i < HISTOGRAM_SLOTS; i++)
        h->slot[i] += other->slot[i];
    h->total += other->total;
}

/* The latency in nanoseconds that this share of all stayed under. */
static inline uint64_t histogram_at(const struct histogram *h, double share)
{
    uint64_t left = (uint64_t)((double)h->total * share);
    unsigned i = 0, shift;

    while (i < HISTOGRAM_SLOTS - 1 && h->slot[i] <= left)
        left -= h->slot[i++];
    shift = i < 2 * HISTOGRAM_STEPS ? 0 : i / HISTOGRAM_STEPS - 1;
    return (uint64_t)(i - shift * HISTOGRAM_STEPS) << shift;
}

#endif
