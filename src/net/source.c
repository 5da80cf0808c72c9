/* SPDX-License-Identifier: MIT */
/* The peer's address, or the user that the kernel noted when it connected. */
#include "net/source.h"

#include "system/origin.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

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

static void source_of_user(int fd, struct source *ret)
{
    int64_t user = origin_user(fd);

    if (user < 0)
        return;
    snprintf(ret->text, sizeof(ret->text), "user %" PRId64, user);
    set_key(ret, &user, sizeof(user));
}

void source_of(int fd, struct source *ret)
{
    struct sockaddr_storage address = {0};
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
    socklen_t len = sizeof(address);

    *ret = (struct source){.text = "nobody known"};
    if (getpeername(fd, (struct sockaddr *)&address, &len) < 0)
        return;
    if (address.ss_family == AF_UNIX) {
        source_of_user(fd, ret);
    } else if (address.ss_family == AF_INET6) {
        source_of_v6((const struct sockaddr_in6 *)&address, ret);
    } else {
        inet_ntop(AF_INET, &v4->sin_addr, ret->text, sizeof(ret->text));
        set_key(ret, &v4->sin_addr, sizeof(v4->sin_addr));
    }
}
