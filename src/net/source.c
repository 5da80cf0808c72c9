/* SPDX-License-Identifier: MIT */
/* The peer's address, or its user. */
#include "net/source.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void set_key(struct source *source, const void *key, size_t len)
{
    memcpy(source->key, key, len);
    source->len = len;
}

static void source_of_v6(const struct sockaddr_in6 *address, struct source *ret)
{
    const uint8_t *bytes = address->sin6_addr.s6_addr;

    inet_ntop(AF_INET6, bytes, ret->text, sizeof(ret->text));
    if (IN6_IS_ADDR_V4MAPPED(&address->sin6_addr))
        set_key(ret, bytes + 12, 4);
    else
        set_key(ret, bytes, 8);
}

static void source_of_address(const struct address *address, struct source *ret)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->sockaddr;

    if (address->sockaddr.ss_family == AF_INET6) {
        source_of_v6((const struct sockaddr_in6 *)&address->sockaddr, ret);
        return;
    }
    inet_ntop(AF_INET, &v4->sin_addr, ret->text, sizeof(ret->text));
    set_key(ret, &v4->sin_addr, sizeof(v4->sin_addr));
}

void source_of(const struct identity *identity, struct source *ret)
{
    *ret = (struct source){.text = "nobody known"};
    if (identity->kind == IDENTITY_REMOTE) {
        source_of_address(&identity->address, ret);
    } else if (identity->kind == IDENTITY_LOCAL && identity->user >= 0) {
        snprintf(ret->text, sizeof(ret->text), "user %" PRId64, identity->user);
        set_key(ret, &identity->user, sizeof(identity->user));
    }
}
