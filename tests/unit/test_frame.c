/* SPDX-License-Identifier: MIT */
/* Framing: both length forms, partial frames, bounds. */
#include "support/check.h"

#include "wire/frame.h"

#include <errno.h>

#define LONGEST 1000

static void a_frame_is_its_length_and_payload(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *payload;
        size_t size;
    } cases[] = {
        {"\0\0\0\3abc", 7, "abc", 7},
        {"\0\0\0\3abcdef", 10, "abc", 7},
        {"\0\0\0\0", 4, "", 4},
        {"\xff\xff\xff\xff\0\0\0\0\0\0\0\3abc", 15, "abc", 15},
        {"\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 12, "", 12},
    };
    struct frame f;
    size_t need;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(
            frame_parse((const uint8_t *)cases[i].bytes, cases[i].len, LONGEST, &f, &need), 0);
        assert_int_equal(f.len, strlen(cases[i].payload));
        assert_memory_equal(f.payload, cases[i].payload, f.len);
        assert_int_equal(f.size, cases[i].size);
    }
}

static void a_part_of_a_frame_tells_what_it_needs(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        size_t need;
    } cases[] = {
        {"", 0, 4},
        {"\0\0\0", 3, 4},
        {"\0\0\0\3", 4, 7},
        {"\0\0\0\3ab", 6, 7},
        {"\0\0\3\xe8", 4, 1004},
        {"\xff\xff\xff\xff", 4, 12},
        {"\xff\xff\xff\xff\0\0\0\0\0\0\0", 11, 12},
        {"\xff\xff\xff\xff\0\0\0\0\0\0\0\3", 12, 15},
    };
    struct frame f;
    size_t need;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        need = 0;
        assert_int_equal(
            frame_parse((const uint8_t *)cases[i].bytes, cases[i].len, LONGEST, &f, &need),
            FRAME_MORE);
        assert_int_equal(need, cases[i].need);
    }
}

static void a_bad_length_is_refused_before_its_payload(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        int error;
    } cases[] = {
        {"\xff\xff\xff\xfe", 4, -EPROTO},
        {"\x80\0\0\0", 4, -EPROTO},
        {"\0\0\3\xe9", 4, -EMSGSIZE},
        {"\x7f\xff\xff\xff", 4, -EMSGSIZE},
        {"\xff\xff\xff\xff\0\0\0\0\0\0\3\xe9", 12, -EMSGSIZE},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, -EMSGSIZE},
    };
    struct frame f;
    size_t need;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(
            frame_parse((const uint8_t *)cases[i].bytes, cases[i].len, LONGEST, &f, &need),
            cases[i].error);
}

static void no_bound_does_not_mean_overflow(void **state)
{
    uint8_t bytes[12];
    struct frame f;
    size_t need;

    (void)state;
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(frame_parse(bytes, sizeof(bytes), SIZE_MAX, &f, &need), -EMSGSIZE);
}

static void header_is_long_from_2_gib_on(void **state)
{
    uint8_t header[FRAME_HEADER_MAX];

    (void)state;
    assert_int_equal(frame_header(0x7fffffff, header), 4);
    assert_memory_equal(header, "\x7f\xff\xff\xff", 4);
    assert_int_equal(frame_header(0x80000000, header), 12);
    assert_memory_equal(header, "\xff\xff\xff\xff\0\0\0\0\x80\0\0\0", 12);
}

static void what_is_written_is_what_is_parsed(void **state)
{
    struct buffer b = {0};
    struct frame f;
    size_t mark, need;

    (void)state;
    frame_add(&b, "one", 3);
    mark = frame_begin(&b);
    buffer_add_str(&b, "second");
    frame_end(&b, mark);
    assert_int_equal(frame_parse(b.data, b.len, LONGEST, &f, &need), 0);
    assert_memory_equal(f.payload, "one", 3);
    assert_int_equal(frame_parse(b.data + f.size, b.len - f.size, LONGEST, &f, &need), 0);
    assert_memory_equal(f.payload, "second", 6);
    assert_int_equal(b.len, 7 + 10);
    buffer_deinit(&b);
}

static void cancel_takes_back_the_frame_alone(void **state)
{
    struct buffer b = {0};
    size_t mark;

    (void)state;
    frame_add(&b, "one", 3);
    mark = frame_begin(&b);
    buffer_add_str(&b, "second");
    frame_cancel(&b, mark);
    assert_int_equal(b.len, 7);
    buffer_deinit(&b);
}

static void cancel_takes_back_the_failure_of_its_frame(void **state)
{
    struct buffer b = {0};
    size_t mark;

    (void)state;
    mark = frame_begin(&b);
    assert_int_equal(buffer_reserve(&b, SIZE_MAX / 2), -ENOMEM);
    frame_end(&b, mark);
    frame_cancel(&b, mark);
    assert_false(b.failed);
    assert_int_equal(b.len, 0);
    buffer_deinit(&b);
}

static void cancel_leaves_an_earlier_failure(void **state)
{
    struct buffer b = {0};
    size_t mark;

    (void)state;
    assert_int_equal(buffer_reserve(&b, SIZE_MAX / 2), -ENOMEM);
    mark = frame_begin(&b);
    frame_cancel(&b, mark);
    assert_true(b.failed);
    buffer_deinit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_its_length_and_payload),
        cmocka_unit_test(a_part_of_a_frame_tells_what_it_needs),
        cmocka_unit_test(a_bad_length_is_refused_before_its_payload),
        cmocka_unit_test(no_bound_does_not_mean_overflow),
        cmocka_unit_test(header_is_long_from_2_gib_on),
        cmocka_unit_test(what_is_written_is_what_is_parsed),
        cmocka_unit_test(cancel_takes_back_the_frame_alone),
        cmocka_unit_test(cancel_takes_back_the_failure_of_its_frame),
        cmocka_unit_test(cancel_leaves_an_earlier_failure),
    };

    return run_group(tests, NULL, NULL);
}
