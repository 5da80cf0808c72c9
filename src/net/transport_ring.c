/* SPDX-License-Identifier: MIT */
/*
 * A ring carries the same bytes as the socket would, so all above it is as it was. The socket stays
 * open: its end is the connection's, it tells who is at the other end, and a byte on it is a bell
 * that wakes an end which sleeps.
 *
 * An end that goes to sleep says in the ring what it waits for, and looks once more. An end that
 * has put bytes in, or taken some out, looks whether the other one sleeps, and wakes it. Each
 * stores before it looks, so one of them sees what the other has done (tests/models/ring.pml). Who
 * wakes takes back what the sleeper said: so a wake-up that comes before the sleep is not lost.
 *
 * What an end says of itself stands in the ring of that connection alone: whoever scribbles there
 * keeps only his own requests unseen.
 */
#include "net/transport_ring.h"

#include "base/memory.h"
#include "system/futex.h"
#include "system/memfd.h"

#include <errno.h>

int transport_ring_make(struct transport *socket, int fd, struct transport_ring **ret)
{
    struct transport_ring *r = memory_lend_zeroed(1, sizeof(*r));
    void *memory;
    int error;

    if (!r)
        return -ENOMEM;
    error = memfd_map(fd, true, &memory, &r->size);
    if (error < 0) {
        memory_free(r);
        return error;
    }
    r->memory = memory;
    r->process = this_process();
    if (r->size < sizeof(*r->memory)) {
        transport_ring_drop(r);
        return -EPROTO;
    }
    r->socket = socket;
    list_init(&r->link);
    *ret = r;
    return 0;
}

/* A forked child has no such memory: something else may be there by now. */
void transport_ring_drop(struct transport_ring *r)
{
    if (r->process == this_process())
        memfd_unmap(r->memory, r->size);
    memory_free(r);
}

unsigned transport_ring_ready(const struct transport_ring *r)
{
    return (r->ended || byte_ring_has_bytes(&r->in) ? TRANSPORT_READABLE : 0) |
           (r->ended || byte_ring_has_room(&r->out) ? TRANSPORT_WRITABLE : 0);
}

bool transport_ring_lie_down(struct transport_ring *r, unsigned events)
{
    atomic_store(&r->here->sleeps, events);
    if (!(transport_ring_ready(r) & events))
        return true;
    atomic_store(&r->here->sleeps, 0);
    return false;
}

/* Where there is no room for another bell, there is one. */
static void ring_bell(struct transport_ring *r)
{
    const struct iovec bell = {"", 1};

    (void)r->socket->ops->writev(r->socket, &bell, 1, false);
}

/* For the other end this has come. */
static void wake(struct transport_ring *r, unsigned event)
{
    struct ring_end *there = r->there;
    unsigned sleeps;

    if (!(atomic_load(&there->sleeps) & event))
        return;
    sleeps = atomic_exchange(&there->sleeps, 0);
    if (sleeps & RING_SLEEPS_IN_FUTEX)
        futex_wake(&there->sleeps);
    else if (sleeps)
        ring_bell(r);
}

/* What was put in before the end is taken out before the end is told. */
ssize_t transport_ring_take(struct transport_ring *r, void *bytes, size_t size)
{
    ssize_t n = byte_ring_take(&r->in, bytes, size);

    if (n > 0)
        wake(r, TRANSPORT_WRITABLE);
    if (n)
        return n;
    return r->ended ? r->error : -EAGAIN;
}

ssize_t transport_ring_put(struct transport_ring *r, const struct iovec *parts, size_t count)
{
    ssize_t n = r->ended ? -EPIPE : byte_ring_put(&r->out, parts, count);

    if (n > 0)
        wake(r, TRANSPORT_READABLE);
    return n ? n : -EAGAIN;
}

void transport_ring_hear(struct transport_ring *r)
{
    char bells[256];
    ssize_t n = r->socket->ops->read(r->socket, bells, sizeof(bells), false);

    if (n > 0 || n == -EAGAIN)
        return;
    r->ended = true;
    r->error = (int)n;
}

void transport_ring_identify(struct transport *transport, struct identity *ret)
{
    struct transport *socket = transport_ring_of(transport)->socket;

    socket->ops->identify(socket, ret);
}

int transport_ring_open_process(struct transport *transport)
{
    struct transport *socket = transport_ring_of(transport)->socket;

    return socket->ops->open_process ? socket->ops->open_process(socket) : -ENOTSUP;
}

/* Whoever sleeps in the futex is to look at the socket. */
void transport_ring_cut(struct transport *transport)
{
    struct transport_ring *r = transport_ring_of(transport);

    r->socket->ops->cut(r->socket);
    atomic_store(&r->here->sleeps, 0);
    futex_wake(&r->here->sleeps);
}
