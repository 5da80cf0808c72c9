/* SPDX-License-Identifier: MIT */
/*
 * A process is watched through a pidfd, which becomes readable when it ends: no signal, no polling,
 * and a pid that is given to another process later makes no difference.
 */
#include "net/watch.h"

#include "system/pidfd.h"

#include <unistd.h>

static void on_ended(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = container_of(poll, struct watch, poll);

    (void)status;
    (void)events;
    uv_poll_stop(poll);
    watch->ended(watch);
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *watch = container_of((uv_poll_t *)handle, struct watch, poll);

    if (watch->closed)
        watch->closed(watch);
}

int watch_pidfd(struct watch *watch, struct loop *loop, int pidfd,
                void (*ended)(struct watch *watch))
{
    int r = uv_poll_init(&loop->uv, &watch->poll, pidfd);

    if (r < 0) {
        close(pidfd);
        return r;
    }
    watch->pidfd = pidfd;
    watch->ended = ended;
    return uv_poll_start(&watch->poll, UV_READABLE, on_ended);
}

int watch_process(struct watch *watch, struct loop *loop, int pid,
                  void (*ended)(struct watch *watch))
{
    int pidfd = pidfd_of(pid);

    return pidfd < 0 ? pidfd : watch_pidfd(watch, loop, pidfd, ended);
}

/* Once stopped, nobody polls the descriptor any more. */
void watch_close(struct watch *watch, void (*closed)(struct watch *watch))
{
    if (!watch->pidfd)
        return;
    watch->closed = closed;
    uv_poll_stop(&watch->poll);
    close(watch->pidfd);
    watch->pidfd = 0;
    uv_close((uv_handle_t *)&watch->poll, on_closed);
}
