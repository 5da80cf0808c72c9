/* SPDX-License-Identifier: MIT */
/*
 * A ring of bytes whose memory the other end scribbles on between any two steps. Whatever stands
 * there, nothing beside it is read or written; and as long as nobody has scribbled, what comes out
 * is what was put in.
 *
 * An input is a row of steps: a byte that says which, and two for how much, or where.
 */
#include "fuzz.h"

#include "base/byte_ring.h"

#include <errno.h>
#include <string.h>

struct ends {
    struct byte_ring *ring; /* owned, by itself: so that nothing beside it may be touched */
    struct byte_ring_writer writer;
    struct byte_ring_reader reader;
    uint64_t put, taken; /* in all */
    bool honest;         /* nobody has scribbled */
};

/* What stands at a place of all that is put in. */
static uint8_t byte_at(uint64_t at)
{
    return (uint8_t)(at * 31 >> 3 ^ at >> 11);
}

static void put(struct ends *ends, size_t len)
{
    uint8_t *bytes = malloc(len + 1);
    const struct iovec parts[] = {{bytes, len / 3}, {bytes + len / 3, len - len / 3}};
    uint32_t unread = byte_ring_unread(&ends->writer);
    ssize_t n;

    CHECK(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = byte_at(ends->put + i);
    n = byte_ring_put(&ends->writer, parts, 2);
    free(bytes);
    CHECK(n == -EPROTO || (n >= 0 && (size_t)n <= len));
    if (!ends->honest)
        return;
    CHECK(n >= 0 && (len == 0 || n > 0 || unread >= BYTE_RING_SIZE));
    ends->put += (uint64_t)n;
    CHECK(byte_ring_unread(&ends->writer) == ends->put - ends->taken);
}

static void take(struct ends *ends, size_t len)
{
    uint8_t *bytes = malloc(len + 1);
    ssize_t n;

    CHECK(bytes);
    n = byte_ring_take(&ends->reader, bytes, len);
    CHECK(n == -EPROTO || n == -ECONNRESET || (n >= 0 && (size_t)n <= len));
    if (ends->honest) {
        CHECK(n >= 0 && (n > 0 || len == 0 || ends->put == ends->taken));
        for (ssize_t i = 0; i < n; i++)
            CHECK(bytes[i] == byte_at(ends->taken + (uint64_t)i));
        ends->taken += (uint64_t)n;
    }
    free(bytes);
}

/* The numbers, or anything else. */
static void scribble(struct ends *ends, size_t where, const uint8_t *what, size_t len)
{
    size_t numbers[] = {offsetof(struct byte_ring, tail), offsetof(struct byte_ring, is_large),
                        offsetof(struct byte_ring, head)};
    size_t at = where % 4 < 3 ? numbers[where % 4] : where * 3 % (sizeof(*ends->ring) - len);

    memcpy((uint8_t *)ends->ring + at, what, len);
    ends->honest = false;
}

static void close_it(struct ends *ends)
{
    size_t unread = byte_ring_close(&ends->writer);
    uint8_t byte;

    if (ends->honest)
        CHECK(unread == ends->put - ends->taken);
    CHECK(byte_ring_take(&ends->reader, &byte, 1) <= 0);
    ends->honest = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct ends ends = {.ring = aligned_alloc(64, sizeof(struct byte_ring)), .honest = true};

    CHECK(ends.ring);
    memset(ends.ring, 0, sizeof(*ends.ring));
    ends.writer.ring = ends.reader.ring = ends.ring;
    for (; len >= 3; data += 3, len -= 3) {
        size_t n = (size_t)data[1] << 8 | data[2];

        switch (data[0] % 8) {
        case 0:
        case 1:
            put(&ends, n);
            break;
        case 2:
            put(&ends, n * 8);
            break;
        case 3:
        case 4:
            take(&ends, n);
            break;
        case 5:
            take(&ends, n * 8);
            break;
        case 6:
            scribble(&ends, n, data, len < 8 ? len : 8);
            break;
        default:
            close_it(&ends);
        }
        (void)byte_ring_has_room(&ends.writer);
        (void)byte_ring_has_bytes(&ends.reader);
    }
    free(ends.ring);
    return 0;
}
