/* SPDX-License-Identifier: MIT */
/* How many calls there were in each of the last seconds. */
#ifndef WEB_HISTORY_H
#define WEB_HISTORY_H

#include <stdint.h>
#include <stdio.h>

#define HISTORY_LEN 300

/* NAN: not known. */
struct history_second {
    double calls; /* in this second */
    double p50;   /* seconds that half of them took no longer than */
    double p99;
};

/* Zeroed memory is empty. */
struct history {
    struct history_second seconds[HISTORY_LEN]; /* a ring */
    size_t len;
    size_t next;
};

void history_add(struct history *history, struct history_second second);

/* Write {"step": 1, "now": ..., "calls": [...], "p50": [...], "p99": [...]}, the oldest first. */
void history_write(const struct history *history, int64_t now, FILE *out);

#endif
