/* SPDX-License-Identifier: MIT */
/* fork() in a process that serves. */
#ifndef SERVER_FORK_H
#define SERVER_FORK_H

#include "place/post.h"

#include <stdbool.h>

struct forking {
    pthread_mutex_t lock; /* for all that follows */
    pthread_cond_t changed;
    struct post post;
    bool running; /* sm_server_run() is */
    enum fork_state {
        FORK_NONE,
        FORK_ASKED,  /* a thread means to fork */
        FORK_STANDS, /* the loop stands still, and the thread may */
    } state;
};

void forking_init(struct forking *forking);
void forking_deinit(struct forking *forking);

/* The loop runs from now on, or no more: nobody has to wait for it to stand still. */
void forking_set_running(struct forking *forking, bool running);

#endif
