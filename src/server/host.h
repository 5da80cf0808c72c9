/* SPDX-License-Identifier: MIT */
/* Types whose methods are the program's own. */
#ifndef SERVER_HOST_H
#define SERVER_HOST_H

#include "base/list.h"

#include <pthread.h>

/* Answers that other threads have given, on their way to the loop. */
struct host_posts {
    pthread_mutex_t lock;
    struct list posts;
};

/* Deliver what has been posted. Runs on the loop. */
void host_deliver(struct host_posts *posts);

/* Free the types that were registered, after their objects. */
void host_free_types(struct list *types);

#endif
