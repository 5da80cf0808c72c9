/* SPDX-License-Identifier: MIT */
/* Objects that are told by their recipes, and what can be iterated. */
#include "support/value.h"

#include "value/known.h"

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

static void a_slice_has_three_parts(void **state)
{
    struct value_slice slice;

    (void)state;
    assert_true(value_is_slice(parse(&tree, "slice(1, None, -2)"), &slice));
    assert_int_equal(slice.start.integer, 1);
    assert_int_equal(slice.stop.kind, SM_KIND_NONE);
    assert_int_equal(slice.step.integer, -2);
    assert_false(value_is_slice(parse(&tree, "slice(1)"), &slice));
    assert_false(value_is_slice(parse(&tree, "m.slice(1, 2, 3)"), &slice));
    assert_false(value_is_slice(parse(&tree, "[1, 2, 3]"), &slice));
}

static void an_array_has_whole_items(void **state)
{
    struct value_array array;

    (void)state;
    assert_true(value_is_array(parse(&tree, "array.array('h', b'\\1\\0\\2\\0')"), &array));
    assert_int_equal(array.typecode, 'h');
    assert_int_equal(array.bytes.len, 4);
    assert_false(value_is_array(parse(&tree, "array.array('h', b'\\1\\0\\2')"), &array));
    assert_false(value_is_array(parse(&tree, "array.array('x', b'')"), &array));
}

static void containers_and_text_can_be_iterated(void **state)
{
    static const struct {
        const char *text, *list;
    } cases[] = {
        {"(1, 'a')", "[1, 'a']"},
        {"[]", "[]"},
        {"{1: 2, 'a': 'b'}", "[1, 'a']"},
        {"{1}", "[1]"},
        {"'a\xc3\xa9\\ud800'", "['a', '\xc3\xa9', '\\ud800']"},
        {"b'a\\xff'", "[97, 255]"},
        {"bytearray(b'\\0')", "[0]"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sm_value list;

        assert_int_equal(value_iterate(&tree, parse(&tree, cases[i].text), &list), 0);
        assert_string_equal(repr_in(&tree, list, 11), cases[i].list);
    }
}

static void scalars_cannot_be_iterated(void **state)
{
    static const char *const cases[] = {"None", "1", "1.5", "True", "..."};
    struct sm_value list;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(value_iterate(&tree, parse(&tree, cases[i]), &list), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_has_three_parts),
        cmocka_unit_test(an_array_has_whole_items),
        cmocka_unit_test(containers_and_text_can_be_iterated),
        cmocka_unit_test(scalars_cannot_be_iterated),
    };

    return cmocka_run_group_tests(tests, make_tree, drop_tree);
}
