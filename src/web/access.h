/* SPDX-License-Identifier: MIT */
/* Who may see the page, and from where. */
#ifndef WEB_ACCESS_H
#define WEB_ACCESS_H

#include "keyring.h"
#include "listen.h"

#include <stdbool.h>

/* What a request says of where it comes from; NULL: nothing. */
struct web_origin {
    const char *host;          /* Host */
    const char *origin;        /* Origin */
    const char *site;          /* Sec-Fetch-Site */
    const char *mode;          /* Sec-Fetch-Mode */
    const char *authorization; /* Authorization */
    const char *cookie;        /* of the session, by its own name */
    bool changes;              /* it would change something */
    bool leads_here;           /* it is for what a link of another page may lead to */
};

/*
 * Whether the request was meant for this page, and comes from this page, from no page, or leads
 * here by a link. A page of somebody else's that has got its own name to mean this host is told by
 * Host; what it would have the browser do in its user's name by Origin and Sec-Fetch-Site. Returns
 * 0, or the HTTP status, with why in words.
 */
int access_check_origin(const struct web_origin *from, const struct web_socket *at,
                        const char **ret_why);

/* What lets the request in. */
enum access {
    ACCESS_NONE,    /* nothing was given */
    ACCESS_EXPIRED, /* it was good once */
    ACCESS_WRONG,
    ACCESS_READ, /* a bearer's token */
    ACCESS_FULL, /* a session */
};

enum access access_check(const struct web_origin *from, struct keyring *keys, int64_t now);

#endif
