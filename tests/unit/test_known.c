/* SPDX-License-Identifier: MIT */
/* Objects that are told by their recipes, and what can be iterated. */
#include "support/pickle.h"
#include "support/tree.h"

#include "value/known.h"

#include <errno.h>

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

static void iterables_sent_by_value_can_be_iterated(void **state)
{
    static const struct {
        const char *recipe, *list;
    } cases[] = {
        {"range(0, 10, 3)", "[0, 3, 6, 9]"},
        {"range(3, 0, -2)", "[3, 1]"},
        {"range(5, 5, 1)", "[]"},
        {"range(-9223372036854775808, 9223372036854775807, 9223372036854775807)",
         "[-9223372036854775808, -1, 9223372036854775806]"},
        {"range(9223372036854775806, 9223372036854775807, 2)", "[9223372036854775806]"},
        {"iter([1, 2, 3])", "[1, 2, 3]"},
        {"iter([1, 2, 3]) & state 1", "[2, 3]"},
        {"iter([1, 2, 3]) & state 9", "[]"},
        {"iter('ab') & state 1", "['b']"},
        {"iter(range(1, 4, 1)) & state 1", "[2, 3]"},
        {"reversed([1, 2, 3])", "[3, 2, 1]"},
        {"reversed([1, 2, 3]) & state 1", "[2, 1]"},
        {"reversed([1, 2, 3]) & state -1", "[]"},
        {"collections._deque_iterator(collections.deque((1, 2)), 1)", "[2]"},
        {"collections.deque((), 3) & append [1, 2]", "[1, 2]"},
        {"collections.OrderedDict() & set {1: 2, 3: 4}", "[1, 3]"},
        {"collections.defaultdict(None) & set {1: 2}", "[1]"},
        {"collections.Counter({'a': 1})", "['a']"},
        {"collections.UserList() & state {'data': [1]}", "[1]"},
        {"array.array('b', b'\\xff\\1')", "[-1, 1]"},
        {"array.array('Q', b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff')", "[18446744073709551615]"},
        {"array.array('f', b'\\0\\0\\xc0\\x3f')", "[1.5]"},
        {"array.array('u', b'a\\0\\0\\0')", "['a']"},
        {"zip(iter([1, 2]), iter('ab'), iter([3]))", "[(1, 'a', 3)]"},
        {"zip(iter([1]))", "[(1,)]"},
        {"enumerate(iter('ab'), 7)", "[(7, 'a'), (8, 'b')]"},
        {"itertools.chain()", "[]"},
        {"itertools.islice(iter([1, 2, 3, 4, 5]), 1, 4, 2)", "[2, 4]"},
        {"itertools.islice(iter([1, 2, 3, 4, 5]), 1, None, 3)", "[2, 5]"},
        {"itertools.islice(iter([4, 5]), 4, 9, 1) & state 3", "[5]"},
        {"itertools.islice(zip(iter([1, 2])), 1, None, 1)", "[(2,)]"},
    };
    struct sm_value list;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(value_iterate(&tree, recipe(&tree, cases[i].recipe), &list), 0);
        assert_string_equal(repr_in(&tree, list, 11), cases[i].list);
    }
}

static void check_not_iterable(const char *text, int expected)
{
    struct sm_value list;
    int r = value_iterate(&tree, recipe(&tree, text), &list);

    if (r != expected)
        fail_msg("%s: %d", text, r);
}

static void what_is_not_iterable_is_told_from_what_cannot_be_known(void **state)
{
    static const char *const never[] = {
        "None",
        "1",
        "1.5",
        "True",
        "...",
        "complex(1.0, 2.0)",
        "decimal.Decimal('1')",
        "datetime.timedelta(0, 0, 0)",
        "slice(1, 2, 3)",
        "ValueError('x')",
    };
    static const char *const unknown[] = {
        "m.Point(1, 2)",
        "map(1, iter([1]))",
        "iter(m.C())",
        "iter(iter([1]))",
        "iter(zip(iter([1])))",
        "iter(1, 2)",
        "itertools.count(1)",
        "zip(itertools.count(1), iter([1]))",
        "enumerate(m.C(), 1)",
        "enumerate(iter([1]), 9223372036854775807)",
        "itertools.islice(iter([1]), 0, 5, 0)",
        "zip(zip(zip(zip(zip(zip(zip(zip(zip(zip(zip(iter([1]))))))))))))",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(never); i++)
        check_not_iterable(never[i], ITERATE_NOT);
    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
        check_not_iterable(unknown[i], ITERATE_NEEDS_PYTHON);
    check_not_iterable("range(0, 99999999999, 1)", -ENOMEM);
    check_not_iterable("zip(range(0, 9999999, 1), range(0, 9999999, 1))", -ENOMEM);
}

