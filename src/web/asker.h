/* SPDX-License-Identifier: MIT */
/* The thread that asks the manager what requests want to know, one after the other. */
#ifndef WEB_ASKER_H
#define WEB_ASKER_H

#include "api.h"

#include <pthread.h>

struct asker {
    struct api api;
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    struct request *first; /* of those that wait; not owned */
    struct request **last;
    bool ends;
};

void asker_init(struct asker *asker, bool allow_kill);

/*
 * Start, with what the manager at `address` tells. Returns 0 or -1, with sm_last_error() or errno
 * in `*ret_why`.
 */
int asker_start(struct asker *asker, const char *address, const void *key, size_t len,
                const char **ret_why);

/*
 * Have a request answered. `hold` is called first, with no answer possible before it returns.
 * False: the asker ends, and neither was done.
 */
bool asker_put(struct asker *asker, struct request *request, void (*hold)(struct request *request));

/* Refuse what waits, and end. */
void asker_stop(struct asker *asker);

void asker_deinit(struct asker *asker);

#endif
