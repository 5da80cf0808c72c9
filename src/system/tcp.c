/* SPDX-License-Identifier: MIT */
#include "system/tcp.h"

#ifdef __linux__
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#endif

void tcp_acknowledge(int fd)
{
#ifdef TCP_QUICKACK
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
#else
    (void)fd;
#endif
}

int tcp_unacknowledged(int fd)
{
    int bytes = 0;

#ifdef SIOCOUTQ
    if (ioctl(fd, SIOCOUTQ, &bytes) < 0)
        return 0;
#else
    (void)fd;
#endif
    return bytes;
}
