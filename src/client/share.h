/* SPDX-License-Identifier: MIT */
/* The memory that managers share with this process, and this thread's place in it. */
#ifndef CLIENT_SHARE_H
#define CLIENT_SHARE_H

#include "client/client.h"
#include "net/share.h"

/* The memory of one manager's process, as long as the handle lives: proxies point into it. */
struct mapping {
    struct share share;
    process_id process;   /* that has it mapped */
    atomic_size_t cached; /* bytes of kept answers, of all its threads */
    struct mapping *older;
};

/*
 * This thread's connection, with a cell if the manager gives one: asked once. Whether it has, says
 * (*ret)->mapping. Returns SM_OK, or SM_E... if the connection was lost over that, or could not be
 * had: then the call at hand fails with this error, as the connection owned RLocks, perhaps.
 */
int share_join(struct sm_manager *manager, struct connection **ret);

/* With the last reference to the manager. */
void share_forget(struct sm_manager *manager);

#endif
