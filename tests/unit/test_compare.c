/* SPDX-License-Identifier: MIT */
/* ==, hash(), <, type names and truth. What is expected was asked of CPython. */
#include "support/tree.h"

#include "value/compare.h"
#include "value/number.h"
#include "value/walk.h"

#include <errno.h>
#include <math.h>

struct pair {
    const char *a, *b;
};

static void check_equal(const struct pair *pairs, size_t n, int expected)
{
    for (size_t i = 0; i < n; i++) {
        struct sm_value a = recipe(&tree, pairs[i].a);
        struct sm_value b = recipe(&tree, pairs[i].b);

        if (value_equal(a, b) != expected || value_equal(b, a) != expected)
            fail_msg("%s == %s is not %d", pairs[i].a, pairs[i].b, expected);
    }
}

static const struct pair equal[] = {
    {"1", "1.0"},
    {"1", "True"},
    {"0", "-0.0"},
    {"False", "0.0"},
    {"4611686018427387904", "4611686018427387904.0"},
    {"9223372036854775808", "9223372036854775808.0"},
    {"-9223372036854775808", "-9223372036854775808.0"},
    {"-18446744073709551616", "-18446744073709551616.0"},
    {"'a'", "\"a\""},
    {"b'ab'", "bytearray(b'ab')"},
    {"(1, 2)", "(1.0, 2)"},
    {"[1, [2]]", "[True, [2.0]]"},
    {"{1, 2, 3}", "frozenset({3, 2, 1})"},
    {"{1: 'a', 2: 'b'}", "{2: 'b', True: 'a'}"},
    {"{frozenset({1}): 1}", "{frozenset({1.0}): 1}"},
    {"set()", "frozenset()"},
    {"m.C(1, [2])", "m.C(1, [2])"},
    {"m.C(a=1, b=2)", "m.C(b=2, a=1)"},
    {"...", "Ellipsis"},
    {"complex(1.0, 0.0)", "1"},
    {"complex(1.0, 2.0)", "complex(1.0, 2.0)"},
    {"decimal.Decimal('1.0')", "1"},
    {"decimal.Decimal('1.50')", "decimal.Decimal('1.5')"},
    {"decimal.Decimal('0.5')", "0.5"},
    {"decimal.Decimal('1E+3')", "1000"},
    {"decimal.Decimal('-Infinity')", "-inf"},
    {"decimal.Decimal('0.1')", "fractions.Fraction(1, 10)"},
    {"decimal.Decimal('18446744073709551616')", "18446744073709551616"},
    {"fractions.Fraction(1, 2)", "0.5"},
    {"fractions.Fraction('1/3')", "fractions.Fraction(1, 3)"},
    {"fractions.Fraction(3, 1)", "3"},
    {"range(0, 0, 1)", "range(2, 1, 1)"},
    {"range(0, 3, 2)", "range(0, 4, 2)"},
    {"range(0, 1, 5)", "range(0, 1, 1)"},
    {"collections.deque() & append [1]", "collections.deque((), 3) & append [1.0]"},
    {"array.array('b', b'\\1')", "array.array('h', b'\\1\\0')"},
    {"collections.OrderedDict() & set {1: 2, 3: 4}", "{3: 4, 1: 2}"},
    {"collections.OrderedDict() & set {1: 2}", "collections.defaultdict(None) & set {1: 2}"},
    {"collections.Counter({'a': 1})", "{'a': 1}"},
    {"collections.UserList() & state {'data': [1]}", "[1]"},
    {"datetime.date(b'\\x07\\xe4\\1\\2')", "datetime.date(b'\\x07\\xe4\\1\\2')"},
    {"datetime.time(b'\\x81\\0\\0\\0\\0\\0')", "datetime.time(b'\\1\\0\\0\\0\\0\\0')"},
    {"datetime.datetime(b'\\x07\\xe4\\1\\2\\1\\0\\0\\0\\0\\0', "
     "datetime.timezone(datetime.timedelta(0, 3600, 0)))",
     "datetime.datetime(b'\\x07\\xe4\\1\\2\\0\\0\\0\\0\\0\\0', "
     "datetime.timezone(datetime.timedelta(0, 0, 0)))"},
    {"uuid.UUID() & state {'int': 5}", "uuid.UUID() & state {'int': 5, 'is_safe': None}"},
    {"pathlib.PurePosixPath('/', 'a')", "pathlib._local.PosixPath('/a')"},
    {"m.C() & state {'a': 1, 'b': 2}", "m.C() & state {'b': 2, 'a': 1.0}"},
};

