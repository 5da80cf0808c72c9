/* SPDX-License-Identifier: MIT */
/* What the page and programs ask: figures of the manager, as JSON. */
#ifndef WEB_API_H
#define WEB_API_H

#include "history.h"
#include "latency.h"
#include "request.h"
#include "snapshot.h"

#include <stdatomic.h>

/* Of the thread that asks the manager, but for `ready`. */
struct api {
    struct sm_manager *manager; /* owned; NULL before the start */
    bool allow_kill;
    struct snapshot objects;
    struct snapshot clients;
    struct history history;
    double sampled; /* when the history was added to; by now_s() */
    int64_t calls;  /* so many had been made then; -1: not known */
    struct latency latency;
    double latency_next; /* when it may be looked at again; likewise */
    atomic_llong ready;  /* when the manager answered last, in whole seconds by now_s() */
};

void api_init(struct api *api, bool allow_kill);
void api_deinit(struct api *api);

/* Whether somebody on any thread may say that the manager answers. */
bool api_is_ready(struct api *api);

/* Fill in the answer of a request. */
void api_answer(struct api *api, struct request *request);

/* Do what is due every second, if it is. */
void api_tick(struct api *api);

/* Give a request an answer that is an error in words, as JSON. */
void api_refuse(struct request *request, unsigned status, const char *why);

#endif
