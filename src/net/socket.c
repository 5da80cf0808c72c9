/* SPDX-License-Identifier: MIT */
/*
 * Sockets, as far as libuv leaves them to us: how they are made, what is set on them, and what is
 * sent and received past it.
 */
#include "net/socket.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/sockios.h>
#endif

static int bind_and_listen(int fd, const struct address *address)
{
    if (bind(fd, (const struct sockaddr *)&address->sockaddr, address->len) < 0 ||
        listen(fd, SOCKET_BACKLOG) < 0)
        return -errno;
    return 0;
}

/* A port counts as free although connections of a server that is gone still linger on it. */
static int tcp_listen(int fd, struct address *address)
{
    int one = 1, r;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    r = bind_and_listen(fd, address);
    address->len = sizeof(address->sockaddr);
    getsockname(fd, (struct sockaddr *)&address->sockaddr, &address->len);
    return r;
}

int socket_listen(struct address *address, struct socket_file *ret_file)
{
    int fd, r;

    *ret_file = (struct socket_file){0};
    fd = socket(address->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (address_path(address))
        r = socket_file_listen(fd, address, ret_file);
    else if (address->sockaddr.ss_family == AF_UNIX)
        r = bind_and_listen(fd, address);
    else
        r = tcp_listen(fd, address);
    if (r < 0) {
        close(fd);
        return r;
    }
    return fd;
}

void socket_no_delay(int fd)
{
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

#define PROBES 3

/* Half of the time passes in silence, then the other end is probed. */
void socket_keep_alive(int fd, nsec time)
{
    int seconds = (int)MIN(time / SEC, INT_MAX / 1000);
    int on = 1, idle = MAX(seconds / 2, 1), interval = MAX(seconds / 2 / PROBES, 1);
    int probes = PROBES;

    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
#ifdef TCP_USER_TIMEOUT
    unsigned timeout_ms = (unsigned)MAX(seconds, 1) * 1000;

    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
#endif
}

void socket_quick_ack(int fd)
{
#ifdef TCP_QUICKACK
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
#endif
}

size_t socket_unacknowledged(int fd)
{
#ifdef SIOCOUTQ
    int bytes;

    if (ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0)
        return (size_t)bytes;
#endif
    return 0;
}

ssize_t socket_send_now(int fd, struct iovec *parts, size_t n)
{
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = n};
    ssize_t sent;

    do
        sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EAGAIN ? 0 : -errno;
    return sent;
}

ssize_t socket_receive_now(int fd, void *bytes, size_t size)
{
    ssize_t n;

    do
        n = recv(fd, bytes, size, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}
