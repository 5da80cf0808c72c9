/* SPDX-License-Identifier: MIT */
/* repr() and str(). What is expected was asked of CPython. */
#include "support/value.h"

#include <errno.h>

static struct tree tree;

static int make_tree(void **state)
{
    (void)state;
    tree_init(&tree, NULL);
    return 0;
}

static int drop_tree(void **state)
{
    (void)state;
    tree_deinit(&tree);
    return 0;
}

/* Literals that repr() gives back as they are. */
static const char *const same[] = {
    "None",
    "True",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1.0",
    "-0.0",
    "0.1",
    "1e+16",
    "9999999999999998.0",
    "0.0001",
    "1e-05",
    "1.5e-07",
    "5e-324",
    "2.2250738585072014e-308",
    "1.7976931348623157e+308",
    "5.684341886080802e-14",
    "123456.789",
    "1e+100",
    "inf",
    "-inf",
    "nan",
    "'a'",
    "\"it's\"",
    "'both \\' and \"'",
    "'\\\\ \\t\\n\\r\\x00\\x1b\\x7f\\x80\\xad'",
    "'\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80'",
    "'\\ud800 \\u2028 \\u200b \\U000e0001 \\u3000'",
    "b''",
    "b\"it's\"",
    "b'\\x00\\xff\\t\\n\\\\'",
    "bytearray(b'a')",
    "()",
    "(1,)",
    "(1, 2)",
    "[]",
    "[1, [2, 'x']]",
    "{}",
    "{'a': 1, (2, 3): None}",
    "set()",
    "{1}",
    "frozenset()",
    "frozenset({1})",
};

static void repr_of_plain_values_is_their_literal(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
        assert_string_equal(repr_in(&tree, parse(&tree, same[i]), 11), same[i]);
}

static void a_container_inside_itself_is_not_entered(void **state)
{
    struct sm_value v;

    (void)state;
    assert_int_equal(tree_items(&tree, SM_KIND_LIST, 1, &v), 0);
    v.items->item[0] = v;
    assert_string_equal(repr_in(&tree, v, 11), "[[...]]");
    v.kind = SM_KIND_TUPLE;
    v.items->item[0] = v;
    assert_string_equal(repr_in(&tree, v, 11), "((...),)");
    assert_int_equal(tree_items(&tree, SM_KIND_DICT, 2, &v), 0);
    v.items->item[0] = sm_int(1);
    v.items->item[1] = v;
    assert_string_equal(repr_in(&tree, v, 11), "{1: {...}}");
}

static void what_is_shared_but_not_recursive_is_printed_each_time(void **state)
{
    struct sm_value inner = parse(&tree, "[1]");
    struct sm_value outer = parse(&tree, "[0, 0]");

    (void)state;
    outer.items->item[0] = outer.items->item[1] = inner;
    assert_string_equal(repr_in(&tree, outer, 11), "[[1], [1]]");
}

static void values_without_end_are_refused(void **state)
{
    static char text[1024 * 1024];
    struct buffer out = {0};
    struct sm_value v = sm_strn(text, sizeof(text));

    (void)state;
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 64; i++) {
        struct sm_value twice;

        assert_int_equal(tree_items(&tree, SM_KIND_LIST, 2, &twice), 0);
        twice.items->item[0] = twice.items->item[1] = v;
        v = twice;
    }
    assert_int_equal(value_repr(&out, v, 11), -ELOOP);
    buffer_deinit(&out);
}

static void ints_are_printed_up_to_pythons_limit(void **state)
{
    static uint8_t bytes[4000];
    struct sm_value v = {.kind = SM_KIND_BIGINT, .bytes = bytes};
    struct buffer out = {0};

    (void)state;
    bytes[1785] = 1; /* 2**14280: 4299 digits */
    v.len = 1786;
    assert_int_equal(value_repr(&out, v, 11), 0);
    assert_int_equal(out.len, 4299);
    bytes[1786] = 1; /* 4301 digits */
    v.len = 1787;
    assert_int_equal(value_repr(&out, v, 11), -ERANGE);
    bytes[3999] = 1;
    v.len = 4000;
    assert_int_equal(value_repr(&out, v, 11), -ERANGE);
    buffer_deinit(&out);
}

static void str_of_text_is_the_text(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_int_equal(value_str(&out, parse(&tree, "'it\\'s'"), 11), 0);
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.data, "it's", 4);
    buffer_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repr_of_plain_values_is_their_literal),
        cmocka_unit_test(a_container_inside_itself_is_not_entered),
        cmocka_unit_test(what_is_shared_but_not_recursive_is_printed_each_time),
        cmocka_unit_test(values_without_end_are_refused),
        cmocka_unit_test(ints_are_printed_up_to_pythons_limit),
        cmocka_unit_test(str_of_text_is_the_text),
    };

    return cmocka_run_group_tests(tests, make_tree, drop_tree);
}
