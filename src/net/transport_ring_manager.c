/* SPDX-License-Identifier: MIT */
/*
 * The manager's end is ready as its loop looks at it (rings.c), or as a bell says while it sleeps.
 *
 * A client that was given a ring may not be able to use it: so the socket carries the bytes until
 * something is in the ring. As the client puts that in before it rings, whatever is on the socket
 * then is a bell.
 *
 * Which of the answers were read is exact. Once the connection has ended, the ring is closed: what
 * was not taken out by then never is.
 */
#include "net/transport_ring.h"

#include "base/limits.h"
#include "base/memory.h"
#include "system/memfd.h"

#include <errno.h>
#include <unistd.h>

/* The socket is looked at as long as anything is wanted: for bells, and for its end. */
static void look_at_socket(struct transport_ring *r)
{
    unsigned events = r->wanted;

    if (r->began)
        events = r->wanted && !r->ended ? TRANSPORT_READABLE : 0;
    r->socket->ops->want(r->socket, events);
}

/* Have the loop look at it in each turn. */
static void be_lively(struct transport_ring *r)
{
    r->idle = 0;
    atomic_store(&r->here->sleeps, 0);
    if (list_empty(&r->link))
        list_append(&r->loop->rings.lively, &r->link);
}

static void close_memory(struct transport_ring *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

static void begin(struct transport_ring *r)
{
    r->began = true;
    close_memory(r);
    be_lively(r);
    look_at_socket(r);
}

static ssize_t ring_read(struct transport *transport, void *bytes, size_t size, bool may_block)
{
    struct transport_ring *r = transport_ring_of(transport);
    ssize_t n;

    (void)may_block;
    if (r->began)
        return transport_ring_take(r, bytes, size);
    n = r->socket->ops->read(r->socket, bytes, size, false);
    if (!byte_ring_has_bytes(&r->in))
        return n;
    if (n <= 0 && n != -EAGAIN) {
        r->ended = true;
        r->error = (int)n;
    }
    begin(r);
    return transport_ring_take(r, bytes, size);
}

static ssize_t ring_writev(struct transport *transport, const struct iovec *parts, size_t count,
                           bool may_block)
{
    struct transport_ring *r = transport_ring_of(transport);
    ssize_t n;

    (void)may_block;
    if (r->began)
        return transport_ring_put(r, parts, count);
    n = r->socket->ops->writev(r->socket, parts, count, false);
    if (n > 0)
        close_memory(r); /* the other end's is on its way */
    return n;
}

static void ring_want(struct transport *transport, unsigned events)
{
    struct transport_ring *r = transport_ring_of(transport);

    r->wanted = events;
    look_at_socket(r);
    if (r->began && events)
        be_lively(r);
}

static void on_socket_ready(struct transport *socket, unsigned events)
{
    struct transport_ring *r = socket->owner;

    if (r->began) {
        transport_ring_hear(r);
        be_lively(r);
        look_at_socket(r);
        events = transport_ring_ready(r) & r->wanted;
    }
    if (events)
        r->transport.ready(&r->transport, events);
}

static void ring_look(struct transport *transport, struct delivery *ret)
{
    struct transport_ring *r = transport_ring_of(transport);

    r->socket->ops->look(r->socket, ret);
    if (!r->began)
        return;
    ret->sent_is_read = byte_ring_unread(&r->out) == 0;
    ret->nothing_waits = !byte_ring_has_bytes(&r->in);
}

static bool ring_undelivered(struct transport *transport, int error)
{
    struct transport_ring *r = transport_ring_of(transport);

    if (!r->began)
        return r->socket->ops->undelivered(r->socket, error);
    return byte_ring_close(&r->out) > 0;
}

static void ring_close_inherited(struct transport *transport)
{
    struct transport_ring *r = transport_ring_of(transport);

    r->socket->ops->close_inherited(r->socket);
    close_memory(r);
}

static void on_socket_closed(struct transport *socket)
{
    struct transport_ring *r = socket->owner;

    if (r->transport.closed)
        r->transport.closed(&r->transport);
    transport_ring_drop(r);
}

static void ring_close(struct transport *transport)
{
    struct transport_ring *r = transport_ring_of(transport);

    list_remove(&r->link);
    r->loop->rings.len--;
    r->loop->rings.memory -= r->size;
    memory_uncount(r->size);
    close_memory(r);
    r->socket->ops->close(r->socket);
}

static const struct transport_ops manager_ops = {
    .size = sizeof(struct transport_ring),
    .read = ring_read,
    .writev = ring_writev,
    .want = ring_want,
    .identify = transport_ring_identify,
    .open_process = transport_ring_open_process,
    .look = ring_look,
    .undelivered = ring_undelivered,
    .cut = transport_ring_cut,
    .close_inherited = ring_close_inherited,
    .close = ring_close,
};

bool transport_ring_is_used(const struct transport *transport)
{
    return transport->ops == &manager_ops &&
           container_of(transport, struct transport_ring, transport)->began;
}

/* With the descriptor of its memory. */
static int make(struct transport *socket, struct transport_ring **ret)
{
    int fd = memfd_new("syncmanager-ring", sizeof(struct byte_rings)), error;

    if (fd < 0)
        return fd;
    error = transport_ring_make(socket, fd, ret);
    if (error < 0)
        close(fd);
    else
        (*ret)->fd = fd;
    return error;
}

int transport_ring_on_loop(struct transport *socket, struct loop *loop, struct transport **ret)
{
    struct transport_ring *r;
    int error;

    if (loop->rings.len == LIMIT_RINGS)
        return -EBUSY;
    if (!socket->ops->pass || !memory_fits(sizeof(*r->memory)))
        return -ENOMEM;
    error = make(socket, &r);
    if (error < 0)
        return error;
    r->transport.ops = &manager_ops;
    r->loop = loop;
    r->here = &r->memory->manager;
    r->there = &r->memory->client;
    r->in.ring = &r->memory->requests;
    r->out.ring = &r->memory->answers;
    atomic_store(&r->here->sleeps, TRANSPORT_READABLE); /* for the first bytes a bell is rung */
    loop->rings.len++;
    loop->rings.memory += r->size;
    memory_count(r->size);
    socket->owner = r;
    socket->ready = on_socket_ready;
    socket->closed = on_socket_closed;
    socket->ops->pass(socket, &r->fd, 1);
    *ret = &r->transport;
    return 0;
}
