/* SPDX-License-Identifier: MIT */
/* Requests that are known by their first bytes. */
#include "support/check.h"

#include "wire/message.h"

#include <string.h>

#define REST                                                                                       \
    "\x8c\x03"                                                                                     \
    "add\x94K\x01\x85\x94}\x94t\x94."
#define FRAMED "\x80\x04\x95\x1f\0\0\0\0\0\0\0"

struct bytes {
    const char *data;
    size_t len;
};

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static bool begins(struct bytes request, size_t len)
{
    CLEANUP(buffer_deinit) struct buffer exact = {0}; /* a sanitizer sees what is read beyond */

    buffer_add(&exact, request.data, len);
    return request_begins_with(exact.data, exact.len, "7f0a0001");
}

static void a_request_is_known_in_each_form_that_pythons_write(void **state)
{
    static const struct bytes requests[] = {
        BYTES("\x80\x02(X\x08\0\0\0"
              "7f0a0001q\0X\x03\0\0\0addq\x01K\x01\x85q\x02}q\x03tq\x04."),
        BYTES(FRAMED "(\x8c\x08"
                     "7f0a0001\x94" REST),
        BYTES("\x80\x04(\x8c\x08"
              "7f0a0001\x94" REST),
        BYTES("\x80\x05\x95\x1f\0\0\0\0\0\0\0(\x8c\x08"
              "7f0a0001\x94" REST),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
        assert_true(begins(requests[i], requests[i].len));
}

static void all_others_are_not(void **state)
{
    static const struct bytes requests[] = {
        BYTES(FRAMED "(\x8c\x08"
                     "7f0a0002\x94" REST),
        BYTES(FRAMED "(\x8c\x09"
                     "7f0a00010\x94" REST),
        BYTES(FRAMED "(\x8c\x07"
                     "7f0a000\x94" REST),
        BYTES("\x80\x02(X\x08\x01\0\0"
              "7f0a0001"),
        BYTES(FRAMED "(N" REST),
        BYTES(FRAMED "](\x8c\x08"
                     "7f0a0001\x94" REST),
        BYTES("(S'7f0a0001'\n"),
        BYTES(""),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
        assert_false(begins(requests[i], requests[i].len));
}

static void one_that_breaks_off_before_the_end_of_the_ident_is_not(void **state)
{
    static const struct bytes whole[] = {
        BYTES(FRAMED "(\x8c\x08"
                     "7f0a0001"),
        BYTES("\x80\x02(X\x08\0\0\0"
              "7f0a0001"),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
        for (size_t len = 0; len < whole[i].len; len++)
            assert_false(begins(whole[i], len));
    }
}

static void assert_method(const char *expected, struct bytes request)
{
    for (size_t len = 0; len <= request.len; len++) {
        CLEANUP(buffer_deinit) struct buffer exact = {0};
        const char *name;
        size_t name_len = 0;

        buffer_add(&exact, request.data, len);
        name = request_method(exact.data, exact.len, &name_len);
        if (len == request.len) {
            assert_non_null(name);
            assert_int_equal(name_len, strlen(expected));
            assert_memory_equal(name, expected, name_len);
        } else if (name) {
            assert_true(exact.data <= (uint8_t *)name &&
                        (uint8_t *)name + name_len <= exact.data + exact.len);
        }
    }
}

static void its_method_is_known_in_each_form(void **state)
{
    (void)state;
    assert_method("add", (struct bytes)BYTES("\x80\x02(X\x08\0\0\0"
                                             "7f0a0001q\0X\x03\0\0\0add"));
    assert_method("add", (struct bytes)BYTES(FRAMED "(\x8c\x08"
                                                    "7f0a0001\x94\x8c\x03"
                                                    "add"));
    assert_method("add", (struct bytes)BYTES("\x80\x04(\x8c\x08"
                                             "7f0a0001\x8c\x03"
                                             "add"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_known_in_each_form_that_pythons_write),
        cmocka_unit_test(all_others_are_not),
        cmocka_unit_test(its_method_is_known_in_each_form),
        cmocka_unit_test(one_that_breaks_off_before_the_end_of_the_ident_is_not),
    };

    return run_group(tests, NULL, NULL);
}
