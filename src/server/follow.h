/* SPDX-License-Identifier: MIT */
/* The process that a server serves for, and how long the server outlives it. */
#ifndef SERVER_FOLLOW_H
#define SERVER_FOLLOW_H

#include "base/timers.h"
#include "net/watch.h"

#include <stdatomic.h>

struct sm_server;

struct follow {
    struct watch watch; /* of that process */
    atomic_int asked;   /* who asked the server to resign, until the loop has seen it; 0: nobody */
    bool in_haste;      /* somebody has: it does not linger */
    bool resigned;      /* the process itself has: it needs the server no longer */
    struct timer idle;  /* set while nobody needs the server */
    struct timer last;  /* when it ends if the process itself asked, whoever needs it */
};

/* Somebody is connected, or nobody is any more: perhaps the server is to end. */
void follow_review(struct sm_server *server);

/* In the loop: somebody may have asked the server to resign. */
void follow_woken(struct sm_server *server);

#endif
