/* SPDX-License-Identifier: MIT */
/*
 * libuv's loop with one timer, set for the earliest of our deadlines: thousands of parked calls
 * cost libuv nothing. Before it sleeps it may look at libuv's sockets some more times (net/spin.c):
 * libuv then finds what has come in with no wait. Only its owner knows when that is of use: clients
 * that sleep are woken soonest on the core that a sleeping server leaves to them.
 */
#include "net/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* So long are rings served before sockets are looked at again: that costs half a microsecond. */
#define RINGS_TIME (10 * USEC)

static void on_timer(uv_timer_t *timer)
{
    struct loop *loop = container_of(timer, struct loop, timer);

    loop->armed = FOREVER;
    timers_fire(loop->timers, loop_now(loop));
}

/* Whatever has been set or cancelled since, the timer follows. */
static void arm(struct loop *loop)
{
    nsec next = timers_next(loop->timers), left;

    if (next == loop->armed)
        return;
    loop->armed = next;
    if (next == FOREVER) {
        uv_timer_stop(&loop->timer);
        return;
    }
    left = MAX(next - loop_now(loop), 0);
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->timer, on_timer, (uint64_t)((left + MSEC - 1) / MSEC), 0);
}

/*
 * By poll(): epoll_wait() would take from libuv what it is told only once, as of its own wake-ups.
 */
static bool has_news(void *context)
{
    const struct loop *loop = context;
    struct pollfd news = {.fd = loop_fd(loop), .events = POLLIN};

    return poll(&news, 1, 0) != 0;
}

static bool a_ring_is_ready(void *context)
{
    const struct loop *loop = context;

    return rings_have_news(&loop->rings);
}

/* To ask libuv is a system call, so not at each look. */
static bool anything_is_ready(void *context)
{
    struct loop *loop = context;

    return rings_have_news(&loop->rings) || (++loop->looks % 4 == 0 && has_news(loop));
}

/* Nothing is to be done, but something may come soon. Returns whether it comes by a ring. */
static bool look_again(struct loop *loop)
{
    if (!loop->lively || !loop->sleeps || loop_timeout_ms(loop) == 0)
        return false;
    loop->lively = false;
    return spin_near(&loop->spin, rings_share_core(&loop->rings) ? NULL : a_ring_is_ready,
                     anything_is_ready, loop) &&
           rings_have_news(&loop->rings);
}

/*
 * Serve rings as long as something comes, but not so long that sockets and deadlines are late.
 * Returns whether the loop may sleep.
 */
static bool serve_rings(struct loop *loop)
{
    nsec until = clock_now() + RINGS_TIME;

    rings_wake(&loop->rings);
    do {
        while (rings_serve(&loop->rings)) {
            loop->lively = true;
            loop->settle(loop);
            if (clock_now() >= until)
                return false;
        }
    } while (look_again(loop));
    return rings_sleep(&loop->rings);
}

static void on_busy(uv_idle_t *busy)
{
    (void)busy;
}

/* Before each wait. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct loop *loop = container_of(prepare, struct loop, prepare);

    loop->turn++;
    loop->settle(loop);
    arm(loop);
    uv_idle_stop(&loop->busy);
    if (!list_empty(&loop->rings.lively)) {
        bool sleeps = serve_rings(loop);

        arm(loop);
        if (!sleeps) {
            uv_idle_start(&loop->busy, on_busy);
            return; /* as lively as it is */
        }
    } else if (loop->lively && loop->sleeps && loop_timeout_ms(loop) != 0) {
        spin_until(&loop->spin, has_news, loop);
    }
    loop->lively = false;
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = container_of(wake, struct loop, wake);

    loop->woken(loop);
}

int loop_init(struct loop *loop, struct timers *timers, void (*woken)(struct loop *loop),
              void (*settle)(struct loop *loop))
{
    int r;

    *loop = (struct loop){
        .timers = timers, .armed = FOREVER, .woken = woken, .settle = settle, .pid = getpid()};
    list_init(&loop->rings.lively);
    loop->scratch = malloc(LOOP_SCRATCH_SIZE);
    if (!loop->scratch)
        return -ENOMEM;
    r = uv_loop_init(&loop->uv);
    if (r < 0) {
        free(loop->scratch);
        loop->scratch = NULL;
        return r;
    }
    uv_prepare_init(&loop->uv, &loop->prepare);
    uv_prepare_start(&loop->prepare, on_prepare);
    uv_idle_init(&loop->uv, &loop->busy);
    uv_timer_init(&loop->uv, &loop->timer);
    return uv_async_init(&loop->uv, &loop->wake, on_wake);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void loop_deinit(struct loop *loop)
{
    if (!loop->scratch)
        return;
    uv_walk(&loop->uv, close_handle, NULL);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT))
        continue; /* a loop_halt() that nothing ran into ends the first turn */
    uv_loop_close(&loop->uv);
    free(loop->scratch);
    loop->scratch = NULL;
}

int loop_run(struct loop *loop)
{
    int r = 0;

    /* Made before a fork, it is not to be one loop with the parent's. */
    if (loop->pid != getpid())
        r = uv_loop_fork(&loop->uv);
    if (r < 0)
        return r;
    loop->pid = getpid();
    loop->sleeps = true;
    r = uv_run(&loop->uv, UV_RUN_DEFAULT);
    loop->sleeps = false;
    return r;
}

/* What the turn has brought is settled, and the timer armed, as before a wait of our own. */
void loop_step(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    on_prepare(&loop->prepare);
}

int loop_fd(const struct loop *loop)
{
    return uv_backend_fd(&loop->uv);
}

int loop_timeout_ms(const struct loop *loop)
{
    return uv_backend_timeout(&loop->uv);
}

void loop_halt(struct loop *loop)
{
    uv_stop(&loop->uv);
}

void loop_wake(struct loop *loop)
{
    uv_async_send(&loop->wake);
}
