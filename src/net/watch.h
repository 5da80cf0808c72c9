/* SPDX-License-Identifier: MIT */
/* Noticing that a process has ended. */
#ifndef NET_WATCH_H
#define NET_WATCH_H

#include "net/loop.h"

struct watch {
    uv_poll_t poll;
    int fd; /* owned; 0: not watching */
    void (*ended)(struct watch *watch);
};

/*
 * Call `ended`, once, when the process ends; soon, if it is gone already. The watch lives until
 * loop_deinit(). Returns 0 or a negative errno.
 */
int watch_process(struct watch *watch, struct loop *loop, int pid,
                  void (*ended)(struct watch *watch));

/* After loop_deinit(). Harmless on zeroed memory. */
void watch_deinit(struct watch *watch);

#endif
