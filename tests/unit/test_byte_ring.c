/* SPDX-License-Identifier: MIT */
/* A ring of bytes in memory, and what happens to it when the other end writes nonsense. */
#include "support/check.h"

#include "base/byte_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ends {
    struct byte_ring ring;
    struct byte_ring_writer writer;
    struct byte_ring_reader reader;
};

static int setup(void **state)
{
    struct ends *ends = aligned_alloc(64, sizeof(*ends));

    if (!ends)
        return -1;
    memset(ends, 0, sizeof(*ends));
    ends->writer.ring = ends->reader.ring = &ends->ring;
    *state = ends;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static ssize_t put(struct ends *ends, const void *bytes, size_t len)
{
    const struct iovec part = {(void *)bytes, len};

    return byte_ring_put(&ends->writer, &part, 1);
}

static void put_text(struct ends *ends, const char *text)
{
    assert_int_equal(put(ends, text, strlen(text)), strlen(text));
}

static void check_taken(struct ends *ends, const char *expected)
{
    char text[64] = "";

    assert_int_equal(byte_ring_take(&ends->reader, text, sizeof(text) - 1), strlen(expected));
    assert_string_equal(text, expected);
}

static void bytes_come_out_in_their_order(void **state)
{
    struct ends *ends = *state;

    put_text(ends, "first, ");
    put_text(ends, "second");
    check_taken(ends, "first, second");
    check_taken(ends, "");
    put_text(ends, "third");
    check_taken(ends, "third");
}

static void parts_become_one(void **state)
{
    struct ends *ends = *state;
    const struct iovec parts[] = {{"one", 3}, {NULL, 0}, {"two", 3}};

    assert_int_equal(byte_ring_put(&ends->writer, parts, 3), 6);
    check_taken(ends, "onetwo");
}

static void a_reader_with_little_room_leaves_the_rest(void **state)
{
    struct ends *ends = *state;
    char text[3] = "";

    put_text(ends, "abcd");
    assert_int_equal(byte_ring_unread(&ends->writer), 4);
    assert_int_equal(byte_ring_take(&ends->reader, text, 2), 2);
    assert_string_equal(text, "ab");
    assert_int_equal(byte_ring_unread(&ends->writer), 2);
    check_taken(ends, "cd");
}

static void a_full_ring_takes_nothing_until_some_is_read(void **state)
{
    struct ends *ends = *state;
    static char bytes[BYTE_RING_SIZE + 10], out[BYTE_RING_SIZE + 10];

    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(put(ends, bytes, 10), 10);
    assert_int_equal(put(ends, bytes, sizeof(bytes)), BYTE_RING_SIZE - 10);
    assert_false(byte_ring_has_room(&ends->writer));
    assert_int_equal(put(ends, bytes, 1), 0);
    assert_int_equal(byte_ring_take(&ends->reader, out, 10), 10);
    assert_true(byte_ring_has_room(&ends->writer));
    assert_int_equal(put(ends, bytes, sizeof(bytes)), 10);
    assert_int_equal(byte_ring_take(&ends->reader, out, sizeof(out)), BYTE_RING_SIZE);
    assert_memory_equal(out, bytes, BYTE_RING_SIZE);
    assert_false(byte_ring_has_bytes(&ends->reader));
}

static void what_is_longer_goes_by_the_larger_place(void **state)
{
    struct ends *ends = *state;
    static char bytes[2 * BYTE_RING_LARGE], out[2 * BYTE_RING_LARGE];
    size_t in = 0, taken = 0;

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 31 >> 4);
    put_text(ends, "short");
    check_taken(ends, "short");
    assert_int_equal(put(ends, bytes, sizeof(bytes)), BYTE_RING_LARGE);
    assert_false(byte_ring_has_room(&ends->writer));
    in = BYTE_RING_LARGE;
    while (taken < sizeof(out)) {
        taken += (size_t)byte_ring_take(&ends->reader, out + taken, 5000);
        in += (size_t)put(ends, bytes + in, sizeof(bytes) - in);
    }
    assert_memory_equal(out, bytes, sizeof(bytes));
    put_text(ends, "short");
    assert_int_equal(atomic_load(&ends->ring.is_large), 0);
    check_taken(ends, "short");
}