static void equality_is_by_value_across_kinds(void **state)
{
    (void)state;
    check_equal(equal, ARRAY_SIZE(equal), 1);
}

static const struct pair unequal[] = {
    {"9007199254740993", "9007199254740992.0"},
    {"9223372036854775807", "9223372036854775808.0"},
    {"18446744073709551617", "18446744073709551616.0"},
    {"inf", "99999999999999999999999999"},
    {"nan", "nan"},
    {"[nan]", "[nan]"},
    {"'a'", "b'a'"},
    {"(1, 2)", "[1, 2]"},
    {"[1, 2]", "[1, 2, 3]"},
    {"{1, 2}", "{1, 3}"},
    {"{1: 2}", "{1: 3}"},
    {"{1: 2}", "{2: 2}"},
    {"{}", "set()"},
    {"{}", "[]"},
    {"None", "0"},
    {"None", "False"},
    {"m.C(1)", "m.C(2)"},
    {"m.C(1)", "m.D(1)"},
    {"m.C(1)", "n.C(1)"},
    {"m.C() & state {'a': 1}", "m.C() & state {'a': 2}"},
    {"complex(1.0, 2.0)", "complex(1.0, -2.0)"},
    {"decimal.Decimal('0.1')", "0.1"},
    {"decimal.Decimal('NaN')", "decimal.Decimal('NaN')"},
    {"fractions.Fraction(1, 3)", "0.3333333333333333"},
    {"collections.deque() & append [1]", "[1]"},
    {"collections.OrderedDict() & set {1: 2, 3: 4}",
     "collections.OrderedDict() & set {3: 4, 1: 2}"},
    {"range(0, 3, 1)", "range(0, 4, 1)"},
    {"range(0, 3, 1)", "[0, 1, 2]"},
    {"array.array('b', b'\\1')", "[1]"},
    {"datetime.datetime(b'\\x07\\xe4\\1\\2\\0\\0\\0\\0\\0\\0')",
     "datetime.date(b'\\x07\\xe4\\1\\2')"},
    {"datetime.time(b'\\1\\0\\0\\0\\0\\0')",
     "datetime.time(b'\\1\\0\\0\\0\\0\\0', datetime.timezone(datetime.timedelta(0, 0, 0)))"},
};

static void what_differs_is_unequal(void **state)
{
    (void)state;
    check_equal(unequal, ARRAY_SIZE(unequal), 0);
}

/* Ties go to the even one, and any bit below breaks them, however far. */
static void ints_become_the_nearest_float(void **state)
{
    static const struct {
        const char *number;
        double expected;
    } cases[] = {
        {"True", 1},
        {"9007199254740993", 0x1p53},
        {"18446744073709551616", 0x1p64},
        {"18446744073709553664", 0x1p64},               /* 2**64 + 2**11: a tie */
        {"18446744073709553665", 0x1.0000000000001p64}, /* and one more */
        {"18446744073709557760", 0x1.0000000000002p64}, /* 2**64 + 3 * 2**11: a tie */
        {"-18446744073709553665", -0x1.0000000000001p64},
        {"-9223372036854775809", -0x1p63},
        {"-340282366920938463463374607431768211456", -0x1p128},
        {"340282366920938463463374607431768211455", 0x1p128},
        {"340282366920938425684442744474606501888", 0x1.fffffffffffffp127},
        {"340282366920938444573908675953187356672", 0x1p128}, /* a tie: 2**128 - 2**74 */
        {"340282366920938444573908675953187356671", 0x1.fffffffffffffp127},
    };
    char huge[400];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        double number = number_to_double(recipe(&tree, cases[i].number));

        if (number != cases[i].expected)
            fail_msg("%s: %a", cases[i].number, number);
    }
    memset(huge, '9', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    assert_true(isinf(number_to_double(recipe(&tree, huge))));
}

static void equal_values_hash_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(equal); i++) {
        uint64_t a, b;
        struct sm_value culprit;

        if (value_hash(recipe(&tree, equal[i].a), &a, &culprit) ||
            value_hash(recipe(&tree, equal[i].b), &b, &culprit))
            continue;
        if (a != b)
            fail_msg("%s and %s hash apart", equal[i].a, equal[i].b);
    }
}

