/* SPDX-License-Identifier: MIT */
/*
 * The connections of a server, all together, and what each of them needs of it. A server has one
 * crowd; peers, the lobby and processes know no more of the server than this.
 */
#ifndef PEER_CROWD_H
#define PEER_CROWD_H

#include "base/map.h"
#include "net/loop.h"
#include "object/registry.h"
#include "peer/keyring.h"
#include "peer/lobby.h"
#include "syncmanager/server.h"

struct deaths;
struct crowd;
struct meter;
struct peer;
struct process;

/* What has happened since the start. */
struct crowd_counts {
    uint64_t owner_deaths;        /* locks whose owner ended while it held them */
    uint64_t references_dropped;  /* those of processes that ended without giving them back */
    uint64_t refused;             /* connections without the key */
    uint64_t cut;                 /* connections that never showed one */
    uint64_t undelivered;         /* answers that did not arrive: what they handed over went back */
    uint64_t full;                /* connections that came when there was no room */
    uint64_t killed;              /* connections that a client has ended by sm_kill */
    uint64_t connections;         /* that have come in */
    uint64_t calls;               /* requests, of server functions and of objects */
    uint64_t by_rings;            /* those of them that memory carried */
    uint64_t bytes_in, bytes_out; /* over connections that are closed */
};

struct crowd {
    struct registry *registry; /* these four outlive the crowd */
    struct loop *loop;
    struct tree *tree; /* of the request at hand: calls of one loop share it */
    const struct sm_server_options *options;
    struct keyring keyring; /* owned */
    struct list peers;
    size_t peers_len;
    struct map peers_by_id;
    struct list answered; /* peers that are to be settled: see peer_settle() */
    struct lobby lobby;
    struct list processes;       /* all that peers are known to be of */
    struct map processes_by_key; /* those of them that live */
    size_t descriptors;          /* that connections and processes may use, in all */
    uint64_t next_caller;
    struct crowd_counts counts;
    struct meter *meter;   /* owned; NULL: calls are not counted */
    struct deaths *deaths; /* owned; NULL: there was none */
    bool changed;        /* a connection is no more, or has left the lobby; until the loop waits */
    int followed;        /* the process that the server follows; 0: none */
    nsec followed_ended; /* when that ended; 0: it lives */
    enum crowd_phase {
        CROWD_SERVES,
        CROWD_LOOKS_ONCE_MORE, /* nobody comes in; requests on their way may */
        CROWD_HAS_LOOKED,      /* they have; the calls that wait are next */
        CROWD_DRAINS,          /* each connection closes when its last answer is sent */
    } phase;
    bool unwatched; /* a process could not be watched, and that was said, since one could */
    bool full;      /* a connection waits for a place */
    bool said_full; /* and that was said, since a quarter of the places was free */
};

/* The caller fills in what outlives the crowd, and the keys. */
void crowd_init(struct crowd *crowd);

/* After the last peer, and before the loop goes: forget the processes. */
void crowd_deinit(struct crowd *crowd);

void crowd_log(const struct crowd *crowd, enum sm_log_level level, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The peer with this number, or NULL. */
struct peer *crowd_find(const struct crowd *crowd, uint64_t id);

/* Whether a descriptor is left for another connection or process. */
bool crowd_has_room(const struct crowd *crowd);

/* Settle the peers that were answered. Those who are answered meanwhile have their turn later. */
void crowd_settle(struct crowd *crowd);

#endif
