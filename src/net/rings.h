/* SPDX-License-Identifier: MIT */
/* The rings of a loop: see net/transport_ring.h. */
#ifndef NET_RINGS_H
#define NET_RINGS_H

#include "base/list.h"

#include <stddef.h>

struct rings {
    struct list lively; /* those that are looked at; each of the others sleeps by itself */
    size_t len;         /* of all */
    size_t memory;      /* that they take, in bytes */
};

/* The loop is awake. */
void rings_wake(struct rings *rings);

/* Serve each of them once, if it is ready for what is wanted of it. Returns whether any was. */
bool rings_serve(struct rings *rings);

/* Whether any is ready. */
bool rings_have_news(const struct rings *rings);

/* Whether the other end of any runs on the core that this thread runs on. */
bool rings_share_core(const struct rings *rings);

/* The loop is about to sleep. Returns false if it is to stay awake: one of them is ready. */
bool rings_sleep(struct rings *rings);

#endif
