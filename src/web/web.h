/* SPDX-License-Identifier: MIT */
/*
 * The page of a manager: HTTP beside it. It runs on threads of its own, and is a client of the
 * manager like any other, so that nobody who looks at the page is in the way of a call.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <syncmanager.h>

struct web;

struct web_options {
    char **addresses; /* HOST:PORT or unix:PATH, each; borrowed */
    size_t addresses_len;
    bool allow_remote; /* listen where other hosts come from, too */
    bool allow_kill;   /* whoever is logged in may end connections */
    sm_log_fn log;     /* called on any thread */
    void *log_context;
};

/* A key of the manager's: any bytes. */
struct web_key {
    const void *key;
    size_t len;
};

/* Listen, and answer nobody yet. Returns 0, or -1 after saying what is wrong. */
int web_new(const struct web_options *options, struct web **ret);

/* Where the page is: a URL, or unix:PATH. NULL past the last one. */
const char *web_address(const struct web *web, size_t index);

/*
 * Answer, with what the manager at `address` tells whoever has the first of the keys; all of them
 * let in. The manager need not run yet. Returns 0, or -1 after saying what is wrong.
 */
int web_start(struct web *web, const char *address, const struct web_key *keys, size_t len);

/* Exchange the keys: what was made with others lets in no more. Any thread. Likewise. */
int web_set_keys(struct web *web, const struct web_key *keys, size_t len);

/* Answer nobody any more. NULL is allowed. */
void web_free(struct web *web);

#endif
