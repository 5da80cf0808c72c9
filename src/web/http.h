/* SPDX-License-Identifier: MIT */
/*
 * HTTP for the page, by libmicrohttpd: one thread for each address, that waits for nobody. Without
 * a token a connection gets one short answer, and has ten seconds for it; when there are many, the
 * oldest of those are cut for those that come. So nobody who has a token is kept out for long by
 * those who have none, and what these cost is bounded.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "access.h"
#include "asker.h"
#include "web.h"

struct MHD_Daemon;

/* What all addresses share. */
struct site {
    struct keyring keys;
    struct asker asker;
    bool allow_kill;
    sm_log_fn log;
    void *log_context;
};

struct http {
    struct site *site; /* outlives it */
    struct web_socket socket;
    char cookie[32]; /* its name: browsers do not tell ports apart */
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;     /* of what follows */
    struct connection *first; /* in the order in which they came; owned */
    struct connection *last;
    size_t len;
    struct late *late;   /* wrong tokens, that are answered at the next tick */
    size_t wrong;        /* how many there were since the last tick */
    double told;         /* when the log was told of any; by now_s() */
    size_t wrong_untold; /* of which it was not told */
    bool ends;
};

void http_init(struct http *http, struct site *site);

/* Answer those who come to the socket. Returns 0, or -1 after saying what is wrong. */
int http_start(struct http *http);

/* To be called once a second: cut who is too slow, answer wrong tokens. */
void http_tick(struct http *http);

/* Take no more connections, and refuse whoever is about to wait for an answer. */
void http_quiesce(struct http *http);

/* End, after nobody waits for an answer any more. */
void http_deinit(struct http *http);

#endif