static void the_culprit_of_an_unhashable_value_is_named(void **state)
{
    static const struct pair cases[] = {
        {"[1]", "list"},
        {"{}", "dict"},
        {"set()", "set"},
        {"bytearray(b'')", "bytearray"},
        {"collections.deque()", "collections.deque"},
        {"collections.Counter({})", "Counter"},
        {"(1, [2])", "list"},
        {"(1, (2, {3: 4}))", "dict"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t hash;
        struct sm_value culprit, name;

        assert_int_equal(value_hash(recipe(&tree, cases[i].a), &hash, &culprit), HASH_UNHASHABLE);
        name = value_type_name(culprit);
        assert_int_equal(name.len, strlen(cases[i].b));
        assert_memory_equal(name.text, cases[i].b, name.len);
    }
}

static void order_is_pythons(void **state)
{
    static const struct pair less[] = {
        {"1", "2"},
        {"-1", "0.5"},
        {"9007199254740992.0", "9007199254740993"},
        {"-inf", "-99999999999999999999999999"},
        {"-99999999999999999999999999", "0"},
        {"False", "True"},
        {"'a'", "'b'"},
        {"'a'", "'ab'"},
        {"'z'", "'\\ud800'"},
        {"'\\uffff'", "'\\U00010000'"},
        {"b'a'", "bytearray(b'b')"},
        {"(1, 2)", "(1, 3)"},
        {"(1,)", "(1, 'x')"},
        {"[1, [2, 3]]", "[1, [2, 4]]"},
        {"(1, 'a', None)", "(1, 'b', 3)"},
        {"{1}", "{1, 2}"},
        {"set()", "frozenset({1})"},
        {"decimal.Decimal('0.1')", "0.1"},
        {"fractions.Fraction(1, 3)", "fractions.Fraction(1, 2)"},
        {"-1", "fractions.Fraction('-1/2')"},
        {"decimal.Decimal('1E+400')", "inf"},
        {"datetime.date(b'\\x07\\xe4\\1\\2')", "datetime.date(b'\\x07\\xe4\\2\\1')"},
        {"datetime.timedelta(-1, 3, 0)", "datetime.timedelta(0, 0, 0)"},
        {"datetime.datetime(b'\\x07\\xe4\\1\\2\\1\\0\\0\\0\\0\\0', "
         "datetime.timezone(datetime.timedelta(0, 7200, 0)))",
         "datetime.datetime(b'\\x07\\xe4\\1\\2\\0\\0\\0\\0\\0\\0', "
         "datetime.timezone(datetime.timedelta(0, 0, 0)))"},
        {"uuid.UUID() & state {'int': 5}", "uuid.UUID() & state {'int': 18446744073709551616}"},
        {"collections.deque() & append [1]", "collections.deque() & append [1, 2]"},
        {"pathlib.PurePosixPath('a', 'b')", "pathlib.PurePosixPath('a-b')"},
    };
    struct sm_value a, b;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(less); i++) {
        if (value_less(recipe(&tree, less[i].a), recipe(&tree, less[i].b), &a, &b) != 1 ||
            value_less(recipe(&tree, less[i].b), recipe(&tree, less[i].a), &a, &b) != 0)
            fail_msg("%s < %s does not hold", less[i].a, less[i].b);
    }
}

static void neither_of_what_has_no_order_is_less(void **state)
{
    static const struct pair cases[] = {
        {"1", "1.0"}, {"nan", "1"}, {"nan", "nan"}, {"{1}", "{2}"}, {"[1]", "[1]"}, {"''", "''"},
    };
    struct sm_value a, b;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(value_less(recipe(&tree, cases[i].a), recipe(&tree, cases[i].b), &a, &b),
                         0);
        assert_int_equal(value_less(recipe(&tree, cases[i].b), recipe(&tree, cases[i].a), &a, &b),
                         0);
    }
}

static void the_pair_that_cannot_be_ordered_is_told(void **state)
{
    static const struct {
        const char *a, *b, *culprit_a, *culprit_b;
    } cases[] = {
        {"1", "'a'", "1", "'a'"},
        {"[1, None]", "[1, 2]", "None", "2"},
        {"{1: 2}", "{1: 3}", "{1: 2}", "{1: 3}"},
        {"None", "None", "None", "None"},
        {"(1, (2, 'x'))", "(1, (2, b'x'))", "'x'", "b'x'"},
        {"complex(1.0, 2.0)", "complex(1.0, 3.0)", "(1+2j)", "(1+3j)"},
        {"decimal.Decimal('1')", "'1'", "Decimal('1')", "'1'"},
        {"[1]", "collections.deque() & append [2]", "[1]", "deque([2])"},
        {"collections.deque() & append [1]", "collections.deque() & append ['a']", "1", "'a'"},
        {"datetime.timedelta(0, 0, 0)", "0", "datetime.timedelta(0)", "0"},
    };
    struct sm_value a, b;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(value_less(recipe(&tree, cases[i].a), recipe(&tree, cases[i].b), &a, &b),
                         -EINVAL);
        assert_string_equal(repr_in(&tree, a, 11), cases[i].culprit_a);
        assert_string_equal(repr_in(&tree, b, 11), cases[i].culprit_b);
    }
}

