/* SPDX-License-Identifier: MIT */
/* How long calls took between two looks at the manager's histograms. */
#ifndef WEB_LATENCY_H
#define WEB_LATENCY_H

#include <stdint.h>
#include <syncmanager.h>

#define LATENCY_BUCKETS_MAX 64

/* Zeroed memory: nothing was looked at. */
struct latency {
    int64_t counts[LATENCY_BUCKETS_MAX]; /* of all calls, when it was looked at last */
    size_t len;
};

/*
 * What sm_metrics() tells now. Gives the seconds that half of the calls since the last look, and 99
 * of 100, took no longer than; NAN: there were none, or it is not known.
 */
void latency_look(struct latency *latency, struct sm_value metrics, double *ret_p50,
                  double *ret_p99);

#endif