static void mappings_sent_by_value_are_dicts(void **state)
{
    static const struct {
        const char *recipe, *dict;
    } cases[] = {
        {"{1: 2}", "{1: 2}"},
        {"collections.OrderedDict() & set {1: 2, 3: 4}", "{1: 2, 3: 4}"},
        {"collections.defaultdict(None) & set {1: 2}", "{1: 2}"},
        {"collections.Counter({'a': 1})", "{'a': 1}"},
        {"collections.UserDict() & state {'data': {1: 2}}", "{1: 2}"},
    };
    struct sm_value dict;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(value_mapping(&tree, recipe(&tree, cases[i].recipe), &dict), 0);
        assert_string_equal(repr_in(&tree, dict, 11), cases[i].dict);
    }
    assert_int_equal(value_mapping(&tree, parse(&tree, "[1]"), &dict), ITERATE_NOT);
    assert_int_equal(value_mapping(&tree, parse(&tree, "range(0, 1, 1)"), &dict), ITERATE_NOT);
    assert_int_equal(value_mapping(&tree, parse(&tree, "m.C()"), &dict), ITERATE_NEEDS_PYTHON);
}

static void arrays_are_known_both_ways_they_are_pickled(void **state)
{
    struct sm_value v = parse(&tree, "array._array_reconstructor(0, 'h', 4, b'\\1\\0')");
    struct value_array array;

    (void)state;
    assert_int_equal(tree_global(&tree, "array", "array", v.object->args.items->item), 0);
    assert_true(value_is_array(v, &array));
    assert_int_equal(array.typecode, 'h');
    v.object->args.items->item[2] = sm_int(5); /* of a machine with another byte order */
    assert_false(value_is_array(v, &array));
}

/* As pathos' multiprocess pickles a proxy, whichever of the two names its modules have. */
#define PROXY(frame, managers)                                                                     \
    "\x80\4\x95" frame "\0\0\0\0\0\0\0" managers "\x94\x8c\14RebuildProxy\x94\x93\x94(h\0"         \
    "\x8c\11ListProxy\x94\x93\x94h\0\x8c\5Token\x94\x93\x94)\x81\x94\x8c\4list\x94"                \
    "\x8c\11/tmp/demo\x94\x8c\14c5e07a006e40\x94\x87\x94"                                          \
    "b\x8c\6pickle\x94}\x94t\x94R\x94."

static void a_proxy_is_known_by_both_names_of_its_module(void **state)
{
    static const struct {
        const uint8_t *data;
        size_t len;
    } pickles[] = {
        {PICKLE(PROXY("\x7e", "\x8c\x15multiprocess.managers"))},
        {PICKLE(PROXY("\x81", "\x8c\x18multiprocessing.managers"))},
    };
    struct value_proxy proxy;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(pickles); i++) {
        struct sm_value v = unpickle(&tree, pickles[i].data, pickles[i].len);

        assert_true(value_is_proxy(v.object, &proxy));
        assert_string_equal(repr_in(&tree, proxy.token.ident, 11), "'c5e07a006e40'");
        assert_string_equal(repr_in(&tree, v.object->args.items->item[1], 11),
                            "Token(typeid='list', address='/tmp/demo', id='c5e07a006e40')");
    }
    assert_false(value_is_proxy(
        unpickle(&tree, PICKLE(PROXY("\x7d", "\x8c\x14multiproces.managers"))).object, &proxy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_has_three_parts),
        cmocka_unit_test(an_array_has_whole_items),
        cmocka_unit_test(containers_and_text_can_be_iterated),
        cmocka_unit_test(iterables_sent_by_value_can_be_iterated),
        cmocka_unit_test(what_is_not_iterable_is_told_from_what_cannot_be_known),
        cmocka_unit_test(mappings_sent_by_value_are_dicts),
        cmocka_unit_test(arrays_are_known_both_ways_they_are_pickled),
        cmocka_unit_test(a_proxy_is_known_by_both_names_of_its_module),
    };

    return run_group(tests, make_tree, drop_tree);
}
