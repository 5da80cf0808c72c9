/* SPDX-License-Identifier: MIT */
/* A build without libmicrohttpd has no page. */
#include "web/web.h"

#include <stdio.h>

int web_new(const struct web_options *options, struct web **ret)
{
    (void)ret;
    fprintf(stderr,
            "syncmanagerd: --http %s: this build has no page, as libmicrohttpd was missing "
            "(Debian: libmicrohttpd-dev); build it anew with -Dweb=enabled\n",
            options->addresses[0]);
    return -1;
}

const char *web_address(const struct web *web, size_t index)
{
    (void)web, (void)index;
    return NULL;
}

int web_start(struct web *web, const char *address, const struct web_key *keys, size_t len)
{
    (void)web, (void)address, (void)keys, (void)len;
    return -1;
}

int web_set_keys(struct web *web, const struct web_key *keys, size_t len)
{
    (void)web, (void)keys, (void)len;
    return -1;
}

void web_free(struct web *web)
{
    (void)web;
}
