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
    struct sm_manager *fresh; /* in place of the API's, as soon as that is in no call; owned */
    bool ends;
};

void asker_init(struct asker *asker, bool allow_kill);

/*
 * Ask the manager at `address`, as one who has the key, from the next question on. Returns SM_OK or
 * a negative SM_E...
 */
int asker_reach(struct asker *asker, const char *address, const void *key, size_t len);

/* Start. Returns 0 or an errno. */
int asker_start(struct asker *asker);

/*
 * Have a request answered. `hold` is called first, with no answer possible before it returns.
 * False: the asker ends, and neither was done.
 */
bool asker_put(struct asker *asker, struct request *request, void (*hold)(struct request *request));

/* Refuse what waits, and end. */
void asker_stop(struct asker *asker);

void asker_deinit(struct asker *asker);

#endif
