/* SPDX-License-Identifier: MIT */
/*
 * What calls come to, where the server's options ask for it: how long they take by type and method,
 * how long they wait by what they wait for, and how often clients came to wait for each other.
 */
#ifndef PEER_METER_H
#define PEER_METER_H

#include "base/histogram.h"
#include "base/map.h"
#include "object/object.h"

struct call;
struct peer;

/* The least bounds of the histograms: calls take from 1 us to 8 s, and waits 100 us to 14 min. */
#define METER_CALL_LEAST USEC
#define METER_WAIT_LEAST (100 * USEC)

/* What a histogram is of. Whatever it points to outlives it. */
struct meter_key {
    const struct object_type *type; /* NULL: the server, whose functions these are */
    const struct method *method;    /* NULL: one that is in no table */
    const struct object *object;    /* of waits, one that is registered; NULL: any other */
};

struct meter_series {
    struct meter_key key;
    struct histogram times;
};

struct meter_table {
    struct map series;          /* owned, as what is in it */
    struct meter_series *last;  /* that was looked for; NULL: none */
    struct meter_series others; /* all for which there is no room */
};

struct meter {
    struct meter_table calls;
    struct meter_table waits;
    uint64_t deadlocks; /* circles of clients that wait for each other, when they closed */
};

/* NULL: out of memory. */
struct meter *meter_new(void);
void meter_free(struct meter *meter);

/* A call has been answered `took` after it came; `waited`: for others, for most of that. */
void meter_add(struct meter *meter, const struct call *call, nsec took, bool waited);

/*
 * Whether a peer whose call has just begun to wait for a lock has closed a circle of peers that
 * wait for each other. One of more than LIMIT_CIRCLE peers is not seen.
 */
bool meter_closes_circle(const struct peer *peer);

#endif