/* Both numbers pass their ends, and messages lie across the end of the ring. */
static void numbers_run_over(void **state)
{
    struct ends *ends = *state;
    char in[1000], out[1000];

    ends->writer.tail = ends->reader.head = UINT32_MAX - 5000;
    atomic_store(&ends->ring.tail, ends->writer.tail);
    atomic_store(&ends->ring.head, ends->reader.head);
    for (int i = 0; i < 100; i++) {
        memset(in, 'a' + i % 26, sizeof(in));
        in[0] = '<';
        in[sizeof(in) - 1] = '>';
        assert_int_equal(put(ends, in, sizeof(in)), sizeof(in));
        assert_int_equal(byte_ring_take(&ends->reader, out, sizeof(out)), sizeof(out));
        assert_memory_equal(in, out, sizeof(in));
    }
    assert_int_equal(atomic_load(&ends->ring.head), ends->reader.head);
}

static void what_was_unread_when_it_was_closed_stays_so(void **state)
{
    struct ends *ends = *state;
    char text[8];

    put_text(ends, "read");
    check_taken(ends, "read");
    put_text(ends, "unread");
    assert_int_equal(byte_ring_close(&ends->writer), 6);
    assert_int_equal(byte_ring_take(&ends->reader, text, sizeof(text)), -ECONNRESET);
    assert_int_equal(byte_ring_take(&ends->reader, text, sizeof(text)), -ECONNRESET);
}

static void nothing_was_unread_in_one_that_is_empty(void **state)
{
    struct ends *ends = *state;

    put_text(ends, "read");
    check_taken(ends, "read");
    assert_int_equal(byte_ring_close(&ends->writer), 0);
}

static void more_used_than_there_is_room_for_is_nonsense(void **state)
{
    struct ends *ends = *state;
    char text[8];

    put_text(ends, "text");
    atomic_store(&ends->ring.tail, BYTE_RING_SIZE + 1);
    assert_int_equal(byte_ring_take(&ends->reader, text, sizeof(text)), -EPROTO);
    atomic_store(&ends->ring.is_large, 77);
    atomic_store(&ends->ring.tail, BYTE_RING_LARGE + 1);
    assert_int_equal(byte_ring_take(&ends->reader, text, sizeof(text)), -EPROTO);
    atomic_store(&ends->ring.tail, UINT32_MAX);
    assert_int_equal(byte_ring_take(&ends->reader, text, sizeof(text)), -EPROTO);
}

static void a_head_before_what_was_read_is_nonsense_to_the_writer(void **state)
{
    struct ends *ends = *state;

    put_text(ends, "text");
    atomic_store(&ends->ring.head, 5);
    assert_true(byte_ring_has_room(&ends->writer));
    assert_int_equal(put(ends, "more", 4), -EPROTO);
}

static void a_head_that_somebody_else_moved_is_nonsense_to_the_reader(void **state)
{
    struct ends *ends = *state;
    char text[8];

    put_text(ends, "text");
    atomic_store(&ends->ring.head, 2);
    assert_int_equal(byte_ring_take(&ends->reader, text, sizeof(text)), -EPROTO);
}

#define with_ends(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_ends(bytes_come_out_in_their_order),
        with_ends(parts_become_one),
        with_ends(a_reader_with_little_room_leaves_the_rest),
        with_ends(a_full_ring_takes_nothing_until_some_is_read),
        with_ends(what_is_longer_goes_by_the_larger_place),
        with_ends(numbers_run_over),
        with_ends(what_was_unread_when_it_was_closed_stays_so),
        with_ends(nothing_was_unread_in_one_that_is_empty),
        with_ends(more_used_than_there_is_room_for_is_nonsense),
        with_ends(a_head_before_what_was_read_is_nonsense_to_the_writer),
        with_ends(a_head_that_somebody_else_moved_is_nonsense_to_the_reader),
    };

    return run_group(tests, NULL, NULL);
}
