/* SPDX-License-Identifier: MIT */
/*
 * The histograms of all types and methods together. Within a bucket times are taken to lie evenly,
 * as Prometheus' histogram_quantile() does.
 */
#include "latency.h"

#include "cli/fields.h"

#include <math.h>
#include <string.h>

static double bound(struct sm_value bounds, size_t i)
{
    double seconds = 0;

    sm_as_float(sm_item(bounds, i), &seconds);
    return seconds;
}

/* The last bucket has no end: its times count as its beginning. */
static double quantile(const int64_t *counts, size_t len, int64_t total, struct sm_value bounds,
                       double part)
{
    double wanted = part * (double)total, below = 0;

    for (size_t i = 0; i < len; i++) {
        double n = (double)counts[i], from = i ? bound(bounds, i - 1) : 0;

        if (n > 0 && below + n >= wanted)
            return i < sm_len(bounds) ? from + (bound(bounds, i) - from) * (wanted - below) / n
                                      : from;
        below += n;
    }
    return NAN;
}

static size_t add_up(struct sm_value calls, int64_t ret[LATENCY_BUCKETS_MAX])
{
    size_t len = 0;

    for (size_t row = 0; row < sm_len(calls); row++) {
        struct sm_value counts = field(sm_item(calls, row), "counts");

        for (size_t i = 0; i < sm_len(counts) && i < LATENCY_BUCKETS_MAX; i++) {
            int64_t n = 0;

            sm_as_int(sm_item(counts, i), &n);
            ret[i] += n;
            len = i + 1 > len ? i + 1 : len;
        }
    }
    return len;
}

void latency_look(struct latency *latency, struct sm_value metrics, double *ret_p50,
                  double *ret_p99)
{
    struct sm_value bounds = field(metrics, "call_bounds_s");
    struct latency now = {0};
    int64_t since[LATENCY_BUCKETS_MAX], total = 0;

    now.len = add_up(field(metrics, "calls"), now.counts);
    for (size_t i = 0; i < now.len; i++) {
        since[i] = now.counts[i] - latency->counts[i];
        total += since[i];
    }
    *ret_p50 = latency->len && total > 0 ? quantile(since, now.len, total, bounds, 0.5) : NAN;
    *ret_p99 = latency->len && total > 0 ? quantile(since, now.len, total, bounds, 0.99) : NAN;
    *latency = now;
}