static void big_sets_compare_in_linear_time(void **state)
{
    const size_t len = 300000;
    struct sm_value a, b;

    (void)state;
    assert_int_equal(tree_items(&tree, SM_KIND_SET, len, &a), 0);
    assert_int_equal(tree_items(&tree, SM_KIND_SET, len, &b), 0);
    for (size_t i = 0; i < len; i++) {
        a.items->item[i] = sm_int((int64_t)i);
        b.items->item[i] = sm_int((int64_t)(len - 1 - i));
    }
    assert_int_equal(value_equal(a, b), 1);
    b.items->item[0] = sm_int(-1);
    assert_int_equal(value_equal(a, b), 0);
}

/* A list that holds itself, twice. */
static struct sm_value recursive_list(void)
{
    struct sm_value v;

    assert_int_equal(tree_items(&tree, SM_KIND_LIST, 2, &v), 0);
    v.items->item[0] = v;
    v.items->item[1] = v;
    return v;
}

static void recursion_is_bounded(void **state)
{
    struct sm_value a = recursive_list();
    struct sm_value b = recursive_list();
    struct sm_value culprit;
    uint64_t hash;

    (void)state;
    assert_int_equal(value_equal(a, a), 1);
    assert_int_equal(value_equal(a, b), -ELOOP);
    assert_int_equal(value_less(a, b, &culprit, &culprit), -ELOOP);
    a.kind = SM_KIND_TUPLE;
    a.items->item[0] = a;
    assert_int_equal(value_hash(a, &hash, &culprit), -ELOOP);
}

static void truth_is_pythons(void **state)
{
    static const char *const empty[] = {"None", "False", "0",  "0.0", "-0.0", "''",
                                        "b''",  "()",    "[]", "{}",  "set()"};
    static const char *const full[] = {"True",
                                       "1",
                                       "nan",
                                       "' '",
                                       "(0,)",
                                       "[None]",
                                       "m.C()",
                                       "decimal.Decimal('0.1')",
                                       "datetime.timedelta(0, 0, 1)",
                                       "datetime.time(b'\\0\\0\\0\\0\\0\\0')",
                                       "collections.deque() & append [0]"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
        assert_false(value_truth(recipe(&tree, empty[i])));
    for (size_t i = 0; i < ARRAY_SIZE(full); i++)
        assert_true(value_truth(recipe(&tree, full[i])));
}

#define LONG_TEXT ((size_t)1024 * 1024)
#define MANY 4000

/* A tuple that has the one value many times, as a short pickle can have it. */
static struct sm_value repeated(struct sm_value v)
{
    struct sm_value tuple;

    assert_int_equal(tree_items(&tree, SM_KIND_TUPLE, MANY, &tuple), 0);
    for (size_t i = 0; i < MANY; i++)
        tuple.items->item[i] = v;
    return tuple;
}

static struct sm_value long_text(void)
{
    char *text = arena_alloc(&tree.arena, LONG_TEXT);

    memset(text, 'x', LONG_TEXT);
    return sm_strn(text, LONG_TEXT);
}

static void what_is_slow_to_hash_counts_as_many_steps(void **state)
{
    struct sm_value culprit;
    uint64_t hash;

    (void)state;
    assert_int_equal(value_hash(repeated(long_text()), &hash, &culprit), -ELOOP);
    assert_int_equal(
        value_hash(repeated(recipe(&tree, "decimal.Decimal('1E-4299')")), &hash, &culprit), -ELOOP);
}

static void what_is_slow_to_compare_counts_as_many_steps(void **state)
{
    struct sm_value a = repeated(repeated(long_text())), b = repeated(repeated(long_text()));
    struct sm_value numbers = repeated(recipe(&tree, "decimal.Decimal('1E-4299')"));
    struct sm_value same = repeated(recipe(&tree, "decimal.Decimal('10E-4300')"));

    (void)state;
    assert_int_equal(value_equal(numbers, same), -ELOOP);
    assert_int_equal(value_equal(a, b), -ELOOP);
}

/* Values of classes that are not known: equality as the walk is to go on with them. */
static void unknown_classes_are_guessed_doubted_or_asked_about(void **state)
{
    static const struct {
        const char *a, *b;
        int guess, doubt, ask;
    } cases[] = {
        {"m.Level(1)", "1", 0, -ENOTSUP, -ENOTSUP},
        {"m.S('a')", "'a'", 0, -ENOTSUP, -ENOTSUP},
        {"m.Point(1, 2)", "(1, 2)", 0, -ENOTSUP, -ENOTSUP},
        {"(0, m.Level(1))", "(0, 1.0)", 0, -ENOTSUP, -ENOTSUP},
        {"m.Level(1)", "2", 0, 0, -ENOTSUP},
        {"m.Level(1)", "m.Level(1)", 1, 1, -ENOTSUP},
        {"m.Level(1)", "m.Level(2)", 0, 0, -ENOTSUP},
        {"m.C() & state {'a': 1}", "None", 0, 0, -ENOTSUP},
        {"decimal.Decimal('1')", "1", 1, 1, 1},
        {"uuid.UUID() & state {'int': 1}", "uuid.UUID() & state {'int': 1}", 1, 1, 1},
        {"collections.Counter({'a': 1})", "{'a': 1}", 1, 1, -ENOTSUP},
        {"1", "1.0", 1, 1, 1},
    };
    static const enum unknown ways[] = {UNKNOWN_GUESS, UNKNOWN_DOUBT, UNKNOWN_ASK};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const int expected[] = {cases[i].guess, cases[i].doubt, cases[i].ask};
        struct sm_value a = recipe(&tree, cases[i].a), b = recipe(&tree, cases[i].b);

        for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
            struct walk walk = {.unknown = ways[way]};

            if (walk_equal(&walk, a, b) != expected[way] ||
                walk_equal(&walk, b, a) != expected[way])
                fail_msg("%s == %s is not %d", cases[i].a, cases[i].b, expected[way]);
        }
    }
}

