/* SPDX-License-Identifier: MIT */
#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
};

static socklen_t parse(const char *text, union any_address *ret)
{
    const char *colon = strrchr(text, ':');
    char host[64];

    memset(ret, 0, sizeof(*ret));
    if (strncmp(text, "unix:", 5) == 0) {
        ret->un.sun_family = AF_UNIX;
        snprintf(ret->un.sun_path, sizeof(ret->un.sun_path), "%s", text + 5);
        return sizeof(ret->un);
    }
    snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - text) : 0, text);
    ret->in.sin_family = AF_INET;
    ret->in.sin_port = htons(colon ? (uint16_t)atoi(colon + 1) : 0);
    inet_pton(AF_INET, host, &ret->in.sin_addr);
    return sizeof(ret->in);
}

static int make(const char *text, union any_address *ret, socklen_t *ret_len)
{
    int fd, one = 1;

    *ret_len = parse(text, ret);
    fd = socket(ret->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && ret->any.sa_family == AF_INET)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

int sockets_connect(const char *text)
{
    union any_address address;
    socklen_t len;
    int fd = make(text, &address, &len);

    if (fd >= 0 && connect(fd, &address.any, len) == 0)
        return fd;
    perror(text);
    return -1;
}

int sockets_listen(const char *text)
{
    union any_address address;
    socklen_t len;
    int fd = make(text, &address, &len);

    if (fd < 0 || bind(fd, &address.any, len) < 0 || listen(fd, 4096) < 0) {
        perror(text);
        return -1;
    }
    if (address.any.sa_family == AF_INET) {
        getsockname(fd, &address.any, &len);
        printf("listening on 127.0.0.1:%d\n", ntohs(address.in.sin_port));
    } else {
        printf("listening on %s\n", text);
    }
    fflush(stdout);
    return fd;
}

void frame_head(uint8_t *frame, size_t len)
{
    uint32_t head = htonl((uint32_t)len);

    memcpy(frame, &head, FRAME_HEAD);
}

size_t frame_size(const uint8_t *data, size_t len)
{
    uint32_t head;

    if (len < FRAME_HEAD)
        return 0;
    memcpy(&head, data, FRAME_HEAD);
    return len - FRAME_HEAD >= ntohl(head) ? FRAME_HEAD + ntohl(head) : 0;
}

bool send_all(int fd, const void *data, size_t len)
{
    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        data = (const char *)data + n;
        len -= (size_t)n;
    }
    return true;
}

bool receive_all(int fd, void *data, size_t len)
{
    while (len) {
        ssize_t n = recv(fd, data, len, 0);

        if (n <= 0)
            return false;
        data = (char *)data + n;
        len -= (size_t)n;
    }
    return true;
}
