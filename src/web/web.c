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

static int start_threads(struct web *web, const char *address, const void *key, size_t len)
{
    const char *why = NULL;
    int r = 0;

    if (token_derive(key, len, &web->site.key) < 0)
        why = "OpenSSL has no HMAC-SHA-256";
    else if (asker_start(&web->site.asker, address, key, len, &why) == 0 &&
             (r = pthread_create(&web->ticker, NULL, tick, web)) != 0)
        why = strerror(r);
    if (why) {
        fprintf(stderr, "syncmanagerd: --http: %s\n", why);
        return -1;
    }
    web->ticks = true;
    for (; r == 0 && web->started < web->https_len; web->started++)
        r = http_start(&web->https[web->started]);
    return r;
}

int web_start(struct web *web, const char *address, const void *key, size_t len)
{
    sigset_t all, before;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = start_threads(web, address, key, len);
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
    explicit_bzero(&web->site.key, sizeof(web->site.key));
    free(web->https);
    free(web);
}
