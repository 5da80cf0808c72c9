/* SPDX-License-Identifier: MIT */
/*
 * What a manager and one connection of its host share to carry their bytes: a ring each way, and
 * what each end says of itself.
 *
 * All of it can be written by both ends, so what the other end says is believed only as far as it
 * harms nobody but that end. How much was put in and taken out each end knows by itself; the other
 * end's number is checked, and bytes are copied out before they are looked at.
 */
#ifndef BASE_BYTE_RING_H
#define BASE_BYTE_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * Small messages go round in a place that stays in the cores' caches. For long ones there is a
 * larger one, so that the ends need not wait for each other so often; its pages are taken when they
 * are used first.
 */
#define BYTE_RING_SIZE 16384u
#define BYTE_RING_LARGE 131072u

/* What stands on a cache line has one writer, while neither end sleeps. */
struct byte_ring {
    alignas(64) _Atomic uint32_t tail; /* how many bytes were put in, modulo 2^32 */
    _Atomic uint32_t is_large;         /* they are in the larger place; changes while it is empty */
    alignas(64) _Atomic uint64_t head; /* how many were taken out, the same; BYTE_RING_CLOSED */
    alignas(64) uint8_t bytes[BYTE_RING_SIZE];
    alignas(64) uint8_t large[BYTE_RING_LARGE];
};

/* The writer has ended it: what is in it stays unread. */
#define BYTE_RING_CLOSED (UINT64_C(1) << 32)

struct ring_end {
    alignas(64) _Atomic uint32_t sleeps; /* what it waits for; 0: it is awake */
    _Atomic int32_t cpu;                 /* where it runs */
};

/* The memory of one connection. */
struct byte_rings {
    struct ring_end client, manager;
    struct byte_ring requests, answers;
};

/* What the one that puts in, and the one that takes out, keeps for itself. */
struct byte_ring_writer {
    struct byte_ring *ring;
    uint32_t tail;
    bool is_large;
};

struct byte_ring_reader {
    struct byte_ring *ring;
    uint32_t head;
};

/*
 * Put in as much as there is room for. Returns how many bytes that is, or -EPROTO: the other end
 * has written nonsense.
 */
ssize_t byte_ring_put(struct byte_ring_writer *writer, const struct iovec *parts, size_t n);

/*
 * Take out what is there. Returns how many bytes that is, -ECONNRESET (closed: they were not read),
 * or -EPROTO.
 */
ssize_t byte_ring_take(struct byte_ring_reader *reader, void *bytes, size_t size);

/* Have nothing more be taken out. Returns how many bytes were not. */
size_t byte_ring_close(struct byte_ring_writer *writer);

/* How many bytes have not been taken out yet. */
static inline uint32_t byte_ring_unread(const struct byte_ring_writer *writer)
{
    return writer->tail - (uint32_t)atomic_load(&writer->ring->head);
}

static inline bool byte_ring_has_room(const struct byte_ring_writer *writer)
{
    return byte_ring_unread(writer) != (writer->is_large ? BYTE_RING_LARGE : BYTE_RING_SIZE);
}

static inline bool byte_ring_has_bytes(const struct byte_ring_reader *reader)
{
    return atomic_load(&reader->ring->tail) != reader->head;
}

#endif