static void hash_and_order_of_unknown_classes_are_asked_about(void **state)
{
    struct walk walk = {.unknown = UNKNOWN_ASK};
    struct sm_value v = recipe(&tree, "(1, m.C(2))"), a, b;
    uint64_t hash;

    (void)state;
    assert_int_equal(walk_key_hash(&walk, v, &hash, &a), -ENOTSUP);
    assert_int_equal(walk_less(&walk, v, recipe(&tree, "(1, 2)"), &a, &b), -ENOTSUP);
    assert_int_equal(walk_less(&walk, v, recipe(&tree, "(2, 2)"), &a, &b), 1);
}

static void a_doubtful_object_hashes_as_what_it_is_made_of(void **state)
{
    static const struct pair pairs[] = {{"m.Level(1)", "1.0"}, {"m.Point(1, 2)", "(1, 2)"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        struct sm_value culprit;
        uint64_t a, b;

        assert_int_equal(value_hash(recipe(&tree, pairs[i].a), &a, &culprit), 0);
        assert_int_equal(value_hash(recipe(&tree, pairs[i].b), &b, &culprit), 0);
        assert_int_equal(a, b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_is_by_value_across_kinds),
        cmocka_unit_test(what_differs_is_unequal),
        cmocka_unit_test(ints_become_the_nearest_float),
        cmocka_unit_test(equal_values_hash_alike),
        cmocka_unit_test(the_culprit_of_an_unhashable_value_is_named),
        cmocka_unit_test(order_is_pythons),
        cmocka_unit_test(neither_of_what_has_no_order_is_less),
        cmocka_unit_test(the_pair_that_cannot_be_ordered_is_told),
        cmocka_unit_test(big_sets_compare_in_linear_time),
        cmocka_unit_test(recursion_is_bounded),
        cmocka_unit_test(what_is_slow_to_hash_counts_as_many_steps),
        cmocka_unit_test(what_is_slow_to_compare_counts_as_many_steps),
        cmocka_unit_test(truth_is_pythons),
        cmocka_unit_test(unknown_classes_are_guessed_doubted_or_asked_about),
        cmocka_unit_test(hash_and_order_of_unknown_classes_are_asked_about),
        cmocka_unit_test(a_doubtful_object_hashes_as_what_it_is_made_of),
    };

    return run_group(tests, make_tree, drop_tree);
}
