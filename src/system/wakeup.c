/* SPDX-License-Identifier: MIT */
#include "system/wakeup.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>
#else
#include <fcntl.h>
#endif

int wakeup_open(struct wakeup *ret)
{
#ifdef __linux__
    *ret = (struct wakeup){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .writes = -1};
    return ret->fd < 0 ? -errno : 0;
#else
    int fds[2];

    *ret = (struct wakeup){.fd = -1, .writes = -1};
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    *ret = (struct wakeup){.fd = fds[0], .writes = fds[1]};
    return 0;
#endif
}

void wakeup_close(struct wakeup *wakeup)
{
    if (wakeup->fd >= 0)
        close(wakeup->fd);
    if (wakeup->writes >= 0)
        close(wakeup->writes);
    *wakeup = (struct wakeup){.fd = -1, .writes = -1};
}

void wakeup_send(const struct wakeup *wakeup)
{
    uint64_t one = 1; /* what an eventfd takes */

    if (wakeup->fd >= 0)
        (void)!write(wakeup->writes >= 0 ? wakeup->writes : wakeup->fd, &one, sizeof(one));
}

void wakeup_forget(const struct wakeup *wakeup)
{
    uint64_t sent;

    /* An eventfd is empty after one; in a pipe each wake-up stands by itself. */
    while (read(wakeup->fd, &sent, sizeof(sent)) > 0 && wakeup->writes >= 0)
        ;
}
