/* SPDX-License-Identifier: MIT */
/*
 * What every driver shares: clients are processes (or threads), each doing turns of one work for a
 * given time, all beginning at once. What they did is printed as one line of JSON.
 *
 * A driver defines `works`; main() is here.
 */
#ifndef BENCH_DRIVER_H
#define BENCH_DRIVER_H

#include "histogram.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    const char *address; /* as sm_manager_connect() takes it */
    unsigned clients;    /* how many do the work at once */
    double seconds;      /* for how long */
    size_t bytes;        /* of a value */
    size_t elements;     /* of a container */
    size_t reply;        /* bytes of a reply, for drivers that make up their own */
    size_t count;        /* calls to make, in place of a time; 0: the time counts */
    int server;          /* the server's process, whose memory is looked at; 0: none */
    bool threads;        /* clients are threads of one process */
};

/* What clients share, whether threads or processes. */
struct shared {
    atomic_uint ready;     /* clients that have opened */
    atomic_uint go;        /* nonzero: begin */
    atomic_uint failed;    /* a client that could not go on */
    atomic_ullong last;    /* of works in lockstep: the turn after which all stop */
    atomic_ullong word[8]; /* for the works */
};

struct client {
    const struct options *options;
    unsigned index;
    struct shared *shared;
    void *common; /* what the work's prepare() made */
    void *own;    /* what its open() made */
    uint64_t turn;
};

struct work {
    const char *name;

    /* Once, before there are clients. Returns 0, or anything else after saying what is wrong. */
    int (*prepare)(struct client *first);
    int (*open)(struct client *client);

    /* One turn. Returns how many calls it counts as, 0 if it is not to be measured, or -1. */
    int (*turn)(struct client *client);
    void (*close)(struct client *client);
    void (*finish)(struct client *first);

    /* Clients go turn by turn together, and all stop after the same one: the first decides. */
    bool lockstep;

    /* How many clients there must be; 0: as many as asked for. */
    unsigned clients;

    /* How long a client sleeps before each turn. */
    unsigned pause_us;
};

/* What the driver can do; the last has no name. */
extern const struct work works[];

/* Nanoseconds of a clock that all processes share. */
uint64_t now_ns(void);

/* Be at work, without sleeping. */
void work_ns(uint64_t ns);

/* What a client that takes turns does while it has the lock, and between: longer than the other. */
#define HOLD_NS 1000
#define OUT_NS 10000

#endif
