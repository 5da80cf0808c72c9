/* SPDX-License-Identifier: MIT */
/*
 * Connections through memory that the two ends share (base/byte_ring.h), beside the socket by which
 * they were opened.
 */
#ifndef NET_TRANSPORT_RING_H
#define NET_TRANSPORT_RING_H

#include "base/byte_ring.h"
#include "net/loop.h"
#include "net/transport.h"
#include "system/this_process.h"

/* Added to what an end waits for: it is to be woken by its futex. */
#define RING_SLEEPS_IN_FUTEX 8u

struct transport_ring {
    struct transport transport;
    struct transport *socket;  /* owned */
    struct byte_rings *memory; /* owned */
    size_t size;               /* of it */
    process_id process;        /* that has it mapped */
    struct ring_end *here;     /* these point into the memory */
    struct ring_end *there;
    struct byte_ring_reader in;
    struct byte_ring_writer out;
    bool ended; /* the socket has, */
    int error;  /* with this, or 0 */

    /* The manager's. */
    struct loop *loop; /* outlives the transport */
    struct list link;  /* in the loop's row, while it is lively */
    int fd;            /* of the memory, owned, until it is on its way; then -1 */
    bool began;        /* the client has put something in */
    unsigned wanted;
    unsigned idle; /* how often in a row there was nothing to do */
};

/*
 * The client's end, of the descriptor that it got, which stays the caller's. The socket is the
 * ring's from now on, unless this fails: nothing that it has brought waits to be read. Returns 0 or
 * a negative errno.
 */
int transport_ring_new(struct transport *socket, int fd, struct transport **ret);

/*
 * The manager's end, on a loop. The descriptor of the memory goes along with what is sent next, and
 * all goes by the socket until the client puts the first bytes into the ring. Returns 0 or a
 * negative errno: -EBUSY if the loop has as many rings as may be.
 */
int transport_ring_on_loop(struct transport *socket, struct loop *loop, struct transport **ret);

/* Whether it is the manager's end of a ring, and has carried something. */
bool transport_ring_is_used(const struct transport *transport);

/* For the files of transports through memory alone. */

static inline struct transport_ring *transport_ring_of(struct transport *transport)
{
    return container_of(transport, struct transport_ring, transport);
}

/* What both ends have in common. The memory, of which `fd` is the descriptor, is mapped. */
int transport_ring_make(struct transport *socket, int fd, struct transport_ring **ret);
void transport_ring_drop(struct transport_ring *r);

/* What it is ready for. */
unsigned transport_ring_ready(const struct transport_ring *r);

/* Say that this end sleeps until one of these comes. Returns false if it is to stay awake. */
bool transport_ring_lie_down(struct transport_ring *r, unsigned events);

/* Take bytes out and put bytes in, and wake the other end for that. */
ssize_t transport_ring_take(struct transport_ring *r, void *bytes, size_t size);
ssize_t transport_ring_put(struct transport_ring *r, const struct iovec *parts, size_t count);

/* Take the bells from the socket, and learn whether it has ended. */
void transport_ring_hear(struct transport_ring *r);

/* Say where this end runs. */
static inline void transport_ring_tell_core(struct transport_ring *r, int cpu)
{
    if (atomic_load_explicit(&r->here->cpu, memory_order_relaxed) != cpu)
        atomic_store_explicit(&r->here->cpu, cpu, memory_order_relaxed);
}

/* Whether the other end runs on that core. */
static inline bool transport_ring_shares_core(const struct transport_ring *r, int cpu)
{
    return atomic_load_explicit(&r->there->cpu, memory_order_relaxed) == cpu;
}

/* What is as it is with the socket. */
void transport_ring_identify(struct transport *transport, struct identity *ret);
int transport_ring_open_process(struct transport *transport);
void transport_ring_cut(struct transport *transport);

#endif
