/* SPDX-License-Identifier: MIT */
/*
 * The kernel notes who called connect(): SO_PEERCRED has the pid as it is seen from here,
 * SO_PEERPIDFD (Linux 6.5) a pidfd of the very process. Without the latter, a pidfd is opened by
 * the pid, which could belong to another process by now; so the connection is looked at afterwards.
 * While its other end is open, the process that made it was there when the pidfd was opened.
 *
 * Elsewhere nothing is known of it.
 */
#include "system/origin.h"

#include "system/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#ifdef __linux__
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#if !defined(SO_PEERPIDFD) && !defined(__sparc__) && !defined(__hppa__)
#define SO_PEERPIDFD 77
#endif

int origin_pid(int fd)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0 || cred.pid < 0)
        return 0;
    return cred.pid;
}

int64_t origin_user(int fd)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return -1;
    return cred.uid;
}

static int open_noted(int fd)
{
#ifdef SO_PEERPIDFD
    int pidfd;
    socklen_t len = sizeof(pidfd);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) == 0)
        return pidfd;
    return -errno;
#else
    (void)fd;
    return -ENOPROTOOPT;
#endif
}

static int open_by_pid(int fd)
{
    int pid = origin_pid(fd);
    int pidfd = pid ? pidfd_of(pid) : -ENOTSUP;

    if (pidfd < 0)
        return pidfd;
    if (origin_is_connected(fd))
        return pidfd;
    close(pidfd);
    return -ESRCH;
}

/* Kernels told of a process that is gone already in more than one way. */
int origin_open(int fd)
{
    int pidfd = open_noted(fd);

    if (pidfd == -ENOPROTOOPT)
        pidfd = open_by_pid(fd);
    return pidfd == -EINVAL || pidfd == -ENODATA ? -ESRCH : pidfd;
}

/* The name is the process's own to choose, and goes to logs and terminals. */
void origin_name(int pid, char ret[ORIGIN_NAME_SIZE])
{
    char path[32];
    ssize_t n = -1;
    int fd = -1;

    snprintf(path, sizeof(path), "/proc/%d/comm", pid);
    if (pid)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, ret, ORIGIN_NAME_SIZE - 1);
        close(fd);
    }
    if (n <= 0) {
        strcpy(ret, "?");
        return;
    }
    ret[n] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
    for (char *c = ret; *c; c++) {
        if (*c < ' ' || *c > '~')
            *c = '?';
    }
}

bool origin_has_read(int fd)
{
    int unread = 0;

    return ioctl(fd, SIOCOUTQ, &unread) == 0 && unread == 0;
}

bool origin_is_quiet(int fd)
{
    int unread = 0;

    return ioctl(fd, SIOCINQ, &unread) == 0 && unread == 0;
}

#else

int origin_pid(int fd)
{
    (void)fd;
    return 0;
}

int64_t origin_user(int fd)
{
    (void)fd;
    return -1;
}

int origin_open(int fd)
{
    (void)fd;
    return -ENOTSUP;
}

void origin_name(int pid, char ret[ORIGIN_NAME_SIZE])
{
    (void)pid;
    strcpy(ret, "?");
}

bool origin_has_read(int fd)
{
    (void)fd;
    return false;
}

bool origin_is_quiet(int fd)
{
    (void)fd;
    return false;
}

#endif

bool origin_is_connected(int fd)
{
    struct pollfd poll_fd = {.fd = fd};

    return poll(&poll_fd, 1, 0) == 0;
}
