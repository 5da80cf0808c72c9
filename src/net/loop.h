/* SPDX-License-Identifier: MIT */
/* The event loop: the only clock of the server, its deadlines, and a way to wake it. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/clock.h"
#include "base/timers.h"
#include "net/rings.h"
#include "net/spin.h"

#include <uv.h>

/* One read takes at most this much; larger messages are read in place. */
#define LOOP_SCRATCH_SIZE 65536

struct loop {
    uv_loop_t uv;
    uv_prepare_t prepare; /* arms the timer before each wait */
    uv_timer_t timer;
    uv_idle_t busy; /* runs while rings have more: the loop does not wait then */
    uv_async_t wake;
    struct rings rings;                /* of transports on the loop */
    struct timers *timers;             /* borrowed; what is due is fired by the loop */
    nsec armed;                        /* the deadline that `timer` is set for */
    struct spin spin;                  /* set up by the owner; zeroed, it sleeps at once */
    bool sleeps;                       /* the waiting is the loop's own: it runs by loop_run() */
    unsigned turn;                     /* the number of this one */
    unsigned looks;                    /* so far, at rings before it slept */
    bool lively;                       /* set by the owner: more may come in at once */
    void (*woken)(struct loop *loop);  /* runs on the loop after loop_wake() */
    void (*settle)(struct loop *loop); /* runs before each wait, ahead of the timer's arming */
    uint8_t *scratch;                  /* owned; where streams read to first */
    pid_t pid;                         /* the process whose the loop is: see loop_run() */
    nsec ahead;                        /* of the machine's clock: tests let time pass by it */
};

/* Returns 0 or a negative errno. */
int loop_init(struct loop *loop, struct timers *timers, void (*woken)(struct loop *loop),
              void (*settle)(struct loop *loop));

/* Every transport, listener and watch on the loop is closed, or closing. */
void loop_deinit(struct loop *loop);

/* Run until loop_halt(). A child may run what its parent has made, and never run. */
int loop_run(struct loop *loop);

/*
 * Or let somebody else wait: do what is to be done now, then again when the descriptor is readable
 * or the time, -1 for none, is over.
 */
void loop_step(struct loop *loop);
int loop_fd(const struct loop *loop);
int loop_timeout_ms(const struct loop *loop);

void loop_halt(struct loop *loop);

/* What time it is; any thread. */
static inline nsec loop_now(const struct loop *loop)
{
    return clock_now() + loop->ahead;
}

/* When that time was, since 1970, as the machine's clock has it now. */
static inline nsec loop_date(const struct loop *loop, nsec time)
{
    return clock_date() - (loop_now(loop) - time);
}

/* Any thread, and signal handlers. */
void loop_wake(struct loop *loop);

#endif
