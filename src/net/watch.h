/* SPDX-License-Identifier: MIT */
/* Noticing that a process has ended. */
#ifndef NET_WATCH_H
#define NET_WATCH_H

#include "net/loop.h"

struct watch {
    uv_poll_t poll;
    int pidfd; /* owned; 0: not watching */
    void (*ended)(struct watch *watch);
    void (*closed)(struct watch *watch);
};

/*
 * Call `ended`, once, when the process ends; soon, if it is gone already. Returns 0 or a negative
 * errno.
 */
int watch_process(struct watch *watch, struct loop *loop, int pid,
                  void (*ended)(struct watch *watch));

/* The same for a process that is known by a pidfd, which belongs to the watch afterwards. */
int watch_pidfd(struct watch *watch, struct loop *loop, int pidfd,
                void (*ended)(struct watch *watch));

/*
 * Stop watching. `closed` is called, later, when nothing refers to the watch any more; NULL:
 * loop_deinit() will be called while the watch still is there. Harmless on zeroed memory.
 */
void watch_close(struct watch *watch, void (*closed)(struct watch *watch));

#endif
