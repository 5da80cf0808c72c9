/* SPDX-License-Identifier: MIT */
/* Text to socket addresses and back. */
#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define TLS_SCHEME "tls://"

static int parse_unix(const char *path, struct address *ret, const char **why)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&ret->sockaddr;
    size_t len = strlen(path);

    if (!len || (path[0] == '@' && len == 1)) {
        *why = "the socket's path is missing";
        return -EINVAL;
    }
    if (len >= sizeof(un->sun_path)) {
        *why = "the path is too long for a Unix socket (107 bytes); use a shorter one";
        return -EINVAL;
    }
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, len + 1);
    ret->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    if (path[0] == '@') {
        un->sun_path[0] = '\0'; /* Linux: a name without a file, of exactly this length */
        ret->len--;
    }
    return 0;
}

/* The host of HOST:PORT, without brackets. Returns 0 or -EINVAL. */
static int parse_host(const char *text, size_t len, char ret[ADDRESS_HOST_MAX], const char **why)
{
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len >= ADDRESS_HOST_MAX) {
        *why = "the host name is too long";
        return -EINVAL;
    }
    memcpy(ret, text, len);
    ret[len] = '\0';
    return 0;
}

/* Of several addresses of a host that of IPv4: multiprocessing knows no other. */
static const struct addrinfo *find_v4(const struct addrinfo *found)
{
    const struct addrinfo *a = found;

    while (a && a->ai_family != AF_INET)
        a = a->ai_next;
    return a ? a : found;
}

static int parse_tcp(const char *text, struct address *ret, const char **why)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *colon = strrchr(text, ':');
    const struct addrinfo *best;
    struct addrinfo *found;
    char *end;
    long port;

    if (!colon) {
        *why = "not HOST:PORT, tls://HOST:PORT, unix:PATH or unix:@NAME";
        return -EINVAL;
    }
    port = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end || port < 0 || port > 65535) {
        *why = "the port is not a number from 0 to 65535";
        return -EINVAL;
    }
    if (parse_host(text, (size_t)(colon - text), ret->host, why) < 0)
        return -EINVAL;
    if (!ret->host[0])
        strcpy(ret->host, "0.0.0.0");
    if (getaddrinfo(ret->host, colon + 1, &hints, &found) != 0) {
        *why = "no such host";
        return -EINVAL;
    }
    best = find_v4(found);
    memcpy(&ret->sockaddr, best->ai_addr, best->ai_addrlen);
    ret->len = best->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

int address_parse(const char *text, struct address *ret, const char **why)
{
    *ret = (struct address){0};
    if (strncmp(text, "unix:", 5) == 0)
        return parse_unix(text + 5, ret, why);
    ret->tls = strncmp(text, TLS_SCHEME, strlen(TLS_SCHEME)) == 0;
    return parse_tcp(text + (ret->tls ? strlen(TLS_SCHEME) : 0), ret, why);
}

bool address_is_local(const struct address *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->sockaddr;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)&address->sockaddr)->sin6_addr;

    switch (address->sockaddr.ss_family) {
    case AF_UNIX:
        return true;
    case AF_INET:
        return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    case AF_INET6:
        return IN6_IS_ADDR_LOOPBACK(v6) ||
               (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
    default:
        return false;
    }
}

void address_host(const struct address *address, char ret_host[ADDRESS_TEXT_MAX], int *ret_port)
{
    char port[8] = "0";

    ret_host[0] = '\0';
    getnameinfo((const struct sockaddr *)&address->sockaddr, address->len, ret_host,
                ADDRESS_TEXT_MAX, port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
    *ret_port = atoi(port);
}

const char *address_name(const struct address *address, size_t *ret_len)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)&address->sockaddr;

    if (address->sockaddr.ss_family != AF_UNIX)
        return NULL;
    *ret_len = un->sun_path[0] ? strlen(un->sun_path)
                               : address->len - offsetof(struct sockaddr_un, sun_path);
    return un->sun_path;
}

void address_to_python(const struct address *address, struct python_address *ret)
{
    size_t len;
    const char *name = address_name(address, &len);
    int port;

    if (name) {
        memcpy(ret->text, name, len);
        ret->value = name[0] ? sm_strn(ret->text, len) : sm_bytes(ret->text, len);
        return;
    }
    if (address->tls) {
        address_format(address, ret->text);
        ret->value = sm_str(ret->text);
        return;
    }
    address_host(address, ret->text, &port);
    ret->item[0] = sm_str(ret->text);
    ret->item[1] = sm_int(port);
    ret->items = (struct sm_items){.item = ret->item, .len = 2};
    ret->value = (struct sm_value){.kind = SM_KIND_TUPLE, .items = &ret->items};
}

const char *address_path(const struct address *address)
{
    size_t len;
    const char *name = address_name(address, &len);

    return name && name[0] ? name : NULL;
}

void address_format(const struct address *address, char ret[ADDRESS_TEXT_MAX])
{
    char host[ADDRESS_TEXT_MAX];
    size_t len;
    const char *name = address_name(address, &len);
    int port;

    if (name && name[0]) {
        snprintf(ret, ADDRESS_TEXT_MAX, "unix:%s", name);
    } else if (name) {
        snprintf(ret, ADDRESS_TEXT_MAX, "unix:@%.*s", (int)len - 1, name + 1);
    } else {
        address_host(address, host, &port);
        if (address->tls)
            memcpy(host, address->host, ADDRESS_HOST_MAX);
        snprintf(ret, ADDRESS_TEXT_MAX, strchr(host, ':') ? "%s[%.256s]:%d" : "%s%.256s:%d",
                 address->tls ? TLS_SCHEME : "", host, port);
    }
}
