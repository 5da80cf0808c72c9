/* SPDX-License-Identifier: MIT */
/* The connections that have not proved yet that they know the key. */
#ifndef PEER_LOBBY_H
#define PEER_LOBBY_H

#include "base/limits.h"
#include "base/list.h"
#include "base/timers.h"

#include <stdbool.h>

struct peer;
struct crowd;

struct lobby {
    struct list peers; /* the oldest first */
    size_t len;
    struct timer oldest; /* set while somebody waits for the place of the oldest */
    struct offender {    /* a source that has failed */
        uint64_t source; /* a hash; 0: none */
        nsec last;
        unsigned failures;
    } offenders[LIMIT_OFFENDERS];
    nsec logging_since; /* of these lines, and how many were logged and left out since then */
    unsigned logged;
    unsigned left_out;
};

void lobby_init(struct lobby *lobby);

/* A connection has come in. When there are too many, the oldest goes. */
void lobby_enter(struct peer *peer);

/* It has proved itself, or ended. Harmless when it is not there. */
void lobby_leave(struct peer *peer);

/*
 * All places are taken: cut the oldest for the sake of a new one, if it has had its time. Returns
 * whether one is free now; if not, the loop turns when the oldest has had its time.
 */
bool lobby_make_room(struct crowd *crowd);

/* It has failed: its answer, which stands in the stream's buffer, waits before it goes out. */
void lobby_refuse(struct peer *peer, const char *reason);

/* It took too long. */
void lobby_cut(struct peer *peer);

/* It has been refused before anything could be said to it: note why. */
void lobby_note(struct peer *peer, const char *reason);

#endif
