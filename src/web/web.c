/* SPDX-License-Identifier: MIT */
/*
 * The threads of the page: one for HTTP at each address, one that asks the manager, and one that
 * looks every second for what has taken too long. None of them takes signals.
 *
 * The end goes against the way of a question: first nobody new comes, then who waits is answered,
 * then HTTP ends.
 */
#include "web.h"

#include "http.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct web {
    struct site site;
    char *manager;      /* its address; owned */
    struct http *https; /* owned */
    size_t https_len;
    size_t started;
    pthread_t ticker;
    bool ticks;
    pthread_mutex_t lock; /* of `ends` */
    pthread_cond_t changed;
    bool ends;
};

int web_new(const struct web_options *options, struct web **ret)
{
    struct web *web = calloc(1, sizeof(*web));

    if (web)
        web->https = calloc(options->addresses_len, sizeof(struct http));
    if (!web || !web->https) {
        fputs("syncmanagerd: out of memory\n", stderr);
        free(web);
        return -1;
    }
    web->site.allow_kill = options->allow_kill;
    web->site.log = options->log;
    web->site.log_context = options->log_context;
    keyring_init(&web->site.keys);
    asker_init(&web->site.asker, options->allow_kill);
    pthread_mutex_init(&web->lock, NULL);
    pthread_cond_init(&web->changed, NULL);
    for (size_t i = 0; i < options->addresses_len; i++) {
        http_init(&web->https[web->https_len++], &web->site);
        if (web_listen(options->addresses[i], options->allow_remote, &web->https[i].socket) < 0) {
            web_free(web);
            return -1;
        }
    }
    *ret = web;
    return 0;
}

const char *web_address(const struct web *web, size_t index)
{
    return web && index < web->https_len ? web->https[index].socket.url : NULL;
}

static void *tick(void *context)
{
    struct web *web = context;
    struct timespec until;
    bool ends = false;

    while (!ends) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_mutex_lock(&web->lock);
        if (!web->ends)
            pthread_cond_timedwait(&web->changed, &web->lock, &until);
        ends = web->ends;
        pthread_mutex_unlock(&web->lock);
        for (size_t i = 0; i < web->https_len; i++)
            http_tick(&web->https[i]);
    }
    return NULL;
}

static int complain(const char *what)
{
    fprintf(stderr, "syncmanagerd: --http: %s\n", what);
    return -1;
}

int web_set_keys(struct web *web, const struct web_key *keys, size_t len)
{
    if (keyring_set(&web->site.keys, keys, len) < 0)
        return complain("OpenSSL has no HMAC-SHA-256");
    if (!len)
        return complain("nobody may see the page: no key has the right admin");
    if (asker_reach(&web->site.asker, web->manager, keys[0].key, keys[0].len) < 0)
        return complain(sm_last_error()->message);
    return 0;
}

static int start_threads(struct web *web)
{
    int r = asker_start(&web->site.asker);

    if (r == 0)
        r = pthread_create(&web->ticker, NULL, tick, web);
    if (r != 0)
        return complain(strerror(r));
    web->ticks = true;
    for (; r == 0 && web->started < web->https_len; web->started++)
        r = http_start(&web->https[web->started]);
    return r;
}

int web_start(struct web *web, const char *address, const struct web_key *keys, size_t len)
{
    sigset_t all, before;
    int r;

    web->manager = strdup(address);
    if (!web->manager)
        return complain("out of memory");
    if (web_set_keys(web, keys, len) < 0)
        return -1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = start_threads(web);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

static void stop_ticking(struct web *web)
{
    pthread_mutex_lock(&web->lock);
    web->ends = true;
    pthread_cond_signal(&web->changed);
    pthread_mutex_unlock(&web->lock);
    if (web->ticks)
        pthread_join(web->ticker, NULL);
}

void web_free(struct web *web)
{
    if (!web)
        return;
    for (size_t i = 0; i < web->https_len; i++)
        http_quiesce(&web->https[i]);
    asker_stop(&web->site.asker);
    stop_ticking(web); /* the last tick is after nobody is late any more */
    for (size_t i = 0; i < web->https_len; i++)
        http_deinit(&web->https[i]);
    asker_deinit(&web->site.asker);
    pthread_cond_destroy(&web->changed);
    pthread_mutex_destroy(&web->lock);
    keyring_deinit(&web->site.keys);
    free(web->manager);
    free(web->https);
    free(web);
}
