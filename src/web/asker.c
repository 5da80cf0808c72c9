/* SPDX-License-Identifier: MIT */
/*
 * One thread and one connection, whoever asks how much: the manager gets the next question when it
 * has answered the last one. Once a second it is asked for the history, whether anybody looks or
 * not.
 */
#include "asker.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 5000

void asker_init(struct asker *asker, bool allow_kill)
{
    pthread_condattr_t attributes;

    *asker = (struct asker){0};
    api_init(&asker->api, allow_kill);
    pthread_mutex_init(&asker->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&asker->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    asker->last = &asker->first;
}

/* Called with the lock held. */
static void take_fresh(struct asker *asker)
{
    if (!asker->fresh)
        return;
    sm_manager_free(asker->api.manager);
    asker->api.manager = asker->fresh;
    asker->fresh = NULL;
}

/* The next request, or NULL when something else is due. */
static struct request *take(struct asker *asker, bool *ret_ends)
{
    struct timespec until;
    struct request *request;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&asker->lock);
    while (!asker->first && !asker->ends &&
           pthread_cond_timedwait(&asker->changed, &asker->lock, &until) == 0)
        continue;
    take_fresh(asker);
    request = asker->first;
    if (request) {
        asker->first = request->next;
        if (!asker->first)
            asker->last = &asker->first;
    }
    *ret_ends = asker->ends;
    pthread_mutex_unlock(&asker->lock);
    return request;
}

static void *run(void *context)
{
    struct asker *asker = context;
    struct request *request;
    bool ends = false;

    api_tick(&asker->api);
    while ((request = take(asker, &ends)) || !ends) {
        if (request && ends)
            api_refuse(request, 503, "the manager ends");
        else if (request)
            api_answer(&asker->api, request);
        if (request)
            request->answered(request);
        if (!ends)
            api_tick(&asker->api);
    }
    return NULL;
}

int asker_reach(struct asker *asker, const char *address, const void *key, size_t len)
{
    struct sm_manager_options options = {
        .authkey = key,
        .authkey_len = len,
        .timeout_ms = PATIENCE_MS,
        .spins = UINT_MAX,
        .sockets_only = true,
    };
    struct sm_manager *manager;
    int r = sm_manager_at(address, &options, &manager);

    if (r < 0)
        return r;
    pthread_mutex_lock(&asker->lock);
    sm_manager_free(asker->fresh);
    asker->fresh = manager;
    pthread_mutex_unlock(&asker->lock);
    return SM_OK;
}

int asker_start(struct asker *asker)
{
    int r;

    take_fresh(asker);
    r = pthread_create(&asker->thread, NULL, run, asker);
    asker->runs = r == 0;
    return r;
}

bool asker_put(struct asker *asker, struct request *request, void (*hold)(struct request *request))
{
    bool takes;

    pthread_mutex_lock(&asker->lock);
    takes = !asker->ends;
    if (takes) {
        hold(request);
        request->next = NULL;
        *asker->last = request;
        asker->last = &request->next;
        pthread_cond_signal(&asker->changed);
    }
    pthread_mutex_unlock(&asker->lock);
    return takes;
}

void asker_stop(struct asker *asker)
{
    pthread_mutex_lock(&asker->lock);
    asker->ends = true;
    pthread_cond_signal(&asker->changed);
    if (asker->runs)
        sm_manager_interrupt(asker->api.manager);
    pthread_mutex_unlock(&asker->lock);
    if (!asker->runs)
        return;
    pthread_join(asker->thread, NULL);
    asker->runs = false;
}

void asker_deinit(struct asker *asker)
{
    api_deinit(&asker->api);
    sm_manager_free(asker->fresh);
    pthread_cond_destroy(&asker->changed);
    pthread_mutex_destroy(&asker->lock);
}
