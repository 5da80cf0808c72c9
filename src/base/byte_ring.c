/* SPDX-License-Identifier: MIT */
/*
 * Tail and head run free: their difference is what is in the ring, and where they point into it is
 * their rest. They are stored and loaded in one order that both ends see: each stores its own
 * number before it looks whether the other end sleeps, as that says that it sleeps before it looks
 * at the number a last time.
 *
 * Whether an answer was read is decided by one atomic operation: the reader moves the head unless
 * the ring is closed, and the writer closes it, and learns by that where the head was.
 */
#include "base/byte_ring.h"

#include "base/macros.h"

#include <errno.h>
#include <string.h>

/* Where the bytes are. */
struct place {
    uint8_t *bytes;
    uint32_t size;
};

static struct place place_of(struct byte_ring *ring, bool is_large)
{
    return is_large ? (struct place){ring->large, BYTE_RING_LARGE}
                    : (struct place){ring->bytes, BYTE_RING_SIZE};
}

static void copy_in(struct place place, uint32_t at, const uint8_t *bytes, size_t n)
{
    size_t from = at % place.size, first = MIN(n, place.size - from);

    memcpy(place.bytes + from, bytes, first);
    memcpy(place.bytes, bytes + first, n - first);
}

static void copy_out(struct place place, uint32_t at, uint8_t *bytes, size_t n)
{
    size_t from = at % place.size, first = MIN(n, place.size - from);

    memcpy(bytes, place.bytes + from, first);
    memcpy(bytes + first, place.bytes, n - first);
}

/* While the ring is empty nobody looks into either place. */
static void choose_place(struct byte_ring_writer *writer, const struct iovec *parts, size_t n)
{
    size_t len = 0;
    bool is_large;

    for (size_t i = 0; i < n; i++)
        len += parts[i].iov_len;
    is_large = len > BYTE_RING_SIZE;
    if (is_large != writer->is_large)
        atomic_store(&writer->ring->is_large, is_large);
    writer->is_large = is_large;
}

ssize_t byte_ring_put(struct byte_ring_writer *writer, const struct iovec *parts, size_t n)
{
    uint32_t used = byte_ring_unread(writer), put = 0;
    struct place place;

    if (!used)
        choose_place(writer, parts, n);
    place = place_of(writer->ring, writer->is_large);
    if (used > place.size)
        return -EPROTO;
    for (size_t i = 0; i < n && used + put < place.size; i++) {
        size_t len = MIN(parts[i].iov_len, (size_t)(place.size - used - put));

        if (len) /* else its base may be NULL */
            copy_in(place, writer->tail + put, parts[i].iov_base, len);
        put += (uint32_t)len;
    }
    if (put) {
        writer->tail += put;
        atomic_store(&writer->ring->tail, writer->tail);
    }
    return put;
}

ssize_t byte_ring_take(struct byte_ring_reader *reader, void *bytes, size_t size)
{
    struct byte_ring *ring = reader->ring;
    uint32_t used = atomic_load(&ring->tail) - reader->head, n;
    struct place place = place_of(ring, atomic_load(&ring->is_large));
    uint64_t head = reader->head;

    if (used > place.size)
        return -EPROTO;
    if (!used)
        return 0;
    n = (uint32_t)MIN((size_t)used, size);
    copy_out(place, reader->head, bytes, n);
    if (!atomic_compare_exchange_strong(&ring->head, &head, (uint64_t)(reader->head + n)))
        return head & BYTE_RING_CLOSED ? -ECONNRESET : -EPROTO;
    reader->head += n;
    return n;
}

size_t byte_ring_close(struct byte_ring_writer *writer)
{
    return writer->tail - (uint32_t)atomic_fetch_or(&writer->ring->head, BYTE_RING_CLOSED);
}
