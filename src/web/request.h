/* SPDX-License-Identifier: MIT */
/* A request for what the manager knows, on its way between HTTP and the thread that asks it. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct request {
    char path[256];
    bool post;
    bool may_kill; /* whoever asks may end connections, and the program allows it */
    struct {       /* what stands behind the '?'; "": not given */
        char sort[64];
        char order[8];
        char search[256];
        char offset[24];
        char limit[24];
    } query;

    /* The answer. */
    unsigned status;
    const char *type; /* of the body */
    char *body;       /* owned */
    size_t len;

    void (*answered)(struct request *request); /* called once, on the asking thread */
    struct request *next;                      /* in the row of those that wait */
    void *connection;                          /* HTTP's */
};

#endif
