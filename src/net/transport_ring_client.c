/* SPDX-License-Identifier: MIT */
/*
 * A client sleeps in a futex first, which costs less than a socket, and wakes from there in time.
 * Then it sleeps by poll(), beside interrupts.
 */
#include "net/transport_ring.h"

#include "system/cpu.h"
#include "system/futex.h"

#include <errno.h>

/* Returns 0, or a negative errno: -EINTR, -ETIMEDOUT. */
static int sleep_a_moment(struct transport_ring *r, unsigned event)
{
    unsigned sleeps = event | RING_SLEEPS_IN_FUTEX;
    int error = 0;

    if (transport_ring_lie_down(r, sleeps))
        error = futex_wait(&r->here->sleeps, sleeps, TRANSPORT_BLOCK_TIME);
    atomic_store(&r->here->sleeps, 0);
    return error;
}

static ssize_t ring_read(struct transport *transport, void *bytes, size_t size, bool may_block)
{
    struct transport_ring *r = transport_ring_of(transport);
    ssize_t n = transport_ring_take(r, bytes, size);

    if (n != -EAGAIN || !may_block)
        return n;
    if (sleep_a_moment(r, TRANSPORT_READABLE) == -EINTR)
        return -EINTR;
    return transport_ring_take(r, bytes, size);
}

static ssize_t ring_writev(struct transport *transport, const struct iovec *parts, size_t count,
                           bool may_block)
{
    struct transport_ring *r = transport_ring_of(transport);
    ssize_t n = transport_ring_put(r, parts, count);

    if (n != -EAGAIN || !may_block)
        return n;
    if (sleep_a_moment(r, TRANSPORT_WRITABLE) == -EINTR)
        return -EINTR;
    return transport_ring_put(r, parts, count);
}

static int ring_wait(struct transport *transport, unsigned events, int interrupt_fd, int timeout_ms)
{
    struct transport_ring *r = transport_ring_of(transport);
    int came = 0;

    if (transport_ring_lie_down(r, events))
        came = r->socket->ops->wait(r->socket, TRANSPORT_READABLE, interrupt_fd, timeout_ms);
    atomic_store(&r->here->sleeps, 0);
    if (came < 0)
        return came;
    if (came & TRANSPORT_READABLE)
        transport_ring_hear(r);
    return (int)(transport_ring_ready(r) & events) | (came & TRANSPORT_INTERRUPTED);
}

static bool ring_may_pause(struct transport *transport)
{
    struct transport_ring *r = transport_ring_of(transport);
    int cpu = cpu_here();

    transport_ring_tell_core(r, cpu);
    return !transport_ring_shares_core(r, cpu);
}

static void ring_close_inherited(struct transport *transport)
{
    struct transport *socket = transport_ring_of(transport)->socket;

    socket->ops->close_inherited(socket);
}

static void ring_close(struct transport *transport)
{
    struct transport_ring *r = transport_ring_of(transport);

    r->socket->ops->close(r->socket);
    transport_ring_drop(r);
}

static const struct transport_ops client_ops = {
    .size = sizeof(struct transport_ring),
    .read = ring_read,
    .may_pause = ring_may_pause,
    .writev = ring_writev,
    .wait = ring_wait,
    .identify = transport_ring_identify,
    .open_process = transport_ring_open_process,
    .cut = transport_ring_cut,
    .close_inherited = ring_close_inherited,
    .close = ring_close,
};

int transport_ring_new(struct transport *socket, int fd, struct transport **ret)
{
    struct transport_ring *r;
    int error = transport_ring_make(socket, fd, &r);

    if (error < 0)
        return error;
    r->transport.ops = &client_ops;
    r->here = &r->memory->client;
    r->there = &r->memory->manager;
    r->in.ring = &r->memory->answers;
    r->out.ring = &r->memory->requests;
    *ret = &r->transport;
    return 0;
}
