/* SPDX-License-Identifier: MIT */
/* A server that runs in a thread of the test's, and waiting for what its other threads do. */
#ifndef SUPPORT_SERVE_H
#define SUPPORT_SERVE_H

#include <pthread.h>
#include <syncmanager.h>

/* What such a thread runs. */
static inline void *serve(void *server)
{
    sm_server_run(server);
    return NULL;
}

/*
 * `f` has the lock that `condition` is looked at under, and `changed`, told whenever it may hold.
 */
#define wait_until(f, condition)                                                                   \
    do {                                                                                           \
        pthread_mutex_lock(&(f)->lock);                                                            \
        while (!(condition))                                                                       \
            pthread_cond_wait(&(f)->changed, &(f)->lock);                                          \
        pthread_mutex_unlock(&(f)->lock);                                                          \
    } while (0)

#endif
