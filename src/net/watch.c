/* SPDX-License-Identifier: MIT */
/*
 * A process is watched through a pidfd, which becomes readable when it ends: no signal, no polling,
 * and a pid that is given to another process later makes no difference.
 */
#include "net/watch.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static void on_ended(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = container_of(poll, struct watch, poll);

    (void)status;
    (void)events;
    uv_poll_stop(poll);
    watch->ended(watch);
}

int watch_process(struct watch *watch, struct loop *loop, int pid,
                  void (*ended)(struct watch *watch))
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    int r;

    if (fd < 0)
        return -errno;
    watch->fd = fd;
    watch->ended = ended;
    r = uv_poll_init(&loop->uv, &watch->poll, fd);
    if (r == 0)
        r = uv_poll_start(&watch->poll, UV_READABLE, on_ended);
    return r;
}

void watch_deinit(struct watch *watch)
{
    if (watch->fd)
        close(watch->fd);
    watch->fd = 0;
}
