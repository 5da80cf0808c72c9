/* SPDX-License-Identifier: MIT */
#include "system/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifdef __linux__
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif

void tcp_acknowledge(int fd)
{
#ifdef __linux__
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
#else
    (void)fd;
#endif
}

int tcp_unacknowledged(int fd)
{
    int bytes = 0;

#ifdef __linux__
    if (ioctl(fd, SIOCOUTQ, &bytes) < 0)
        return 0;
#else
    (void)fd;
#endif
    return bytes;
}

/* Half of the time passes in silence, then the other end is probed. */
void tcp_keep_alive(int fd, int seconds)
{
    int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
#ifdef TCP_KEEPIDLE
    int probes = 3, idle = seconds / 2 > 0 ? seconds / 2 : 1;
    int interval = seconds / 2 / probes > 0 ? seconds / 2 / probes : 1;

    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
#endif
#ifdef __linux__
    unsigned timeout_ms = (unsigned)(seconds > 0 ? seconds : 1) * 1000;

    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
#endif
}
