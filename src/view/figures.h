/* SPDX-License-Identifier: MIT */
/*
 * What a running manager shows of itself: plain figures. Who knows the manager fills them in, a row
 * at a time; who writes them down knows nothing but these.
 *
 * Texts are borrowed: they are there until the next row is filled in. NULL: not known. Peers have
 * chosen some of them, so that they may hold anything. Times are spans, FOREVER is one without end.
 */
#ifndef VIEW_FIGURES_H
#define VIEW_FIGURES_H

#include "base/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which object. */
struct object_name {
    const char *ident;
    const char *type;
};

/* Which client. */
struct client_name {
    uint64_t number; /* of its connection */
    int pid;         /* 0: not known */
    const char *process;
    const char *host;
};

/* A call that is parked. */
struct wait_figures {
    struct object_name object;
    const char *method;
    nsec waits;
    nsec left; /* until its time is up */
};

/* The manager as a whole. */
struct info_figures {
    const char *version;
    int pid;
    nsec uptime;
    const char *const *addresses; /* where it listens; NULL at the end */
    const char *const *pages;     /* where it can be seen, likewise; NULL: nowhere */
    struct {
        uint64_t connections;
        uint64_t processes;
        uint64_t waiting; /* calls */
        uint64_t objects; /* that clients hold */
        uint64_t objects_alive;
        uint64_t objects_in_transit;
        uint64_t references;
        uint64_t words;   /* that clients have of objects in shared memory */
        uint64_t lent;    /* of those */
        uint64_t watched; /* objects whose versions clients have */
        uint64_t rings;   /* connections that memory carries, or may */
        uint64_t keys;
    } now;
    struct {
        uint64_t calls;
        uint64_t connections;
        uint64_t bytes_in;
        uint64_t bytes_out;
        uint64_t owner_deaths;
        uint64_t references_dropped;
        uint64_t undelivered;
        uint64_t refused;
        uint64_t cut;
        uint64_t full;
        uint64_t killed;
        uint64_t recalls;  /* of what was lent */
        uint64_t by_rings; /* calls, of those above */
    } since_start;
    struct { /* in bytes */
        uint64_t used;
        uint64_t limit;
        uint64_t connections;
        uint64_t tables;
        uint64_t objects;
        uint64_t shared;
        uint64_t resident;
    } memory;
};

/* A connection. */
struct client_figures {
    struct client_name name;
    int64_t uid;       /* -1: not known */
    const char *key;   /* the name of the key that it has shown; NULL: that has none */
    const char *right; /* that the key gives */
    const char *state;
    nsec since; /* it came in */
    uint64_t calls;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t unsent; /* bytes */
    bool shares;     /* memory, with the manager */
    bool ring;       /* memory carries it */
    const char *tls; /* the name in its certificate, "" without one; NULL: it is not encrypted */
    bool is_waiting; /* in a call of an object: */
    struct wait_figures wait;
};

/* A shared object. */
struct object_figures {
    struct object_name name;
    const char *registered; /* the name that it is registered under; NULL: under none */
    uint64_t references;
    uint64_t waiting; /* calls */
    bool counts;      /* whether the server counts: */
    uint64_t calls;   /* that were answered */
    uint64_t items;
    uint64_t bytes;
    const char *value; /* the beginning of its str(), in UTF-8; NULL: only its host knows */
    size_t value_len;
};

/* A lock that is held. */
struct held_figures {
    struct object_name object;
    struct client_name holder;
    bool gone; /* the holder's connection has ended, and no process is left to release it */
    nsec held;
    uint64_t waiting; /* calls */
};

/* A client that waits for a lock, a semaphore or a Condition. */
struct waiting_figures {
    struct client_name client;
    struct wait_figures wait;
    uint64_t held_by; /* the number of the client that has what it waits for; 0: nobody */
};

/* What calls come to, beside rows of them. */
struct metrics_figures {
    bool counts;                 /* whether the server counts */
    uint64_t deadlocks;          /* circles of clients that wait for each other, that have closed */
    uint64_t deadlocks_now;      /* those that there are */
    nsec call_least, wait_least; /* the least bounds of both kinds of histograms */
};

/* How long calls of one kind took. No text is NULL. */
struct series_figures {
    const char *type;
    const char *method;
    const char *object; /* of waits, the name that it is registered under; "": any other */
    const struct histogram *times;
};

/* An owner that has ended, and what it held. */
struct death_figures {
    nsec date;              /* since 1970 */
    struct client_name who; /* number 0: a process, whatever its connections were */
    struct object_name object;
    const char *registered; /* as of an object */
    bool kept;              /* it stays locked; else it was released */
};

#endif
