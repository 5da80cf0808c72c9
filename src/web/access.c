/* SPDX-License-Identifier: MIT */
/*
 * Browsers send the cookie of one port to all others of the same host, and count all of these as
 * one site. Sec-Fetch-Site tells them apart: "same-origin" is this port alone.
 */
#include "access.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 256

/* Host without its port, and without brackets. */
static bool name_of(const char *host, char ret[HOST_MAX])
{
    bool brackets = host[0] == '[';
    size_t len = brackets ? strcspn(host, "]") : strcspn(host, ":");
    const char *rest = host + len + (brackets && host[len] ? 1 : 0);

    if (len >= HOST_MAX || (brackets && !host[len]) ||
        (*rest && (*rest != ':' || strspn(rest + 1, "0123456789") != strlen(rest + 1))))
        return false;
    host += brackets ? 1 : 0;
    len -= brackets ? 1 : 0;
    memcpy(ret, host, len);
    ret[len] = '\0';
    return len > 0;
}

/* A number cannot have been made to mean this host by somebody else. */
static bool is_ours(const char *name, const struct web_socket *at)
{
    unsigned char number[sizeof(struct in6_addr)];

    return strcasecmp(name, "localhost") == 0 || (at->host[0] && strcasecmp(name, at->host) == 0) ||
           inet_pton(AF_INET, name, number) == 1 || inet_pton(AF_INET6, name, number) == 1;
}

static bool is_same_origin(const char *origin, const char *host)
{
    const char *rest = strstr(origin, "://");

    return rest && (strncmp(origin, "http:", 5) == 0 || strncmp(origin, "https:", 6) == 0) &&
           strcasecmp(rest + 3, host) == 0;
}

static bool comes_from_here(const struct web_origin *from)
{
    if (from->origin && !is_same_origin(from->origin, from->host))
        return false;
    if (from->site && strcmp(from->site, "same-origin") != 0 && strcmp(from->site, "none") != 0)
        return from->leads_here && !from->changes && from->mode &&
               strcmp(from->mode, "navigate") == 0;
    return !from->changes || from->origin || from->site;
}

int access_check_origin(const struct web_origin *from, const struct web_socket *at,
                        const char **ret_why)
{
    char name[HOST_MAX];

    if (!from->host || !name_of(from->host, name)) {
        *ret_why = "which host is asked for?";
        return 400;
    }
    if (!is_ours(name, at)) {
        *ret_why = "this is not the host that was asked for; use its number, localhost, or the "
                   "name that --http was given";
        return 421;
    }
    if (!comes_from_here(from)) {
        *ret_why = "this page alone may ask for that";
        return 403;
    }
    return 0;
}

enum access access_check(const struct web_origin *from, struct keyring *keys, int64_t now)
{
    static const enum access of_bearer[] = {ACCESS_READ, ACCESS_EXPIRED, ACCESS_WRONG};
    static const enum access of_session[] = {ACCESS_FULL, ACCESS_EXPIRED, ACCESS_WRONG};

    struct token_key key;

    if (from->authorization) {
        if (strncasecmp(from->authorization, "Bearer ", 7) != 0)
            return ACCESS_WRONG;
        return of_bearer[keyring_check(keys, TOKEN_BEARER, from->authorization + 7, now, &key)];
    }
    if (from->cookie)
        return of_session[keyring_check(keys, TOKEN_SESSION, from->cookie, now, &key)];
    return ACCESS_NONE;
}
